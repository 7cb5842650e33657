/// The files of an image as a container sees them: its layers over each other, whiteouts applied (OCI image-spec
/// `layer.md#applying-changesets`). Layers are given from the top to the base, so that what is hidden is never kept.
package struct ImageFiles: Sendable {
    package struct File: Sendable {
        package let entry: TarEntry
        /// Which of the layers it is from, counted from the top.
        package let layer: Int
    }

    /// By path. The root is not among them.
    package private(set) var files: [[UInt8]: File] = [:]
    /// Paths that a whiteout of a layer above says are gone, with all below them.
    private var gone: Set<[UInt8]> = []
    /// Directories whose content in the layers below is hidden.
    private var opaque: Set<[UInt8]> = []
    private var layers = 0

    package init() {}

    /// Adds the next layer down: its entries in their order.
    package mutating func add(_ entries: [TarEntry]) {
        var own: [[UInt8]: TarEntry] = [:]
        var ownGone: [[UInt8]] = []
        var ownOpaque: [[UInt8]] = []
        for entry in entries {
            let parent = ImageFiles.parent(of: entry.path)
            if entry.isOpaque {
                ownOpaque.append(parent ?? [])
            } else if entry.isWhiteout {
                let start = parent.map { $0.count + 1 } ?? 0
                ownGone.append(Array(entry.path[..<start] + entry.path[(start + ".wh.".utf8.count)...]))
            } else if entry.path != [UInt8(ascii: ".")] {
                own[entry.path] = entry
            }
        }
        // Only what was above hides: a layer's own whiteouts are about the layers below it.
        for (path, entry) in own where files[path] == nil && !isHidden(path) {
            files[path] = File(entry: entry, layer: layers)
        }
        gone.formUnion(ownGone)
        opaque.formUnion(ownOpaque)
        layers += 1
    }

    private func isHidden(_ path: [UInt8]) -> Bool {
        if gone.contains(path) { return true }
        var rest = path
        while let parent = ImageFiles.parent(of: rest) {
            if gone.contains(parent) || opaque.contains(parent) { return true }
            // A file above took the directory's place.
            if let file = files[parent], file.entry.kind != .directory, file.layer < layers { return true }
            rest = parent
        }
        return opaque.contains([])
    }

    /// The directory that holds a path; nil for what is in the root.
    private static func parent(of path: [UInt8]) -> [UInt8]? {
        path.lastIndex(of: UInt8(ascii: "/")).map { Array(path[..<$0]) }
    }
}

/// A path that two images have differently.
package struct FileChange: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case added, changed, removed
    }

    package let path: [UInt8]
    package let kind: Kind
    package let before: TarEntry?
    package let after: TarEntry?

    /// What differs between two images, in the order of the paths. Where both have a path of the same layer (`digests`
    /// from the top), or with the same kind, size, mode, owner, time and link target, nothing changed; of directories the
    /// time says nothing.
    package static func between(
        _ old: (files: ImageFiles, digests: [String]), _ new: (files: ImageFiles, digests: [String])
    ) -> [FileChange] {
        var changes: [FileChange] = []
        for (path, file) in old.files.files {
            guard let other = new.files.files[path] else {
                changes.append(FileChange(path: path, kind: .removed, before: file.entry, after: nil))
                continue
            }
            if old.digests[file.layer] == new.digests[other.layer] || isSame(file.entry, other.entry) { continue }
            changes.append(FileChange(path: path, kind: .changed, before: file.entry, after: other.entry))
        }
        for (path, file) in new.files.files where old.files.files[path] == nil {
            changes.append(FileChange(path: path, kind: .added, before: nil, after: file.entry))
        }
        return changes.sorted { $0.path.lexicographicallyPrecedes($1.path) }
    }

    private static func isSame(_ left: TarEntry, _ right: TarEntry) -> Bool {
        guard left.kind == .directory, right.kind == .directory else { return left == right }
        return (left.mode, left.uid, left.gid) == (right.mode, right.uid, right.gid)
    }
}
