/// One 512-byte tar header block: the fields of V7, ustar, star and GNU headers.
///
/// What is valid follows Go's `archive/tar/reader.go` and `format.go`, since that is what Docker and containerd read
/// layers with: both checksums, octal and base-256 numbers, an unknown magic read as V7.
struct TarHeader {
    enum Format { case v7, ustar, star, gnu }

    static let blockLength = 512

    let format: Format
    var typeFlag: UInt8
    var name: [UInt8]
    var linkName: [UInt8]
    var size: Int64
    var mode: Int64
    var uid: Int64
    var gid: Int64
    var modified: Int64
    var deviceMajor: Int64 = 0
    var deviceMinor: Int64 = 0
    /// Old GNU sparse: the logical size, and whether blocks with more of the map follow the header.
    private(set) var sparseSize: Int64 = 0
    private(set) var hasSparseExtension = false

    /// Reads a block of exactly 512 bytes that is not all zero.
    init(_ block: UnsafeRawBufferPointer) throws(LayerError) {
        guard block.count == TarHeader.blockLength else { throw TarHeader.invalid("is cut short") }
        guard TarHeader.hasChecksum(block) else { throw TarHeader.invalid("has a wrong checksum") }
        let magic = block[257..<263]
        let version = block[263..<265]
        if magic.elementsEqual("ustar\0".utf8) {
            format = block[508..<512].elementsEqual("tar\0".utf8) ? .star : .ustar
        } else if magic.elementsEqual("ustar ".utf8), version.elementsEqual(" \0".utf8) {
            format = .gnu
        } else {
            format = .v7
        }
        typeFlag = block[156]
        name = TarHeader.text(block[0..<100])
        linkName = TarHeader.text(block[157..<257])
        mode = try TarHeader.number(block[100..<108])
        uid = try TarHeader.number(block[108..<116])
        gid = try TarHeader.number(block[116..<124])
        size = try TarHeader.number(block[124..<136])
        modified = try TarHeader.number(block[136..<148])
        if format == .v7 { return }
        deviceMajor = try TarHeader.number(block[329..<337])
        deviceMinor = try TarHeader.number(block[337..<345])
        switch format {
        case .ustar: addPrefix(TarHeader.text(block[345..<500]))
        case .star: addPrefix(TarHeader.text(block[345..<476]))
        case .gnu:
            if typeFlag == UInt8(ascii: "S") {
                sparseSize = try TarHeader.number(block[483..<495])
                hasSparseExtension = block[482] > 0
            }
        case .v7: break
        }
    }

    private mutating func addPrefix(_ prefix: [UInt8]) {
        if !prefix.isEmpty { name = prefix + [UInt8(ascii: "/")] + name }
    }

    /// Links, devices, directories and fifos have no content, whatever their size field says.
    var isHeaderOnly: Bool { (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(typeFlag) }

    static func invalid(_ what: String) -> LayerError {
        LayerError(.corrupt, "the layer is no valid tar stream: a header \(what)")
    }

    /// Bytes up to the first NUL.
    static func text(_ field: Slice<UnsafeRawBufferPointer>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

    /// The sum of all bytes with the checksum field read as spaces; some old writers summed signed bytes.
    private static func hasChecksum(_ block: UnsafeRawBufferPointer) -> Bool {
        guard let wanted = octal(block[148..<156]) else { return false }
        var unsigned: Int64 = 0
        var signed: Int64 = 0
        for (index, byte) in block.enumerated() {
            let value = (148..<156).contains(index) ? 0x20 : byte
            unsigned += Int64(value)
            signed += Int64(Int8(bitPattern: value))
        }
        return wanted == unsigned || wanted == signed
    }

    /// Octal text, or base-256 in two's complement where the first bit is set.
    static func number(_ field: Slice<UnsafeRawBufferPointer>) throws(LayerError) -> Int64 {
        guard let first = field.first, first & 0x80 != 0 else {
            guard let value = octal(field) else { throw invalid("has a number that is none") }
            return value
        }
        let inversion: UInt8 = first & 0x40 != 0 ? 0xff : 0
        var value: UInt64 = 0
        for (index, byte) in field.enumerated() {
            guard value >> 56 == 0 else { throw invalid("has a number out of range") }
            let digit = byte ^ inversion
            value = value << 8 | UInt64(index == 0 ? digit & 0x7f : digit)
        }
        guard value >> 63 == 0 else { throw invalid("has a number out of range") }
        return inversion == 0 ? Int64(value) : ~Int64(value)
    }

    /// Octal digits within spaces and NULs; none at all is 0.
    private static func octal(_ field: Slice<UnsafeRawBufferPointer>) -> Int64? {
        func isPadding(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0 }
        var digits = field.drop(while: isPadding)
        while let last = digits.last, isPadding(last) { digits = digits.dropLast() }
        var value: Int64 = 0
        for byte in digits {
            if byte == 0 { break }
            guard (0x30...0x37).contains(byte) else { return nil }
            value = value << 3 | Int64(byte - 0x30)
        }
        return value
    }
}
