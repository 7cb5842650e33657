/// Takes a reference's text apart, byte by byte: lists parse ten thousand of them.
///
/// Grammar: distribution's `reference/regexp.go` and `normalize.go`.
struct ReferenceParts {
    private(set) var registry = Repository.defaultRegistry
    private(set) var path = ""
    private(set) var tag: String?
    private(set) var digest: String?

    private let bytes: UnsafeRawBufferPointer

    /// The bytes must outlive `parse`.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Fills in the parts; the reason where the text is no reference.
    mutating func parse() -> ReferenceError.Reason? {
        var rest = bytes[...]
        // distribution's `splitDockerDomain`: a first component is a registry only if it could be no user of Docker Hub.
        if let slash = rest.firstIndex(of: UInt8(ascii: "/")) {
            let first = UnsafeRawBufferPointer(rebasing: rest[..<slash])
            if first.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") || Self.isUpper($0) })
                || Self.equal(first, "localhost")
            {
                guard Self.isRegistry(first) else { return .format }
                if !Self.equal(first, "index.docker.io"), !Self.equal(first, "docker.io") {
                    registry = String(decoding: first, as: UTF8.self)
                }
                rest = rest[(slash + 1)...]
            }
        }
        if let at = rest.firstIndex(of: UInt8(ascii: "@")) {
            digest = String(decoding: rest[(at + 1)...], as: UTF8.self)
            rest = rest[..<at]
        }
        var tagBytes: Slice<UnsafeRawBufferPointer>?
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            tagBytes = rest[(colon + 1)...]
            rest = rest[..<colon]
        }
        let isOfficial = registry == Repository.defaultRegistry && !rest.contains(UInt8(ascii: "/"))
        path = (isOfficial ? "library/" : "") + String(decoding: rest, as: UTF8.self)
        if rest.contains(where: Self.isUpper) { return .upperCase(path) }
        guard Self.isPath(rest) else { return .format }
        if let tagBytes {
            guard Self.isTag(UnsafeRawBufferPointer(rebasing: tagBytes)) else { return .format }
            tag = String(decoding: tagBytes, as: UTF8.self)
        }
        return path.utf8.count <= 255 ? nil : .tooLong
    }

    /// At most 128 of `A-Za-z0-9_.-`, not starting with `.` or `-`.
    static func isTag(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let first = text.first, text.count <= 128, isWord(first) else { return false }
        return text.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// `host[:port]`, host being dotted names or an IPv6 address in brackets.
    private static func isRegistry(_ text: UnsafeRawBufferPointer) -> Bool {
        var host = text[...]
        if text.first == UInt8(ascii: "[") {
            guard let close = text.firstIndex(of: UInt8(ascii: "]")), close > 1 else { return false }
            guard text[1..<close].allSatisfy({ isHexDigit($0) || $0 == UInt8(ascii: ":") }) else { return false }
            let after = text[(close + 1)...]
            return after.isEmpty || (after.first == UInt8(ascii: ":") && isPort(after.dropFirst()))
        }
        if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            guard isPort(text[(colon + 1)...]) else { return false }
            host = text[..<colon]
        }
        var labelStart = true
        var previous = UInt8(ascii: ".")
        for byte in host {
            if byte == UInt8(ascii: ".") {
                guard !labelStart, previous != UInt8(ascii: "-") else { return false }
                labelStart = true
            } else {
                guard isAlphanumeric(byte) || (byte == UInt8(ascii: "-") && !labelStart) else { return false }
                labelStart = false
            }
            previous = byte
        }
        return !labelStart && previous != UInt8(ascii: "-")
    }

    private static func isPort(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        !text.isEmpty && text.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Components parted by `/`: `[a-z0-9]+(([._]|__|[-]+)[a-z0-9]+)*` each.
    private static func isPath(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        // What stood since the last letter or digit: how many, and of which kind.
        var run = 0
        var separator: UInt8 = 0
        var hasStarted = false
        for byte in text {
            if isLowerAlphanumeric(byte) {
                hasStarted = true
                run = 0
            } else if byte == UInt8(ascii: "/") {
                guard hasStarted, run == 0 else { return false }
                hasStarted = false
            } else {
                guard hasStarted, run == 0 || byte == separator else { return false }
                run += 1
                separator = byte
                switch byte {
                case UInt8(ascii: "."): guard run == 1 else { return false }
                case UInt8(ascii: "_"): guard run <= 2 else { return false }
                case UInt8(ascii: "-"): break
                default: return false
                }
            }
        }
        return hasStarted && run == 0
    }

    private static func equal(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        bytes.count == text.utf8CodeUnitCount
            && bytes.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte)
    }
    private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte) }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool { isLowerAlphanumeric(byte) || isUpper(byte) }
    private static func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == UInt8(ascii: "_") }
    private static func isHexDigit(_ byte: UInt8) -> Bool {
        Digest.isLowerHex(byte) || (0x41...0x46).contains(byte)
    }
}
