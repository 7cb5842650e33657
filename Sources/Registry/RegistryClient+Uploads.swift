import HTTP
package import OCI
package import Threads

/// How a blob came to be in a repository.
package struct UploadOutcome: Sendable, Hashable {
    package enum How: String, Sendable {
        /// It was there before.
        case exists
        /// The registry took it from another of its repositories.
        case mounted
        case uploaded
    }

    package let how: How
    /// Bytes that were sent, what had to be sent again included.
    package let sent: Int64
    /// The path of the repository that it was mounted from.
    package let mountedFrom: String?

    package init(how: How, sent: Int64, mountedFrom: String? = nil) {
        self.how = how
        self.sent = sent
        self.mountedFrom = mountedFrom
    }
}

/// What is heard of an upload. Called on the thread that uploads.
package struct UploadEvents: Sendable {
    /// How much of the blob the registry has been sent.
    package var onProgress: @Sendable (Int64) -> Void
    package var onRetry: @Sendable (RegistryError) -> Void

    package init(
        onProgress: @escaping @Sendable (Int64) -> Void = { _ in },
        onRetry: @escaping @Sendable (RegistryError) -> Void = { _ in }
    ) {
        self.onProgress = onProgress
        self.onRetry = onRetry
    }
}

extension RegistryClient {
    /// Where a repository is written to: the registry itself, never a mirror.
    ///
    /// Throws `blocked` or `configuration`.
    func writeEndpoint(for repository: Repository) throws(RegistryError) -> RegistryEndpoint {
        guard let own = try endpoints(for: repository, byDigest: false).last(where: { !$0.isMirror }) else {
            throw RegistryError(
                .configuration, "no registry is configured for \(repository.familiar)", registry: repository.registry)
        }
        return own
    }

    /// Whether two repositories are on one registry, so that a blob can be mounted from one into the other.
    package func shareRegistry(_ one: Repository, _ other: Repository) -> Bool {
        guard let left = try? writeEndpoint(for: one), let right = try? writeEndpoint(for: other) else { return false }
        return left.authority == right.authority && left.transport == right.transport
    }

    /// Whether a repository has a blob (distribution-spec, "Checking if content exists in the registry"): `HEAD`, with the
    /// leave to push that the upload after it needs, or `forReading` without.
    package func hasBlob(
        _ descriptor: Descriptor, in repository: Repository, forReading: Bool = false
    ) async throws(RegistryError) -> Bool {
        let endpoint = try writeEndpoint(for: repository)
        return try await configuration.retry.run(registry: repository.registry) { () throws(RegistryError) in
            try await hasBlob(descriptor, at: endpoint, access: forReading ? .pull : .push)
        }
    }

    func hasBlob(
        _ descriptor: Descriptor, at endpoint: RegistryEndpoint, access: RegistryAccess = .push
    ) async throws(RegistryError) -> Bool {
        let (response, _) = try await send(
            "HEAD", endpoint, "/v2/\(endpoint.path)/blobs/\(descriptor.digest)", access: access,
            subject: RegistrySubject(kind: .upload, name: descriptor.digest.description), maximumBytes: 64 << 10,
            accepting: [404])
        guard response.status != 404 else { return false }
        // A registry that calls a blob of another length by this digest does not have this one.
        return response.contentLength.map { $0 == descriptor.size } ?? true
    }

    /// Puts a blob into a repository on the calling thread, unless it is there; never call it from a task.
    ///
    /// It is mounted from one of `mountable` where the registry does that, and uploaded else: in one request while it is
    /// small, and else in pieces that go on from what the registry has after a failure. A session that the registry has
    /// forgotten is begun anew. Tried again as the configuration says, the count starting anew with every MiB that the
    /// registry has more. `source` is only asked for where bytes are sent.
    ///
    /// Throws `denied`, `unsupported` (a registry that is read-only), `digestMismatch`, `refused`, `network`, …; what the
    /// source throws comes back as the `cause` of `consumer`.
    package func uploadBlob(
        _ descriptor: Descriptor, to repository: Repository, mountable: [Repository] = [],
        cancellation: CancellationFlag, events: UploadEvents = UploadEvents(),
        source: @Sendable () throws -> any UploadSource
    ) throws(RegistryError) -> UploadOutcome {
        let endpoint = try writeEndpoint(for: repository)
        var paths: [String] = []
        for other in mountable where other != repository && shareRegistry(other, repository) {
            paths.append(try writeEndpoint(for: other).path)
        }
        let upload = BlobUpload(
            client: self, descriptor: descriptor, endpoint: endpoint, mountable: paths, cancellation: cancellation,
            events: events)
        return try upload.run(source)
    }
}
