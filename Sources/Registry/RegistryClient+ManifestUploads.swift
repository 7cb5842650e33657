import HTTP
import JSON
package import OCI

extension RegistryClient {
    /// Puts a manifest or index under a tag or its digest (distribution-spec, "Pushing Manifests"), the bytes as they are.
    /// Everything that it is made of has to be in the repository before.
    ///
    /// Of one with a `subject` the referrers are kept up by the registry, which says so with `OCI-Subject`; for one that does
    /// not, the index under the subject's tag is brought up to date ("Pushing Manifests with Subject").
    ///
    /// Throws `digestMismatch` where the registry calls it by another digest, `refused`, `denied`, `unsupported`, …
    package func putManifest(
        _ bytes: [UInt8], mediaType: MediaType, as reference: Reference
    ) async throws(RegistryError) -> Descriptor {
        let endpoint = try writeEndpoint(for: reference.repository)
        let descriptor = Descriptor(
            mediaType: mediaType, digest: Digest.of(bytes, algorithm: reference.digest?.algorithm ?? .sha256),
            size: Int64(bytes.count))
        if let wanted = reference.digest, wanted != descriptor.digest {
            throw RegistryError(
                .digestMismatch, "the manifest that is to be \(wanted) has \(descriptor.digest)",
                registry: reference.repository.registry)
        }
        let response = try await configuration.retry.run(registry: reference.repository.registry) {
            () throws(RegistryError) in
            try await send(
                "PUT", endpoint, path(reference, endpoint), headers: ["Content-Type": mediaType.rawValue],
                body: .bytes(bytes), access: .push,
                subject: RegistrySubject(kind: .put, name: reference.familiar), maximumBytes: 64 << 10
            ).0
        }
        if let said = response.headers["Docker-Content-Digest"], let named = try? Digest(said),
            Digest.of(bytes, algorithm: named.algorithm) != named
        {
            throw RegistryError(
                .digestMismatch, "\(endpoint.registry) stored \(named) where it was sent \(descriptor.digest)",
                hint: "the registry or something on the way changes content", registry: endpoint.registry)
        }
        if response.headers["OCI-Subject"] == nil, let subject = RegistryClient.subject(of: bytes) {
            try await addReferrer(bytes, descriptor, to: subject, in: reference.repository)
        }
        return descriptor
    }

    /// What a manifest or index says it is about.
    static func subject(of bytes: [UInt8]) -> Descriptor? {
        guard let json = (try? JSONValue.parse(bytes))?["subject"], json != .null else { return nil }
        return try? Descriptor(json: json)
    }

    /// The tag under which registries without the referrers API have the referrers of a manifest.
    static func referrersTag(_ digest: Digest) -> String { "\(digest.algorithm.rawValue)-\(digest.hex.prefix(64))" }

    /// Adds a manifest to the index of its subject's referrers. Somebody else may do so at the same moment, and the
    /// protocol has no lock for it: what was written is looked at again.
    private func addReferrer(
        _ bytes: [UInt8], _ descriptor: Descriptor, to subject: Descriptor, in repository: Repository
    ) async throws(RegistryError) {
        var entry = descriptor
        let json = try? JSONValue.parse(bytes)
        entry.artifactType = json?["artifactType"]?.stringValue ?? json?["config"]?["mediaType"]?.stringValue
        for (key, value) in json?["annotations"]?.objectValue ?? JSONObject() {
            entry.annotations[key] = value.stringValue
        }
        let added = entry
        for _ in 0..<4 {
            let isThere = try await changeReferrers(of: subject.digest, in: repository) { list in
                guard !list.contains(where: { $0["digest"]?.stringValue == added.digest.description }) else {
                    return nil
                }
                return list + [added.json]
            }
            if isThere { return }
        }
    }

    /// Takes a manifest that was deleted out of the index of its subject's referrers.
    func removeReferrer(
        _ digest: Digest, from subject: Digest, in repository: Repository
    ) async throws(RegistryError) {
        _ = try await changeReferrers(of: subject, in: repository) { list in
            let rest = list.filter { $0["digest"]?.stringValue != digest.description }
            return rest.count == list.count ? nil : rest
        }
    }

    /// Writes a changed index of referrers; true where there was nothing to change.
    private func changeReferrers(
        of subject: Digest, in repository: Repository, _ change: ([JSONValue]) -> [JSONValue]?
    ) async throws(RegistryError) -> Bool {
        let place = Reference(repository: repository, tag: RegistryClient.referrersTag(subject))
        var document = JSONObject()
        document["schemaVersion"] = .number(2)
        document["mediaType"] = .string(MediaType.ociIndex.rawValue)
        var list: [JSONValue] = []
        do throws(RegistryError) {
            let fetched = try await manifest(place, accept: [.ociIndex])
            if let object = (try? JSONValue.parse(fetched.bytes))?.objectValue {
                document = object
                list = object["manifests"]?.arrayValue ?? []
            }
        } catch {
            guard error.reason == .manifestUnknown || error.reason == .notFound else { throw error }
        }
        guard let changed = change(list) else { return true }
        document["manifests"] = .array(changed)
        _ = try await putManifest(
            Array(JSONValue.object(document).compact.utf8), mediaType: .ociIndex, as: place)
        return false
    }
}
