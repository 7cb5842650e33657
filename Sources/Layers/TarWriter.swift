/// Makes tar header blocks: ustar where the values fit, with a pax header before it where they do not.
package enum TarWriter {
    /// The headers of `entry`, then come its bytes and `padding(size)` zeros. `attributes` are extended attributes.
    package static func headers(_ entry: TarEntry, attributes: [(name: [UInt8], value: [UInt8])]) -> [UInt8] {
        var records: [UInt8] = []
        var name = entry.path
        if entry.kind == .directory { name.append(UInt8(ascii: "/")) }
        if needsRecord(name) { record("path", name, into: &records) }
        if needsRecord(entry.linkName) { record("linkpath", entry.linkName, into: &records) }
        let numbers = [("uid", entry.uid, 7), ("gid", entry.gid, 7), ("size", entry.size, 11)]
        for (key, value, digits) in numbers where !fits(value, digits) {
            record(key, Array(String(value).utf8), into: &records)
        }
        if !fits(entry.modified, 11) { record("mtime", Array(String(entry.modified).utf8), into: &records) }
        for (key, value) in attributes {
            record(Array("SCHILY.xattr.".utf8) + key, value, into: &records)
        }
        var bytes: [UInt8] = []
        if !records.isEmpty {
            let title = TarEntry(kind: .regular, path: Array("PaxHeaders.0/entry".utf8), size: Int64(records.count))
            bytes += block(title, name: title.path, typeFlag: UInt8(ascii: "x"))
            bytes += records + padding(Int64(records.count))
        }
        return bytes + block(entry, name: name, typeFlag: entry.kind.rawValue)
    }

    /// The zeros after a body of `size` bytes.
    package static func padding(_ size: Int64) -> [UInt8] {
        [UInt8](repeating: 0, count: Int((512 - size % 512) % 512))
    }

    /// What ends an archive.
    package static var end: [UInt8] { [UInt8](repeating: 0, count: 1024) }

    private static func needsRecord(_ text: [UInt8]) -> Bool {
        text.count > 100 || (text.contains { $0 >= 0x80 } && String(validating: text, as: UTF8.self) != nil)
    }

    private static func fits(_ value: Int64, _ digits: Int) -> Bool { value >= 0 && value >> Int64(3 * digits) == 0 }

    private static func record(_ key: String, _ value: [UInt8], into records: inout [UInt8]) {
        record(Array(key.utf8), value, into: &records)
    }

    private static func record(_ key: [UInt8], _ value: [UInt8], into records: inout [UInt8]) {
        // The length counts its own digits.
        let rest = key.count + value.count + 3
        var length = rest + String(rest).utf8.count
        length = rest + String(length).utf8.count
        records += Array(String(length).utf8) + [0x20] + key + [UInt8(ascii: "=")] + value + [0x0a]
    }

    private static func block(_ entry: TarEntry, name: [UInt8], typeFlag: UInt8) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: TarHeader.blockLength)
        func put(_ bytes: some Sequence<UInt8>, at offset: Int, limit: Int) {
            for (index, byte) in bytes.enumerated() where index < limit { block[offset + index] = byte }
        }
        func put(_ value: Int64, at offset: Int, digits: Int) {
            let text = String(fits(value, digits) ? value : 0, radix: 8)
            put((String(repeating: "0", count: digits - text.utf8.count) + text).utf8, at: offset, limit: digits)
        }
        put(name, at: 0, limit: 100)
        put(Int64(entry.mode), at: 100, digits: 7)
        put(entry.uid, at: 108, digits: 7)
        put(entry.gid, at: 116, digits: 7)
        put(entry.kind == .regular ? entry.size : 0, at: 124, digits: 11)
        put(entry.modified, at: 136, digits: 11)
        put(repeatElement(0x20, count: 8), at: 148, limit: 8)
        block[156] = typeFlag
        put(entry.linkName, at: 157, limit: 100)
        put("ustar\u{0}00".utf8, at: 257, limit: 8)
        put(entry.deviceMajor, at: 329, digits: 7)
        put(entry.deviceMinor, at: 337, digits: 7)
        let sum = block.reduce(0) { $0 + Int64($1) }
        put(sum, at: 148, digits: 6)
        block[154] = 0
        return block
    }
}
