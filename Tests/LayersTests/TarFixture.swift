import CZstd
import Foundation
import OCI

@testable import Layers

/// Tar streams by hand, so that a test can write what no tool would.
enum TarFixture {
    static func entry(
        _ name: String, _ kind: TarEntry.Kind = .regular, body: [UInt8] = [], link: String = "", size: Int64? = nil
    ) -> [UInt8] {
        let entry = TarEntry(
            kind: kind, path: Array(name.utf8), linkName: Array(link.utf8), size: size ?? Int64(body.count))
        return TarWriter.headers(entry, attributes: []) + body + TarWriter.padding(Int64(body.count))
    }

    /// A raw ustar block with any bytes put at any offsets, and the right checksum.
    static func block(_ fields: [(offset: Int, bytes: [UInt8])]) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ offset: Int, _ bytes: [UInt8]) {
            block.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
        put(0, Array("file".utf8))
        put(100, Array("0000644".utf8))
        put(124, Array("00000000000".utf8))
        put(156, [UInt8(ascii: "0")])
        put(257, Array("ustar\u{0}00".utf8))
        for (offset, bytes) in fields { put(offset, bytes) }
        put(148, Array("        ".utf8))
        let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
        put(148, Array((String(repeating: "0", count: 6 - sum.utf8.count) + sum).utf8) + [0, 0x20])
        return block
    }

    static func pax(_ records: [(String, String)]) -> [UInt8] {
        let text = records.flatMap { key, value in
            let rest = key.utf8.count + value.utf8.count + 3
            var length = rest + 1
            while String(length).utf8.count + rest != length { length += 1 }
            return Array("\(length) \(key)=\(value)\n".utf8)
        }
        return rawPax(text)
    }

    static func rawPax(_ text: [UInt8], typeFlag: Character = "x") -> [UInt8] {
        let size = String(text.count, radix: 8)
        let field = Array((String(repeating: "0", count: 11 - size.utf8.count) + size).utf8)
        return block([(124, field), (156, Array(String(typeFlag).utf8))]) + text
            + TarWriter.padding(Int64(text.count))
    }

    static let end = TarWriter.end

    /// Packed by a program of the system, as users do.
    static func packed(_ bytes: [UInt8], by tool: String, _ arguments: String...) throws -> [UInt8] {
        let directory = TemporaryDirectory()
        let path = directory.path + "/plain"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool, "-c"] + arguments + [path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let packed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return [UInt8](packed)
    }

    static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        var packed: [UInt8] = []
        var deflater = try GzipDeflater()
        try bytes.withBytes { raw throws(LayerError) in
            try deflater.push(raw) { packed += Array($0) }
        }
        try deflater.finish { packed += Array($0) }
        return packed
    }

    static func zstd(_ bytes: [UInt8], windowLog: Int32 = 0) -> [UInt8] {
        let context = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog)
        var packed = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = ZSTD_compress2(context, &packed, packed.count, bytes, bytes.count)
        return Array(packed.prefix(count))
    }
}

/// Collects what a walker finds.
struct Collector: TarVisitor {
    var entries: [TarEntry] = []
    var content: [UInt8] = []

    mutating func entry(_ entry: TarEntry) throws(LayerError) { entries.append(entry) }
    mutating func content(_ bytes: UnsafeRawBufferPointer) throws(LayerError) { content += Array(bytes) }
}

/// Walks `bytes` pushed in pieces of `step`.
func walk(_ bytes: [UInt8], step: Int = .max) throws(LayerError) -> Collector {
    var walker = TarWalker(visitor: Collector())
    var start = 0
    while start < bytes.count {
        let end = start + min(step, bytes.count - start)
        try Array(bytes[start..<end]).withBytes { raw throws(LayerError) in try walker.push(raw) }
        start = end
    }
    try walker.finish()
    return walker.visitor
}

/// Unpacks `bytes` pushed in pieces of `step`.
func unpack(
    _ bytes: [UInt8], step: Int = .max, limits: LayerLimits = LayerLimits()
) throws(LayerError) -> [UInt8] {
    var decompressor = Decompressor(limits: limits)
    var unpacked: [UInt8] = []
    var start = 0
    while start < bytes.count {
        let end = start + min(step, bytes.count - start)
        try Array(bytes[start..<end]).withBytes { raw throws(LayerError) in
            try decompressor.push(raw) { unpacked += Array($0) }
        }
        start = end
    }
    try decompressor.finish { unpacked += Array($0) }
    return unpacked
}

/// A directory that goes away with its owner.
final class TemporaryDirectory {
    let path: String

    init() {
        var template = Array("/tmp/dsh-layers-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
