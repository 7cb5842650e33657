/// Walks a tar stream that is pushed in pieces of any size, in constant memory.
///
/// The rules are those of Go's `archive/tar.Reader.Next` with Docker's path checks, so that a layer means here what it
/// means to the engines: two zero blocks end the archive and what follows is ignored, the end of the stream between
/// entries does too, pax and GNU long names apply to the next entry, global pax headers are passed over. libarchive is
/// not used because it rewrites names (pax names are normalised to NFC) and gives hard links with a size a body.
package struct TarWalker<Visitor: TarVisitor & ~Copyable>: ~Copyable {
    package var visitor: Visitor
    private let maximumEntries: Int
    private let staysInside: Bool
    package private(set) var entries = 0

    private enum State {
        case header
        /// The body of a pax or GNU header that describes the next entry.
        case special(typeFlag: UInt8, left: Int)
        /// Old GNU sparse: one more block of the map, then the body of `size` bytes.
        case sparseMap(size: Int64)
        case content(left: Int64, isFile: Bool)
        case padding(left: Int, then: Next)
        /// One zero block was read.
        case zeroBlock
        case ended
    }

    private enum Next {
        case header
        case special(UInt8)
    }

    private var state = State.header
    private var block: [UInt8] = []
    private var special: [UInt8] = []
    private var pax: PaxRecords?
    private var longName: [UInt8]?
    private var longLink: [UInt8]?

    /// Go's `maxSpecialFileSize`.
    private static var maximumSpecial: Int64 { 1 << 20 }

    /// With `staysInside`, an absolute name and one with a `..` in it are refused, where otherwise they are read as Docker
    /// reads a layer's.
    package init(visitor: consuming Visitor, maximumEntries: Int = .max, staysInside: Bool = false) {
        self.visitor = visitor
        self.maximumEntries = maximumEntries
        self.staysInside = staysInside
        block.reserveCapacity(TarHeader.blockLength)
    }

    /// Gives the visitor back.
    package consuming func intoVisitor() -> Visitor { visitor }

    /// Takes the next bytes. Throws `corrupt` for an invalid stream, and what the visitor throws.
    package mutating func push(_ bytes: UnsafeRawBufferPointer) throws(LayerError) {
        var rest = bytes
        while !rest.isEmpty {
            switch state {
            case .ended: return
            case .header, .zeroBlock, .sparseMap: try takeBlock(&rest)
            case .special(let typeFlag, let left):
                let piece = TarWalker.take(left, from: &rest)
                special.append(contentsOf: piece)
                state = .special(typeFlag: typeFlag, left: left - piece.count)
                if left == piece.count {
                    state = .padding(left: TarWalker.padding(Int64(special.count)), then: .special(typeFlag))
                    try skipPadding(&rest)
                }
            case .content(let left, let isFile):
                let piece = TarWalker.take(Int(clamping: left), from: &rest)
                if isFile { try visitor.content(piece) }
                state = .content(left: left - Int64(piece.count), isFile: isFile)
                if left == Int64(piece.count) { state = .padding(left: contentPadding, then: .header) }
                try skipPadding(&rest)
            case .padding: try skipPadding(&rest)
            }
        }
    }

    /// The stream is at its end. Throws `corrupt` where that is inside an entry.
    package func finish() throws(LayerError) {
        switch state {
        case .header where block.isEmpty, .zeroBlock where block.isEmpty, .ended: return
        // As Go: the last entry's padding may be missing.
        case .padding(_, .header): return
        default: throw LayerError(.corrupt, "the layer's tar stream ends too early")
        }
    }

    private var contentPadding = 0

    private static func take(_ count: Int, from rest: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let length = min(count, rest.count)
        let piece = UnsafeRawBufferPointer(rebasing: rest[..<length])
        rest = UnsafeRawBufferPointer(rebasing: rest[length...])
        return piece
    }

    private static func padding(_ size: Int64) -> Int { Int((512 - size % 512) % 512) }

    private mutating func skipPadding(_ rest: inout UnsafeRawBufferPointer) throws(LayerError) {
        guard case .padding(let left, let next) = state else { return }
        let skipped = TarWalker.take(left, from: &rest).count
        guard skipped == left else {
            state = .padding(left: left - skipped, then: next)
            return
        }
        state = .header
        if case .special(let typeFlag) = next { try endSpecial(typeFlag) }
    }

    private mutating func takeBlock(_ rest: inout UnsafeRawBufferPointer) throws(LayerError) {
        if block.isEmpty, rest.count >= TarHeader.blockLength {
            return try read(TarWalker.take(TarHeader.blockLength, from: &rest))
        }
        block.append(contentsOf: TarWalker.take(TarHeader.blockLength - block.count, from: &rest))
        guard block.count == TarHeader.blockLength else { return }
        let whole = block
        block.removeAll(keepingCapacity: true)
        try whole.withBytes { raw throws(LayerError) in try read(raw) }
    }

    private mutating func read(_ block: UnsafeRawBufferPointer) throws(LayerError) {
        if case .sparseMap(let size) = state {
            // The last byte of the entries' array in an extension block says whether one more follows.
            if block[504] == 0 { startContent(size, isFile: true) }
            return
        }
        let isZero = block.allSatisfy { $0 == 0 }
        if case .zeroBlock = state {
            guard isZero else { throw TarHeader.invalid("follows a single zero block") }
            state = .ended
        } else if isZero {
            state = .zeroBlock
        } else {
            try begin(try TarHeader(block))
        }
    }

    private mutating func startContent(_ size: Int64, isFile: Bool) {
        contentPadding = TarWalker.padding(size)
        state = size == 0 ? .header : .content(left: size, isFile: isFile)
    }

    private mutating func begin(_ header: TarHeader) throws(LayerError) {
        switch header.typeFlag {
        case UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K"):
            guard (0...TarWalker.maximumSpecial).contains(header.size) else {
                throw TarHeader.invalid("describes a name of \(header.size) bytes")
            }
            special.removeAll(keepingCapacity: header.size < 4096)
            state = .special(typeFlag: header.typeFlag, left: Int(header.size))
            if header.size == 0 {
                state = .header
                try endSpecial(header.typeFlag)
            }
        default: try beginEntry(header)
        }
    }

    private mutating func endSpecial(_ typeFlag: UInt8) throws(LayerError) {
        switch typeFlag {
        case UInt8(ascii: "x"): pax = try PaxRecords(special)
        case UInt8(ascii: "g"):
            // Go hands a global header out and forgets everything before it; Docker then passes it over.
            _ = try PaxRecords(special)
            forgetPending()
        case UInt8(ascii: "L"): longName = Array(special.prefix { $0 != 0 })
        default: longLink = Array(special.prefix { $0 != 0 })
        }
    }

    private mutating func forgetPending() {
        pax = nil
        longName = nil
        longLink = nil
    }

    private mutating func beginEntry(_ original: TarHeader) throws(LayerError) {
        var header = original
        var nanoseconds: Int32 = 0
        try pax?.merge(into: &header, nanoseconds: &nanoseconds)
        if let longName, !longName.isEmpty { header.name = longName }
        if let longLink, !longLink.isEmpty { header.linkName = longLink }
        var logicalSize = header.size
        if header.typeFlag == UInt8(ascii: "S") {
            guard header.format == .gnu else { throw TarHeader.invalid("is of a sparse file in a foreign format") }
            logicalSize = header.sparseSize
        } else if let sparse = try pax?.sparse() {
            guard !header.isHeaderOnly else { throw TarHeader.invalid("makes something sparse that is no file") }
            if let name = sparse.name { header.name = name }
            if let size = sparse.size { logicalSize = size }
        }
        let stored = header.isHeaderOnly ? 0 : header.size
        guard stored >= 0, logicalSize >= 0 || header.isHeaderOnly else {
            throw TarHeader.invalid("has a negative size")
        }
        // Go turns V7's NUL type into a directory where the name ends with a slash, and skips the body by its size.
        let isDirectory = header.typeFlag == 0 && header.name.last == UInt8(ascii: "/")
        if let kind = isDirectory ? .directory : TarWalker.kind(header.typeFlag) {
            entries += 1
            guard entries <= maximumEntries else {
                throw LayerError(.corrupt, "the layer has more than \(maximumEntries) entries")
            }
            if staysInside { try LayerPath.checkInside(header.name) }
            try visitor.entry(
                try TarWalker.entry(kind, header, size: logicalSize, nanoseconds: nanoseconds))
            startContent(isDirectory ? 0 : stored, isFile: kind == .regular)
        } else {
            throw LayerError(.corrupt, "the layer has a tar entry of unknown type \(header.typeFlag)")
        }
        forgetPending()
        if header.hasSparseExtension { state = .sparseMap(size: stored) }
    }

    private static func kind(_ typeFlag: UInt8) -> TarEntry.Kind? {
        switch typeFlag {
        case 0, UInt8(ascii: "7"), UInt8(ascii: "S"): .regular
        default: TarEntry.Kind(rawValue: typeFlag)
        }
    }

    private static func entry(
        _ kind: TarEntry.Kind, _ header: TarHeader, size: Int64, nanoseconds: Int32
    ) throws(LayerError) -> TarEntry {
        var link: [UInt8] = []
        switch kind {
        case .hardLink: link = try LayerPath.clean(header.linkName)
        case .symbolicLink:
            link = header.linkName
            guard link.count <= LayerPath.maximumLength else { throw TarHeader.invalid("has a too long link target") }
        default: break
        }
        return TarEntry(
            kind: kind, path: try LayerPath.clean(header.name), linkName: link, size: kind == .regular ? size : 0,
            mode: UInt32(truncatingIfNeeded: header.mode) & 0o7777, uid: header.uid, gid: header.gid,
            modified: header.modified, nanoseconds: nanoseconds, deviceMajor: header.deviceMajor,
            deviceMinor: header.deviceMinor)
    }
}
