/// A layer's file table: every entry in the layer's order, in a compact form that is written and read as a stream.
///
/// `DSHFILES1`, then per entry a 1 and the fields (numbers as LEB128, signed ones zigzagged, the path by what it shares
/// with the one before), then a 0, the count and the 64-bit FNV-1a hash of all before it, little-endian. A table that
/// was cut short or changed is found out by that and counts as absent.
package enum FileTable {
    static let magic = Array("DSHFILES1".utf8)

    /// Decodes a whole table and hands out its entries. Throws `corrupt` where it is no valid one.
    package static func read(
        _ bytes: [UInt8], each: (TarEntry) throws(LayerError) -> Void
    ) throws(LayerError) {
        let invalid = LayerError(.corrupt, "the cached file table is damaged")
        guard bytes.count >= magic.count + 10, bytes.starts(with: magic) else { throw invalid }
        let end = bytes.count - 8
        var hash = FNV1a()
        bytes.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
        let stored = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[end + $1]) << UInt64(8 * $1) }
        guard hash.value == stored else { throw invalid }
        var decoder = TableDecoder(bytes: bytes[magic.count..<end])
        var path: [UInt8] = []
        var count: UInt64 = 0
        while true {
            guard let tag = decoder.byte() else { throw invalid }
            if tag == 0 { break }
            guard tag == 1, let entry = decoder.entry(after: path) else { throw invalid }
            path = entry.path
            count += 1
            try each(entry)
        }
        guard decoder.number() == count, decoder.isAtEnd else { throw invalid }
    }
}

/// FNV-1a, 64 bits: finds accidents, not attackers.
struct FNV1a {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
}

/// Writes a file table to an open file in pieces of 64 KB.
package struct FileTableWriter: ~Copyable {
    private let file: OpenFile
    private var buffer: [UInt8] = FileTable.magic
    private var hash = FNV1a()
    private var path: [UInt8] = []
    private var count: UInt64 = 0

    package init(_ file: consuming OpenFile) { self.file = file }

    mutating func append(_ entry: TarEntry) throws(LayerError) {
        let shared = zip(path, entry.path).prefix { $0 == $1 }.count
        buffer.append(1)
        number(UInt64(shared))
        text(entry.path[shared...])
        buffer.append(entry.kind.rawValue)
        number(UInt64(entry.mode))
        number(UInt64(bitPattern: entry.size))
        signed(entry.uid)
        signed(entry.gid)
        signed(entry.modified)
        number(UInt64(entry.nanoseconds.magnitude))
        switch entry.kind {
        case .hardLink, .symbolicLink: text(entry.linkName[...])
        case .characterDevice, .blockDevice:
            signed(entry.deviceMajor)
            signed(entry.deviceMinor)
        default: break
        }
        path = entry.path
        count += 1
        if buffer.count >= 64 << 10 { try flush() }
    }

    /// Writes the end of the table; the file's owner then gives it its name.
    package mutating func finish() throws(LayerError) {
        buffer.append(0)
        number(count)
        try flush()
        let value = hash.value
        buffer = (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
        try flush()
    }

    private mutating func flush() throws(LayerError) {
        buffer.withUnsafeBytes { hash.update($0) }
        do { try file.write(buffer) } catch { throw LayerError(error) }
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            buffer.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        buffer.append(UInt8(rest))
    }

    private mutating func signed(_ value: Int64) { number(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

    private mutating func text(_ bytes: ArraySlice<UInt8>) {
        number(UInt64(bytes.count))
        buffer.append(contentsOf: bytes)
    }
}

/// The other way round; every read that does not fit is nil.
private struct TableDecoder {
    var bytes: ArraySlice<UInt8>

    var isAtEnd: Bool { bytes.isEmpty }

    mutating func byte() -> UInt8? { bytes.popFirst() }

    mutating func number() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard let byte = byte() else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    mutating func signed() -> Int64? {
        number().map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
    }

    mutating func text() -> ArraySlice<UInt8>? {
        guard let count = number(), count <= UInt64(bytes.count) else { return nil }
        let text = bytes.prefix(Int(count))
        bytes = bytes.dropFirst(Int(count))
        return text
    }

    mutating func entry(after path: [UInt8]) -> TarEntry? {
        guard let shared = number(), shared <= UInt64(path.count), let suffix = text(),
            let kind = byte().flatMap(TarEntry.Kind.init), let mode = number(), let size = number(),
            let uid = signed(), let gid = signed(), let modified = signed(), let nanoseconds = number()
        else { return nil }
        var entry = TarEntry(
            kind: kind, path: Array(path[..<Int(shared)] + suffix), size: Int64(bitPattern: size),
            mode: UInt32(truncatingIfNeeded: mode), uid: uid, gid: gid, modified: modified,
            nanoseconds: Int32(truncatingIfNeeded: nanoseconds))
        switch kind {
        case .hardLink, .symbolicLink:
            guard let link = text() else { return nil }
            entry.linkName = Array(link)
        case .characterDevice, .blockDevice:
            guard let major = signed(), let minor = signed() else { return nil }
            entry.deviceMajor = major
            entry.deviceMinor = minor
        default: break
        }
        return entry
    }
}
