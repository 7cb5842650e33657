/// One entry of a tar stream, as Go's `archive/tar` (and so Docker) understands it.
package struct TarEntry: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, CaseIterable {
        case regular = 0x30
        case hardLink, symbolicLink, characterDevice, blockDevice, directory, fifo
    }

    package var kind: Kind
    /// The path without a leading `/` or `./`, cleaned as Go's `filepath.Clean` does; the root is `.`. Raw bytes: a
    /// layer may hold names that are no UTF-8.
    package var path: [UInt8]
    /// Where a link points: for a hard link a cleaned path in the layer, for a symbolic link the text as it is.
    package var linkName: [UInt8]
    /// The logical size: of a sparse file the size it has when unpacked.
    package var size: Int64
    /// Permission bits, set-uid, set-gid and sticky.
    package var mode: UInt32
    package var uid: Int64
    package var gid: Int64
    /// Seconds since 1970, and nanoseconds (0 ..< 10^9) on top.
    package var modified: Int64
    package var nanoseconds: Int32
    package var deviceMajor: Int64
    package var deviceMinor: Int64

    package init(
        kind: Kind, path: [UInt8], linkName: [UInt8] = [], size: Int64 = 0, mode: UInt32 = 0o644, uid: Int64 = 0,
        gid: Int64 = 0, modified: Int64 = 0, nanoseconds: Int32 = 0, deviceMajor: Int64 = 0, deviceMinor: Int64 = 0
    ) {
        self.kind = kind
        self.path = path
        self.linkName = linkName
        self.size = size
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.modified = modified
        self.nanoseconds = nanoseconds
        self.deviceMajor = deviceMajor
        self.deviceMinor = deviceMinor
    }

    /// The path as text; bytes that are no UTF-8 come out as U+FFFD.
    package var pathText: String { String(decoding: path, as: UTF8.self) }
    package var linkText: String { String(decoding: linkName, as: UTF8.self) }

    private var baseName: ArraySlice<UInt8> {
        path.lastIndex(of: UInt8(ascii: "/")).map { path[($0 + 1)...] } ?? path[...]
    }

    /// A whiteout: the entry says that a lower layer's file is gone (OCI image-spec `layer.md#whiteouts`).
    package var isWhiteout: Bool { baseName.starts(with: ".wh.".utf8) }

    /// An opaque whiteout: nothing of the lower layers' directory is to be seen.
    package var isOpaque: Bool { baseName.elementsEqual(".wh..wh..opq".utf8) }

    /// What the entry adds to an image's size: a regular file's bytes; links, devices and whiteouts nothing.
    package var fileBytes: Int64 { kind == .regular && !isWhiteout ? size : 0 }
}

/// Takes what `TarWalker` finds.
package protocol TarVisitor: ~Copyable {
    /// An entry's header.
    mutating func entry(_ entry: TarEntry) throws(LayerError)
    /// The next bytes of the last regular entry, as they are stored (of a sparse file: its map and its data).
    mutating func content(_ bytes: UnsafeRawBufferPointer) throws(LayerError)
}
