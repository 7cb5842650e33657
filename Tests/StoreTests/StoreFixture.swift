import Foundation
import JSON
import Layers
import OCI
import Synchronization

@testable import Store

/// A store in a directory of its own that goes away with its owner, and images made by hand.
final class StoreFixture {
    let path: String
    let store: Store

    init() throws {
        var template = Array("/tmp/dsh-store-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
        store = try Store(path: path + "/store", lockSeconds: 5)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    struct Image {
        var manifest: Descriptor
        var config: Descriptor
        var layers: [Descriptor]
        var blobs: [Digest] { [manifest.digest, config.digest] + layers.map(\.digest) }
    }

    static func descriptor(_ bytes: [UInt8], _ type: MediaType) -> Descriptor {
        Descriptor(mediaType: type, digest: .of(bytes), size: Int64(bytes.count))
    }

    /// A plain tar layer with one file of `text`.
    static func layer(_ text: String) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
        }
        put("file-\(text.utf8.count)", at: 0)
        put("0000644", at: 100)
        put(String(repeating: "0", count: 11 - String(text.utf8.count, radix: 8).count), at: 124)
        put(String(text.utf8.count, radix: 8), at: 124 + 11 - String(text.utf8.count, radix: 8).count)
        put("0", at: 156)
        put("ustar\u{0}00", at: 257)
        put("        ", at: 148)
        let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\u{0} ", at: 148)
        let body = Array(text.utf8)
        return block + body + [UInt8](repeating: 0, count: (512 - body.count % 512) % 512 + 1024)
    }

    static func config(_ layers: [[UInt8]], _ platform: String = "linux/amd64", label: String = "") -> [UInt8] {
        let parts = platform.split(separator: "/").map(String.init)
        var json: JSONValue = [
            "architecture": .string(parts[1]), "os": .string(parts[0]), "created": "2024-05-06T07:08:09Z",
            "config": ["Labels": ["name": .string(label), "z": "1"], "Env": ["A=b"]],
            "rootfs": ["type": "layers", "diff_ids": .array(layers.map { .string(Digest.of($0).description) })],
        ]
        if parts.count > 2, case .object(var object) = json {
            object["variant"] = .string(parts[2])
            json = .object(object)
        }
        return Array(json.compact.utf8)
    }

    static func manifest(_ config: Descriptor, _ layers: [Descriptor]) -> [UInt8] {
        let json: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue), "config": config.json,
            "layers": .array(layers.map(\.json)),
        ]
        return Array(json.compact.utf8)
    }

    /// Writes an image's blobs; no name points to it.
    @discardableResult
    func addImage(_ texts: [String], platform: String = "linux/amd64", label: String = "") throws -> Image {
        let layers = texts.map(Self.layer)
        let config = Self.config(layers, platform, label: label)
        let descriptors = layers.map { Self.descriptor($0, .ociLayer) }
        let configDescriptor = Self.descriptor(config, .ociConfig)
        let manifest = Self.manifest(configDescriptor, descriptors)
        for bytes in layers + [config, manifest] { try store.writeBlob(bytes, digest: .of(bytes)) }
        return Image(
            manifest: Self.descriptor(manifest, .ociManifest), config: configDescriptor, layers: descriptors)
    }

    /// Writes an image and names it.
    @discardableResult
    func addImage(_ name: String, _ texts: [String]) throws -> Image {
        let image = try addImage(texts)
        try store.setReferences([ReferenceUpdate(reference: try Reference(name), descriptor: image.manifest)])
        return image
    }

    func indexText() throws -> String { try String(contentsOfFile: store.path + "/index.json", encoding: .utf8) }

    func writeIndex(_ text: String) throws {
        try text.write(toFile: store.path + "/index.json", atomically: true, encoding: .utf8)
    }

    func names() throws -> [String] { try store.entries().map { $0.name ?? "-" } }

    var blobCount: Int { get throws { try store.blobs().count } }
}

extension [UInt8] {
    /// Appends the bytes to an ingest in pieces; `aside` says of each whether it may be digested on another thread.
    func feed(
        _ ingest: Ingest, step: @autoclosure () -> Int = 1000, aside: @autoclosure () -> Bool = false
    ) throws {
        var start = 0
        while start < count {
            let end = Swift.min(start + step(), count)
            let isAside = aside()
            try Array(self[start..<end]).withBytes { raw throws(StoreError) in
                try ingest.append(raw, digestingAside: isAside)
            }
            start = end
        }
    }
}

func code(_ body: () throws -> Void) -> StoreError.Code? {
    do { try body() } catch { return (error as? StoreError)?.code }
    return nil
}

/// Texts that threads add.
final class LockedTexts: Sendable {
    private let texts = Mutex<[String]>([])

    func add(_ text: String) { texts.withLock { $0.append(text) } }

    var all: [String] { texts.withLock { $0 } }
}
