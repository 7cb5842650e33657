import Testing

@testable import Layers

@Suite struct TarWalkerTests {
    static let sample =
        TarFixture.entry("etc", .directory) + TarFixture.entry("etc/passwd", body: Array("root:x:0".utf8))
        + TarFixture.entry("bin/sh", .symbolicLink, link: "../usr/bin/dash")
        + TarFixture.entry("usr/passwd", .hardLink, link: "/etc/passwd")
        + TarFixture.entry("etc/.wh.shadow") + TarFixture.entry("var/.wh..wh..opq")
        + TarFixture.entry(String(repeating: "d/", count: 120) + "é", body: [UInt8](repeating: 1, count: 700))
        + TarFixture.end

    @Test(arguments: [1, 100, 512, 1000, Int.max])
    func findsEntriesInPiecesOfAnySize(step: Int) throws {
        let found = try walk(Self.sample, step: step)
        #expect(
            found.entries.map(\.pathText) == [
                "etc", "etc/passwd", "bin/sh", "usr/passwd", "etc/.wh.shadow", "var/.wh..wh..opq",
                String(repeating: "d/", count: 120) + "é",
            ])
        #expect(found.entries.map(\.linkText).filter { !$0.isEmpty } == ["../usr/bin/dash", "etc/passwd"])
        #expect(found.entries.map(\.fileBytes) == [0, 8, 0, 0, 0, 0, 700])
        #expect(found.entries.map(\.isWhiteout) == [false, false, false, false, true, true, false])
        #expect(found.entries.map(\.isOpaque) == [false, false, false, false, false, true, false])
        #expect(found.content == Array("root:x:0".utf8) + [UInt8](repeating: 1, count: 700))
    }

    /// Cut anywhere but between entries, the stream is an error; between them, as for Go, it is an end.
    @Test func findsTruncation() throws {
        let stream = TarFixture.entry("a", body: [1, 2, 3]) + TarFixture.entry("b", body: [4])
        for length in 0..<stream.count {
            let cut = Array(stream.prefix(length))
            // The last body's padding may be missing: Go reads it only when it looks for the next header.
            let isWhole = length % 1024 == 0 || length % 1024 >= 512 + 3 || (length >= 1024 && length % 1024 >= 513)
            if isWhole {
                #expect(throws: Never.self) { try walk(cut) }
            } else {
                #expect(throws: LayerError.self) { try walk(cut) }
            }
        }
    }

    static let accepted: [(String, [UInt8], [String])] = [
        ("nothing at all", [], []),
        ("garbage after the end", TarFixture.entry("a") + TarFixture.end + Array("garbage".utf8), ["a"]),
        ("one zero block at the end", TarFixture.entry("a") + [UInt8](repeating: 0, count: 512), ["a"]),
        ("an absolute path stays inside", TarFixture.entry("/../../etc/x"), ["etc/x"]),
        ("dots and slashes", TarFixture.entry("./a//b/./c/../d"), ["a/b/d"]),
        ("the root", TarFixture.entry("./", .directory), ["."]),
        (
            "a global header changes nothing",
            TarFixture.rawPax(Array("17 path=elsewhere\n".utf8).withLength, typeFlag: "g") + TarFixture.entry("a"),
            ["a"]
        ),
        ("an empty pax value", TarFixture.pax([("path", "")]) + TarFixture.entry("a"), ["a"]),
        ("a pax name", TarFixture.pax([("path", "e\u{301}")]) + TarFixture.entry("a"), ["e\u{301}"]),
        (
            "a GNU long name",
            TarFixture.rawPax(Array("long/name\u{0}".utf8), typeFlag: "L") + TarFixture.entry("a"), ["long/name"]
        ),
        ("a name cut at NUL", TarFixture.block([(0, Array("a\u{0}b".utf8))]), ["a"]),
        ("V7's directory", TarFixture.block([(0, Array("dir/".utf8)), (156, [0])]), ["dir"]),
        ("an unknown magic", TarFixture.block([(257, Array("strange".utf8))]), ["file"]),
        (
            "a hard link has no body, whatever it says",
            TarFixture.block([(124, Array("00000010000".utf8)), (156, Array("1".utf8)), (157, Array("x".utf8))])
                + TarFixture.entry("next"), ["file", "next"]
        ),
        (
            "GNU's sparse 1.0 name",
            TarFixture.pax([
                ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "real"),
                ("GNU.sparse.realsize", "1000000"),
            ]) + TarFixture.entry("GNUSparseFile.0/real", body: [UInt8](repeating: 0x30, count: 512)), ["real"]
        ),
    ]

    @Test(arguments: accepted.map(\.0))
    func readsAsDockerDoes(name: String) throws {
        let (_, stream, paths) = try #require(Self.accepted.first { $0.0 == name })
        #expect(try walk(stream).entries.map(\.pathText) == paths)
    }

    @Test func countsSparseFilesInFull() throws {
        let pax =
            TarFixture.pax([
                ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "real"),
                ("GNU.sparse.realsize", "1000000"),
            ]) + TarFixture.entry("x", body: [UInt8](repeating: 0x30, count: 512))
        #expect(try walk(pax).entries.map(\.fileBytes) == [1_000_000])
        let old =
            TarFixture.block([
                (257, Array("ustar  \u{0}".utf8)), (156, Array("S".utf8)), (124, Array("00000000010".utf8)),
                (482, [1]), (483, Array("00003641100".utf8)),
            ]) + [UInt8](repeating: 0, count: 512) + [UInt8](repeating: 7, count: 512) + TarFixture.entry("next")
        let found = try walk(old)
        #expect(found.entries.map(\.fileBytes) == [1_000_000, 0])
        #expect(found.content == [UInt8](repeating: 7, count: 8))
    }

    static let refused: [(String, [UInt8])] = [
        ("a path that climbs out", TarFixture.entry("a/../../b")),
        ("a hard link that climbs out", TarFixture.entry("a", .hardLink, link: "../../etc/shadow")),
        ("a NUL in a pax path", TarFixture.pax([("path", "a\u{0}b")]) + TarFixture.entry("a")),
        ("a NUL in a pax key", TarFixture.pax([("a\u{0}b", "c")]) + TarFixture.entry("a")),
        ("a pax length too short", TarFixture.rawPax(Array("3 a=b\n".utf8)) + TarFixture.entry("a")),
        ("a pax length too long", TarFixture.rawPax(Array("99 path=b\n".utf8)) + TarFixture.entry("a")),
        ("a huge pax length", TarFixture.rawPax(Array("99999999999999999999 p=b\n".utf8)) + TarFixture.entry("a")),
        ("a negative pax length", TarFixture.rawPax(Array("-12 path=b\n".utf8)) + TarFixture.entry("a")),
        ("a negative pax size", TarFixture.pax([("size", "-1")]) + TarFixture.entry("a")),
        ("a pax size that is no number", TarFixture.pax([("size", "1e3")]) + TarFixture.entry("a")),
        ("a pax time that is none", TarFixture.pax([("mtime", "now")]) + TarFixture.entry("a")),
        ("sparse pairs out of order", TarFixture.pax([("GNU.sparse.numbytes", "1")]) + TarFixture.entry("a")),
        (
            "a path longer than PATH_MAX",
            TarFixture.pax([("path", String(repeating: "d/", count: 2100))])
                + TarFixture.entry("a")
        ),
        ("a component longer than NAME_MAX", TarFixture.entry(String(repeating: "n", count: 256))),
        ("a base-256 size that is negative", TarFixture.block([(124, [UInt8](repeating: 0xff, count: 12))])),
        ("a base-256 size out of range", TarFixture.block([(124, [0x80, 0xff] + [UInt8](repeating: 1, count: 10))])),
        ("a size that is no octal", TarFixture.block([(124, Array("0000000009 ".utf8))])),
        ("an unknown type", TarFixture.block([(156, Array("Z".utf8))])),
        ("one zero block in the middle", [UInt8](repeating: 0, count: 512) + TarFixture.entry("a")),
        ("text", Array(String(repeating: "no tar at all ", count: 40).utf8)),
        ("a pax header beyond 1 MB", TarFixture.block([(124, Array("00004000001".utf8)), (156, Array("x".utf8))])),
        ("a body beyond the stream", TarFixture.block([(124, Array("77777777777".utf8))])),
        (
            "a huge base-256 size",
            TarFixture.block([(124, [0x80, 0, 0, 0, 0x7f] + [UInt8](repeating: 0xff, count: 7))])
        ),
    ]

    @Test(arguments: refused.map(\.0))
    func refuses(name: String) throws {
        let stream = try #require(Self.refused.first { $0.0 == name }).1
        #expect { try walk(stream) } throws: { ($0 as? LayerError)?.code == .corrupt }
    }

    /// No single changed byte makes the walker trap.
    @Test func survivesDamage() throws {
        for offset in stride(from: 0, to: Self.sample.count, by: 13) {
            for value in [UInt8(0), 0x39, 0x80, 0xff] {
                var damaged = Self.sample
                damaged[offset] = value
                _ = try? walk(damaged, step: 700)
            }
        }
    }

    @Test func boundsTheEntries() {
        var walker = TarWalker(visitor: Collector(), maximumEntries: 3)
        #expect(throws: LayerError.self) {
            try Self.sample.withBytes { raw throws(LayerError) in try walker.push(raw) }
        }
    }

    @Test func readsTimes() throws {
        for (text, seconds, nanoseconds) in [("12.5", 12, 500_000_000), ("-1.25", -2, 750_000_000), ("7", 7, 0)] {
            let found = try walk(TarFixture.pax([("mtime", text)]) + TarFixture.entry("a"))
            #expect(found.entries.first?.modified == Int64(seconds))
            #expect(found.entries.first?.nanoseconds == Int32(nanoseconds))
        }
    }
}

extension [UInt8] {
    /// `17 path=…\n` with the length put right.
    fileprivate var withLength: [UInt8] {
        let rest = Array(drop { $0 != 0x20 })
        return Array(String(rest.count + 2).utf8) + rest
    }
}
