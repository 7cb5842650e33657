import Backend
import Fixtures
import Foundation
import JSON
import OCI
import Registry
import Store
import Synchronization

/// A backend on a store of its own, without a network.
struct BackendFixture {
    let directory = TemporaryDirectory()
    let store: Store
    let backend: LocalBackend

    /// With `registries`, a `registries.conf`, there is a network as that says.
    init(registries: String? = nil) throws {
        let store = try Store(path: directory.path + "/store", lockSeconds: 5)
        self.store = store
        if let registries {
            let path = directory.write("registries.conf", registries)
            backend = try LocalBackend.open(
                storePath: store.path, environment: ["CONTAINERS_REGISTRIES_CONF": path], version: "test")
            return
        }
        backend = LocalBackend(store: store) { () throws(RegistryError) in
            throw RegistryError(.network, "there is no network here", registry: "")
        }
    }

    private func write(_ text: String, _ type: MediaType) throws -> Descriptor {
        let bytes = Array(text.utf8)
        try store.writeBlob(bytes, digest: .of(bytes))
        return Descriptor(mediaType: type, digest: .of(bytes), size: Int64(bytes.count))
    }

    /// An image (or, with another type of config, an artifact) under these names.
    @discardableResult
    func add(
        _ names: String..., config: String = #"{"architecture":"amd64","os":"linux"}"#, type: MediaType = .ociConfig,
        layers: [String] = []
    ) throws -> (manifest: Descriptor, config: Descriptor) {
        let config = try write(config, type)
        let blobs = try layers.map { try write($0, MediaType(rawValue: "application/x-part")).json }
        let manifest: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue), "config": config.json,
            "layers": .array(blobs),
        ]
        let descriptor = try write(manifest.compact, .ociManifest)
        try store.setReferences(
            try names.map { ReferenceUpdate(reference: try Reference($0), descriptor: descriptor) })
        return (descriptor, config)
    }

    func deleteBlob(_ digest: Digest) throws {
        try FileManager.default.removeItem(
            atPath: "\(store.path)/blobs/\(digest.algorithm.rawValue)/\(digest.hex)")
    }

    /// `Action Subject` of each result.
    func remove(_ names: String..., dryRun: Bool = false) async throws -> [String] {
        let results = Mutex<[String]>([])
        try await backend.remove(names, options: RemoveOptions(dryRun: dryRun)) { result in
            results.withLock { $0.append("\(result.action.rawValue) \(result.subject)") }
        }
        return results.withLock { $0 }
    }
}

/// The error that `body` throws.
func failure(_ body: () async throws -> Void) async -> BackendError? {
    do { try await body() } catch { return error as? BackendError }
    return nil
}
