import Fixtures
import OCI
import Threads

@testable import Registry

/// A stub to push to, and a blob of 9 MB that goes there in pieces.
struct UploadFixture {
    let stub = StubRegistry()
    let bytes: [UInt8]
    let blob: Descriptor

    init() throws {
        bytes = (0..<9_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13 ^ $0 >> 7) }
        blob = Descriptor(mediaType: .ociLayerGzip, digest: Digest.of(bytes), size: Int64(bytes.count))
    }

    func repository(_ path: String = "team/new", host: String? = nil) throws -> Repository {
        try Repository("\(host ?? stub.host)/\(path)")
    }

    func upload(
        _ bytes: [UInt8]? = nil, as descriptor: Descriptor? = nil, to path: String = "team/new",
        mountable: [Repository] = [], client: RegistryClient? = nil,
        cancellation: CancellationFlag = CancellationFlag(),
        events: UploadEvents = UploadEvents()
    ) async throws -> Result<UploadOutcome, RegistryError> {
        let client = try client ?? registryClient(attempts: 6)
        let content = bytes ?? self.bytes
        let descriptor =
            descriptor ?? Descriptor(mediaType: .ociLayerGzip, digest: Digest.of(content), size: Int64(content.count))
        let repository = try repository(path)
        return await onThread {
            Result { () throws(RegistryError) in
                try client.uploadBlob(
                    descriptor, to: repository, mountable: mountable, cancellation: cancellation, events: events
                ) { UploadBytes(content) }
            }
        }
    }

    var methods: [String] { stub.requests("/blobs/").map(\.method) }
}
