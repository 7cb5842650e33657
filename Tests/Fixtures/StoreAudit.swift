import Foundation

/// What is wrong with an OCI image layout, found by reading its files: nothing of dsh is asked. An index may leave
/// other platforms' manifests out, but of those that are there everything must be there.
package struct StoreAudit: Sendable {
    package private(set) var problems: [String] = []
    /// The references of index.json, in its order.
    package private(set) var references: [String] = []
    /// The digests of every blob on disk.
    package private(set) var blobs: Set<String> = []
    /// The digests that index.json reaches.
    package private(set) var reachable: Set<String> = []

    private let path: String

    package init(_ path: String) {
        self.path = path
        guard FileManager.default.fileExists(atPath: path + "/index.json") else {
            // A store that was never written to has nothing that could be wrong; blobs without an index would be.
            if FileManager.default.fileExists(atPath: path + "/blobs/sha256"), !blobFiles().isEmpty {
                blobs = verifyBlobs()
            }
            return
        }
        blobs = verifyBlobs()
        let layout = json("oci-layout") as? [String: Any]
        if layout?["imageLayoutVersion"] as? String != "1.0.0" { problems.append("oci-layout is missing or wrong") }
        guard let index = json("index.json") as? [String: Any], let rows = index["manifests"] as? [[String: Any]] else {
            problems.append("index.json is no index")
            return
        }
        if index["schemaVersion"] as? Int != 2 { problems.append("index.json has no schemaVersion 2") }
        for row in rows {
            let annotations = row["annotations"] as? [String: String]
            let name = annotations?["org.opencontainers.image.ref.name"]
            if let name { references.append(name) }
            visit(row, from: name ?? "a dangling image", required: true)
        }
        for (name, count) in Dictionary(grouping: references, by: { $0 }).mapValues(\.count) where count > 1 {
            problems.append("\(name) stands in index.json \(count) times")
        }
    }

    /// Blobs that nothing in index.json leads to.
    package var unreferenced: Set<String> { blobs.subtracting(reachable) }

    private func blobFiles() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path + "/blobs/sha256")) ?? []
    }

    private mutating func verifyBlobs() -> Set<String> {
        var found: Set<String> = []
        for name in blobFiles() {
            guard let bytes = readFile("\(path)/blobs/sha256/\(name)") else { continue }
            let digest = sha256(bytes)
            if digest != "sha256:" + name { problems.append("blob \(name) holds \(digest), \(bytes.count) bytes") }
            found.insert("sha256:" + name)
        }
        return found
    }

    private func json(_ name: String) -> Any? {
        readFile("\(path)/\(name)").flatMap { try? JSONSerialization.jsonObject(with: Data($0)) }
    }

    private mutating func visit(_ descriptor: [String: Any], from parent: String, required: Bool) {
        guard let digest = descriptor["digest"] as? String, digest.hasPrefix("sha256:") else {
            problems.append("\(parent) has a descriptor without a digest")
            return
        }
        guard let bytes = readFile("\(path)/blobs/sha256/\(digest.dropFirst(7))") else {
            if required { problems.append("\(parent) needs \(digest), which is not there") }
            return
        }
        if descriptor["size"] as? Int != bytes.count {
            problems.append("\(digest) has \(bytes.count) bytes, \(parent) says \(descriptor["size"] ?? "nothing")")
        }
        guard reachable.insert(digest).inserted else { return }
        let type = descriptor["mediaType"] as? String ?? ""
        guard type.contains("manifest") || type.contains("index") else { return }
        guard let document = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any] else {
            problems.append("\(digest) is no JSON document")
            return
        }
        for child in document["manifests"] as? [[String: Any]] ?? [] { visit(child, from: digest, required: false) }
        if let config = document["config"] as? [String: Any] { visit(config, from: digest, required: true) }
        for layer in document["layers"] as? [[String: Any]] ?? [] { visit(layer, from: digest, required: true) }
    }
}
