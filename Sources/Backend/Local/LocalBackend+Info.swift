import Glibc
import HTTP
import Layers
import OCI
import Registry
import Store
import Threads

extension LocalBackend {
    package func info() async throws(BackendError) -> BackendInfo {
        try await withCancellationFlag { flag throws(BackendError) in
            let cancelled: @Sendable () -> Bool = { flag.isCancelled }
            let (images, usage) = try storing { () throws(StoreError) in
                (try store.images(cancelled: cancelled), try store.usage(cancelled: cancelled))
            }
            let configuration = try registry.value().configuration
            return BackendInfo(
                name: "local", storePath: store.path, referenceCount: images.count,
                imageCount: Set(images.map { $0.record?.id ?? $0.entry.digest }).count,
                danglingCount: images.filter(\.entry.isDangling).count, disk: DiskUsage.Disk(usage),
                freeBytes: LocalBackend.freeBytes(at: store.path),
                registries: configuration.registries.entries.map(BackendInfo.Registry.init),
                libraries: LocalBackend.libraries)
        }
    }

    /// Bytes free for this user where `path` is, or will be.
    private static func freeBytes(at path: String) -> Int64? {
        var path = path
        var status = statvfs()
        while statvfs(path, &status) != 0 {
            guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return nil }
            path = String(path[..<slash])
        }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? .max : Int64(clamping: bytes)
    }

    private static var libraries: [(name: String, version: String)] {
        [
            ("curl", HTTPClient.libraryVersion), ("openssl", DigestHasher.libraryVersion),
            ("zstd", LayerCompression.zstdVersion),
        ].compactMap { name, version in version.map { (name, $0) } }
    }
}

extension BackendInfo.Registry {
    fileprivate init(_ entry: RegistriesConfiguration.Entry) {
        self.init(
            prefix: entry.prefix, location: entry.location.isEmpty ? nil : entry.location, insecure: entry.insecure,
            blocked: entry.blocked,
            mirrors: entry.mirrors.map { Mirror(location: $0.location, insecure: $0.insecure, use: $0.use.rawValue) })
    }
}
