import Layers
import Testing

@Suite struct ImageFilesTests {
    private func entry(_ path: String, _ kind: TarEntry.Kind = .regular, size: Int64 = 1) -> TarEntry {
        TarEntry(kind: kind, path: Array(path.utf8), size: kind == .regular ? size : 0)
    }

    /// Paths that are left of layers, base first; a slash at the end is a directory.
    private func paths(_ layers: [[String]]) -> [String] {
        var files = ImageFiles()
        for layer in layers.reversed() {
            files.add(layer.map { $0.hasSuffix("/") ? entry(String($0.dropLast()), .directory) : entry($0) })
        }
        return files.files.keys.map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    @Test(
        arguments: [
            ([["a", "b"], ["c"]], ["a", "b", "c"]), ([["a", "b"], [".wh.a"]], ["b"]),
            ([["d/", "d/a", "d/b"], [".wh.d"]], []), ([["d/", "d/a", "d/b"], ["d/.wh.a"]], ["d", "d/b"]),
            ([["d/", "d/a"], ["d/", "d/.wh..wh..opq", "d/n"]], ["d", "d/n"]),
            ([["d/", "d/a"], [".wh..wh..opq", "n"]], ["n"]),
            // A layer's whiteouts are not about its own entries, whatever their order.
            ([["a"], ["a", ".wh.a"]], ["a"]), ([["a"], [".wh.a"], ["a"]], ["a"]),
            // A file takes a directory's place, and the other way round.
            ([["d/", "d/a"], ["d"]], ["d"]), ([["d"], ["d/", "d/a"]], ["d", "d/a"]),
            ([["d/", "d/e/", "d/e/f"], ["d/.wh.e"], ["d/e/", "d/e/g"]], ["d", "d/e", "d/e/g"]),
            ([["./", "a"], []], ["a"]), ([], []),
        ] as [([[String]], [String])])
    func layersLieOverEachOther(_ layers: [[String]], _ expected: [String]) {
        #expect(paths(layers) == expected)
    }

    private func files(_ entries: [TarEntry]) -> ImageFiles {
        var files = ImageFiles()
        files.add(entries)
        return files
    }

    @Test func tellsWhatChanged() {
        let old = files([entry("a"), entry("b"), entry("c"), entry("d", .directory)])
        var directory = entry("d", .directory)
        directory.modified = 5
        var later = entry("c")
        later.modified = 5
        let new = files([entry("a"), entry("b", size: 2), later, directory, entry("e")])
        let changes = FileChange.between((old, ["x"]), (new, ["y"]))
        #expect(
            changes.map { "\($0.kind) \(String(decoding: $0.path, as: UTF8.self))" } == [
                "changed b", "changed c", "added e",
            ])
        #expect(changes[0].before?.size == 1 && changes[0].after?.size == 2)
        let back = FileChange.between((new, ["y"]), (old, ["x"]))
        #expect(back.map(\.kind) == [.changed, .changed, .removed])
        #expect(FileChange.between((old, ["x"]), (new, ["x"])).map(\.kind) == [.added])
    }
}
