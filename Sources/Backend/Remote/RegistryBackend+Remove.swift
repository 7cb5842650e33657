package import OCI
import Registry

extension RegistryBackend {
    /// Deletes tags and manifests in registries, one after the other. A tag goes alone where the registry can do that;
    /// where it only deletes manifests the tag's goes, and with it every other tag of it, so that `force` is needed where
    /// those are not to be deleted anyway; so it is where a manifest would go that a tagged index lists. With `force` what is
    /// not there is passed over. Failures of single references are thrown together at the end.
    ///
    /// `alone` leaves the manifest and its other tags where they are, whatever the registry can do.
    ///
    /// `dryRun` deletes nothing and tells the same, failures too: the registry is asked to delete what is not there. Where
    /// it only says so, it is not known whether it deletes tags alone, and what would go with the manifest is told. A
    /// registry that cannot be reached is given up after a few tries. Throws `conflict` for tags that share a manifest,
    /// `unsupported`, `manifest_unknown`, `denied`, …
    package func remove(
        _ references: [Reference], force: Bool = false, alone: Bool = false, dryRun: Bool,
        onResult: @Sendable (RemoteRemoval) async throws -> Void
    ) async throws(BackendError) {
        var failures: [BackendError] = []
        var gone: Set<Reference> = []
        var unreachable: [String: Int] = [:]
        var skipped: [String: Int] = [:]
        var deletesManifests: Set<Repository> = []
        var trials: DeletionTrials? = dryRun ? DeletionTrials(client: try client()) : nil
        let all = Set(references)
        for reference in references where !gone.contains(reference) {
            let host = reference.repository.registry
            if unreachable[host, default: 0] >= RegistryBackend.failuresOfAHost {
                skipped[host, default: 0] += 1
                continue
            }
            do throws(BackendError) {
                let done =
                    alone
                    ? try await remove(alone: reference, &trials, &deletesManifests)
                    : try await remove(reference, among: all, force: force, &trials)
                unreachable[host] = nil
                guard let removal = done else { continue }
                gone.formUnion(removal.isByDigest == true ? removal.others + [reference] : [reference])
                do { try await onResult(removal) } catch { throw .interrupted }
            } catch {
                if error.code == .interrupted { throw error }
                if error.unreachableRegistry != nil { unreachable[host, default: 0] += 1 }
                failures.append(error.about(reference.familiar))
            }
        }
        for (host, count) in skipped.sorted(by: { $0.key < $1.key }) {
            failures.append(BackendError(.network, "\(count) tags not tried: \(host) could not be reached"))
        }
        guard var first = failures.first else { return }
        first.others = Array(failures.dropFirst())
        throw first
    }

    /// Each of them took its time.
    private static let failuresOfAHost = 4

    private func remove(
        alone tag: Reference, _ trials: inout DeletionTrials?, _ deletesManifests: inout Set<Repository>
    ) async throws(BackendError) -> RemoteRemoval {
        let client = try client()
        let digest = try await asking { () throws(RegistryError) in
            try await client.head(tag, isTarget: true).digest
        }
        let removal = RemoteRemoval(reference: tag, digest: digest, isByDigest: false, others: [])
        if let deletes = try await trials?.ofTag(tag) {
            if deletes == .no {
                try await trials?.ofManifest(Reference(repository: tag.repository, digest: digest))
            }
            return removal
        }
        let isKnown = deletesManifests.contains(tag.repository)
        do throws(RegistryError) {
            if !isKnown {
                try await client.delete(tag)
                return removal
            }
        } catch {
            guard RegistryBackend.deletesNoTags(error) else { throw BackendError(error) }
        }
        try await removeAlone(tag, isKnown: isKnown)
        deletesManifests.insert(tag.repository)
        return removal
    }

    /// Registries that delete manifests alone say so in many ways.
    static func deletesNoTags(_ error: RegistryError) -> Bool {
        [.unsupported, .refused, .malformed, .manifestUnknown].contains(error.reason)
    }

    private func remove(
        _ reference: Reference, among all: Set<Reference>, force: Bool, _ trials: inout DeletionTrials?
    ) async throws(BackendError) -> RemoteRemoval? {
        let client = try client()
        let digest: Digest
        do throws(BackendError) {
            digest = try await asking { () throws(RegistryError) in
                try await client.head(reference, isTarget: true).digest
            }
        } catch {
            guard force, error.code == .manifestUnknown || error.code == .notFound else { throw error }
            return nil
        }
        if reference.tag != nil, reference.digest == nil {
            let removal = RemoteRemoval(reference: reference, digest: digest, isByDigest: false, others: [])
            if let deletes = try await trials?.ofTag(reference) {
                if deletes == .yes { return removal }
                if deletes == .unknown {
                    let needing = try await needing(digest, with: reference)
                    return RemoteRemoval(
                        reference: reference, digest: digest, isByDigest: nil, others: needing.tags,
                        indexes: needing.indexes)
                }
            } else {
                do throws(RegistryError) {
                    try await client.delete(reference)
                    return removal
                } catch {
                    guard RegistryBackend.deletesNoTags(error) else { throw BackendError(error) }
                }
            }
        }
        let manifest = Reference(repository: reference.repository, digest: digest)
        // What a registry deletes under no circumstances needs no --force.
        try await trials?.ofManifest(manifest)
        let (others, indexes) = try await needing(digest, with: reference)
        if !force {
            var clauses: [String] = []
            if let (names, isOne) = RegistryBackend.names(others.filter { !all.contains($0) }) {
                clauses.append("\(names) \(isOne ? "points" : "point") to the same manifest")
            }
            let hint =
                clauses.isEmpty
                ? "remove what lists it as well, or leave that incomplete with --force"
                : "--force deletes all of them"
            if let (names, isOne) = RegistryBackend.names(indexes.filter { !all.contains($0) }) {
                clauses.append("\(names) \(isOne ? "is an index that lists" : "are indexes that list") the manifest")
            }
            if !clauses.isEmpty {
                clauses[0] += ", which would be deleted with \(reference.familiar)"
                if trials == nil { try await requireDeletion(of: manifest) }
                throw BackendError(.conflict, clauses.joined(separator: "; "), hint: hint)
            }
        }
        if trials == nil {
            try await asking { () throws(RegistryError) in try await client.delete(manifest) }
        }
        return RemoteRemoval(reference: reference, digest: digest, isByDigest: true, others: others, indexes: indexes)
    }

    /// Throws `unsupported` or `denied` where a registry says that it deletes no such manifest, whatever is forced.
    private func requireDeletion(of manifest: Reference) async throws(BackendError) {
        let client = try client()
        do throws(RegistryError) { _ = try await client.wouldDelete(manifest) } catch {
            if [.unsupported, .denied, .unauthorized, .interrupted].contains(error.reason) {
                throw BackendError(error)
            }
        }
    }

    /// The first names for a message, and whether it is one; nil for none.
    private static func names(_ references: [Reference]) -> (String, isOne: Bool)? {
        guard !references.isEmpty else { return nil }
        let first = references.prefix(5).map(\.familiar).joined(separator: ", ")
        return (first + (references.count > 5 ? ", …" : ""), references.count == 1)
    }

    /// Whether an index lists a manifest, itself or in an index that it lists. What is no index, or broken, lists nothing.
    private func lists(
        _ descriptor: Descriptor, _ digest: Digest, in repository: Repository, depth: Int = 0
    ) async throws(BackendError) -> Bool {
        guard descriptor.mediaType.isIndex, depth < 4 else { return false }
        let bytes: [UInt8]
        do throws(BackendError) { bytes = try await manifestBytes(descriptor.digest, in: repository) } catch {
            if error.code == .manifestUnknown || error.code == .notFound { return false }
            throw error
        }
        guard let index = try? Index(bytes: bytes, mediaType: descriptor.mediaType) else { return false }
        if index.manifests.contains(where: { $0.digest == digest }) { return true }
        for child in index.manifests where try await lists(child, digest, in: repository, depth: depth + 1) {
            return true
        }
        return false
    }

    /// The other tags of the repository that point to the same manifest, and those of indexes that list it.
    private func needing(
        _ digest: Digest, with reference: Reference
    ) async throws(BackendError) -> (tags: [Reference], indexes: [Reference]) {
        let client = try client()
        let repository = reference.repository
        let tags = try await asking { () throws(RegistryError) in try await client.tags(repository) }
        let names = tags.filter { $0 != reference.tag }.map { Reference(repository: repository, tag: $0) }
        let found = await withTaskGroup(of: (Int, Result<[Descriptor], BackendError>).self) { group in
            var results: [Int: Result<[Descriptor], BackendError>] = [:]
            var next = 0
            func start() {
                guard next < names.count else { return }
                let place = next
                next += 1
                group.addTask {
                    do throws(BackendError) {
                        let found = try await find(names[place])
                        return (place, .success(found.map { [$0] } ?? []))
                    } catch { return (place, .failure(error)) }
                }
            }
            for _ in 0..<RegistryBackend.requestsAtOnce { start() }
            while let (place, result) = await group.next() {
                results[place] = result
                start()
            }
            return results
        }
        var sharing: [Reference] = []
        var indexes: [Reference] = []
        for place in names.indices {
            // What cannot be looked at may need it: nothing is deleted then.
            guard let result = found[place], let descriptor = try result.get().first else { continue }
            if descriptor.digest == digest {
                sharing.append(names[place])
            } else if try await lists(descriptor, digest, in: repository) {
                indexes.append(names[place])
            }
        }
        return (sharing, indexes)
    }
}
