/// One entry of a layer's tar stream.
package struct TarEntry: Sendable {
    package enum Kind: Sendable, Equatable {
        case file, directory
        case symbolicLink(String)
        case hardLink(String)
        case characterDevice(major: Int, minor: Int)
        case fifo
    }

    package var path: String
    package var kind: Kind
    package var content: [UInt8]
    package var mode: Int
    package var owner: (user: Int, group: Int) = (0, 0)

    package init(_ path: String, kind: Kind = .file, content: [UInt8] = [], mode: Int = 0o644) {
        self.path = path
        self.kind = kind
        self.content = content
        self.mode = mode
    }

    package static func file(_ path: String, _ text: String, mode: Int = 0o644) -> TarEntry {
        TarEntry(path, content: Array(text.utf8), mode: mode)
    }

    /// A file of `size` bytes, the same for the same `seed`: `noise` of every 8 bytes are random, the rest zero,
    /// so that the layer compresses by about that much.
    package static func blob(_ path: String, size: Int, seed: UInt64, noise: Int = 4) -> TarEntry {
        TarEntry(path, content: pseudoRandomBytes(size, seed: seed, noise: noise))
    }

    package static func directory(_ path: String, mode: Int = 0o755) -> TarEntry {
        TarEntry(path, kind: .directory, mode: mode)
    }

    package static func symbolicLink(_ path: String, to target: String) -> TarEntry {
        TarEntry(path, kind: .symbolicLink(target), mode: 0o777)
    }

    package static func hardLink(_ path: String, to target: String) -> TarEntry {
        TarEntry(path, kind: .hardLink(target))
    }

    /// Takes `path` away from the layers below.
    package static func whiteout(of path: String) -> TarEntry {
        var parts = path.split(separator: "/").map(String.init)
        parts.append(".wh." + parts.removeLast())
        return TarEntry(parts.joined(separator: "/"))
    }

    /// Takes all that the layers below put into `directory` away.
    package static func opaque(_ directory: String) -> TarEntry {
        TarEntry(directory + "/.wh..wh..opq")
    }
}

/// `count` bytes from a seeded generator (SplitMix64), `noise` random bytes in each eight.
package func pseudoRandomBytes(_ count: Int, seed: UInt64, noise: Int = 8) -> [UInt8] {
    var state = seed
    let mask = noise >= 8 ? UInt64.max : (1 << (8 * UInt64(noise))) - 1
    let words = [UInt64](unsafeUninitializedCapacity: (count + 7) / 8) { buffer, initialized in
        for index in 0..<(count + 7) / 8 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var word = state
            word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
            buffer[index] = (word ^ (word >> 31)) & mask
        }
        initialized = (count + 7) / 8
    }
    return words.withUnsafeBytes { Array($0.prefix(count)) }
}

/// The tar stream of `entries`, POSIX ustar with pax records where a name needs them, as Go's archive/tar writes.
/// Written for the tests alone, so that what dsh reads was not written by dsh.
package func tarArchive(_ entries: [TarEntry], modified: Int = 1_700_000_000) -> [UInt8] {
    var output: [UInt8] = []
    for entry in entries {
        var linkName = ""
        switch entry.kind {
        case .symbolicLink(let target), .hardLink(let target): linkName = target
        default: break
        }
        let path = entry.kind == .directory && !entry.path.hasSuffix("/") ? entry.path + "/" : entry.path
        var records: [UInt8] = []
        for (key, value) in [("path", path), ("linkpath", linkName)] where needsPax(value) {
            records += paxRecord(key, value)
        }
        if !records.isEmpty {
            output += header(
                "PaxHeaders.0/" + asciiOnly(path).suffix(60), type: "x", size: records.count, mode: 0o644,
                modified: 0, owner: (0, 0), link: "", device: nil)
            output += padded(records)
        }
        output += header(for: entry, path: path, linkName: linkName, modified: modified)
        if entry.kind == .file { output += padded(entry.content) }
    }
    return output + [UInt8](repeating: 0, count: 1024)
}

private func header(for entry: TarEntry, path: String, linkName: String, modified: Int) -> [UInt8] {
    let type: Character
    var device: (Int, Int)?
    switch entry.kind {
    case .file: type = "0"
    case .hardLink: type = "1"
    case .symbolicLink: type = "2"
    case .characterDevice(let major, let minor):
        type = "3"
        device = (major, minor)
    case .directory: type = "5"
    case .fifo: type = "6"
    }
    return header(
        asciiOnly(path), type: type, size: entry.kind == .file ? entry.content.count : 0, mode: entry.mode,
        modified: modified, owner: (entry.owner.user, entry.owner.group), link: asciiOnly(linkName), device: device)
}

private func header(
    _ name: String, type: Character, size: Int, mode: Int, modified: Int, owner: (Int, Int), link: String,
    device: (Int, Int)?
) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int, _ width: Int) {
        for (index, byte) in text.utf8.prefix(width).enumerated() { block[offset + index] = byte }
    }
    func octal(_ value: Int, at offset: Int, _ width: Int) {
        let digits = String(value, radix: 8)
        put(String(repeating: "0", count: max(0, width - 1 - digits.count)) + digits, at: offset, width - 1)
    }
    put(name, at: 0, 100)
    octal(mode, at: 100, 8)
    octal(owner.0, at: 108, 8)
    octal(owner.1, at: 116, 8)
    octal(size, at: 124, 12)
    octal(modified, at: 136, 12)
    put("        ", at: 148, 8)
    put(String(type), at: 156, 1)
    put(link, at: 157, 100)
    put("ustar", at: 257, 6)
    put("00", at: 263, 2)
    if let device {
        octal(device.0, at: 329, 8)
        octal(device.1, at: 337, 8)
    }
    let sum = block.reduce(0) { $0 + Int($1) }
    octal(sum, at: 148, 7)
    block[154] = 0
    return block
}

private func needsPax(_ value: String) -> Bool {
    value.utf8.count > 100 || !value.utf8.allSatisfy { $0 < 0x80 && $0 != 0x0a }
}

private func asciiOnly(_ text: String) -> String {
    String(decoding: text.utf8.map { $0 < 0x80 && $0 != 0x0a ? $0 : 0x5f }.prefix(100), as: UTF8.self)
}

/// `LENGTH KEY=VALUE\n`, the length counting itself.
private func paxRecord(_ key: String, _ value: String) -> [UInt8] {
    let rest = " \(key)=\(value)\n".utf8.count
    var length = rest + String(rest).utf8.count
    if rest + String(length).utf8.count != length { length += 1 }
    return Array("\(length) \(key)=\(value)\n".utf8)
}

private func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
}
