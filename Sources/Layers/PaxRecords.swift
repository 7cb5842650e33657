/// The records of one pax extended header: `LENGTH KEY=VALUE\n` (POSIX pax, "pax Extended Header").
struct PaxRecords {
    private(set) var values: [String: [UInt8]] = [:]

    /// Throws `corrupt` where Go's `parsePAX` does: a wrong length, no `=`, a NUL where none may be.
    init(_ bytes: [UInt8]) throws(LayerError) {
        var rest = bytes[...]
        var sparseFields = 0
        while !rest.isEmpty {
            let (key, value) = try PaxRecords.next(&rest)
            switch key {
            case "GNU.sparse.offset", "GNU.sparse.numbytes":
                // The map's pairs must alternate; their values only matter to who unpacks the file.
                guard (key == "GNU.sparse.offset") == (sparseFields % 2 == 0) else { throw PaxRecords.invalid }
                sparseFields += 1
                values["GNU.sparse.map"] = value
            default: values[key] = value
            }
        }
    }

    private static let invalid = LayerError(.corrupt, "the layer is no valid tar stream: a pax header is malformed")

    private static func next(_ rest: inout ArraySlice<UInt8>) throws(LayerError) -> (String, [UInt8]) {
        guard let space = rest.prefix(20).firstIndex(of: 0x20), let length = decimal(rest[..<space]),
            length >= 5, length <= rest.count, length > space - rest.startIndex + 1
        else { throw invalid }
        let end = rest.startIndex + Int(length)
        let record = rest[(space + 1)..<(end - 1)]
        guard rest[end - 1] == 0x0a, let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > record.startIndex
        else { throw invalid }
        let key = String(decoding: record[..<equals], as: UTF8.self)
        let value = Array(record[(equals + 1)...])
        rest = rest[end...]
        let isName = ["path", "linkpath", "uname", "gname"].contains(key)
        guard isName ? !value.contains(0) : !key.utf8.contains(0) else { throw invalid }
        return (key, value)
    }

    private func text(_ key: String) -> [UInt8]? {
        values[key].flatMap { $0.isEmpty ? nil : $0 }
    }

    private func number(_ key: String) throws(LayerError) -> Int64? {
        guard let text = text(key) else { return nil }
        guard let value = PaxRecords.decimal(text[...]) else { throw PaxRecords.invalid }
        return value
    }

    /// Overwrites what the header says with what the records say; an empty value leaves the header's.
    func merge(into header: inout TarHeader, nanoseconds: inout Int32) throws(LayerError) {
        if let path = text("path") { header.name = path }
        if let link = text("linkpath") { header.linkName = link }
        if let uid = try number("uid") { header.uid = uid }
        if let gid = try number("gid") { header.gid = gid }
        if let size = try number("size") { header.size = size }
        if let time = text("mtime") { (header.modified, nanoseconds) = try PaxRecords.time(time) }
    }

    /// The logical name and size of a file in one of GNU's pax sparse formats (0.0, 0.1, 1.0); nil for any other file.
    func sparse() throws(LayerError) -> (name: [UInt8]?, size: Int64?)? {
        let version = (text("GNU.sparse.major"), text("GNU.sparse.minor"))
        switch version {
        case (nil, nil): if text("GNU.sparse.map") == nil { return nil }
        case ([0x30], [0x30]), ([0x30], [0x31]), ([0x31], [0x30]): break
        default: return nil
        }
        var size = try number("GNU.sparse.size")
        if size == nil { size = try number("GNU.sparse.realsize") }
        return (text("GNU.sparse.name"), size)
    }

    /// A signed decimal number that fits; nil for anything else.
    static func decimal(_ text: ArraySlice<UInt8>) -> Int64? {
        guard text.count <= 20 else { return nil }
        return Int64(String(decoding: text, as: UTF8.self))
    }

    /// `-12.345`: seconds, rounded down, and nanoseconds.
    private static func time(_ text: [UInt8]) throws(LayerError) -> (Int64, Int32) {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, let seconds = decimal(whole) else { throw invalid }
        guard parts.count == 2, !parts[1].isEmpty else { return (seconds, 0) }
        guard parts[1].allSatisfy({ (0x30...0x39).contains($0) }) else { throw invalid }
        var nanoseconds: Int32 = 0
        for index in 0..<9 {
            let position = parts[1].startIndex + index
            nanoseconds = nanoseconds * 10 + (position < parts[1].endIndex ? Int32(parts[1][position] - 0x30) : 0)
        }
        guard text.first == UInt8(ascii: "-"), nanoseconds > 0 else { return (seconds, nanoseconds) }
        guard seconds > .min else { throw invalid }
        return (seconds - 1, 1_000_000_000 - nanoseconds)
    }
}
