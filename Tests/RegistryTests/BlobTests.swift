import Fixtures
import Glibc
import HTTP
import OCI
import Synchronization
import Testing
import Threads

@testable import Registry

/// What a download gave its caller, kept as a store would: `onStart` cuts back to where the bytes go on.
private final class Sink: Sendable {
    private let state = Mutex((bytes: [UInt8](), starts: [Int64]()))

    init(_ partial: [UInt8] = []) { state.withLock { $0.bytes = partial } }

    var bytes: [UInt8] { state.withLock { $0.bytes } }
    var starts: [Int64] { state.withLock { $0.starts } }

    func start(_ place: Int64) {
        state.withLock { state in
            state.starts.append(place)
            state.bytes.removeLast(state.bytes.count - Int(place))
        }
    }

    func take(_ more: UnsafeRawBufferPointer) { state.withLock { $0.bytes += more } }
}

@Suite struct BlobTests {
    private func download(
        _ registry: SmallRegistry, _ sink: Sink, retrying: Bool = false, registries: String = "",
        cancellation: CancellationFlag = CancellationFlag(), descriptor: Descriptor? = nil
    ) async throws -> Result<Void, RegistryError> {
        let client = try registryClient(registries: registries)
        let descriptor = descriptor ?? registry.descriptor
        let repository = try registry.repository()
        return await onThread {
            Result { () throws(RegistryError) in
                let offset = Int64(sink.bytes.count)
                if retrying {
                    try client.downloadBlobRetrying(
                        descriptor, from: repository, offset: offset, cancellation: cancellation, onStart: sink.start,
                        onBytes: sink.take)
                } else {
                    try client.downloadBlob(
                        descriptor, from: repository, offset: offset, cancellation: cancellation, onStart: sink.start,
                        onBytes: sink.take)
                }
            }
        }
    }

    @Test func whole() async throws {
        let registry = try SmallRegistry()
        let sink = Sink()
        try await download(registry, sink).get()
        #expect(sink.bytes == registry.layer)
        #expect(sink.starts == [0])
        #expect(registry.stub.requests.first?.header("Range") == nil)
    }

    @Test func goesOnFromAPart() async throws {
        let registry = try SmallRegistry()
        let sink = Sink(Array(registry.layer.prefix(100_000)))
        try await download(registry, sink).get()
        #expect(sink.bytes == registry.layer)
        #expect(sink.starts == [100_000])
        #expect(registry.stub.requests.first?.header("Range") == "bytes=100000-")
        // Nothing is asked for where nothing is missing.
        registry.stub.forgetRequests()
        let whole = Sink(registry.layer)
        try await download(registry, whole).get()
        #expect(whole.starts == [300_000])
        #expect(registry.stub.requests.isEmpty)
    }

    @Test func startsAgainWhereRangesAreIgnored() async throws {
        let registry = try SmallRegistry()
        registry.stub.servesRanges = false
        let sink = Sink(Array(registry.layer.prefix(100_000)))
        try await download(registry, sink).get()
        #expect(sink.bytes == registry.layer)
        #expect(sink.starts == [0])
        #expect(registry.stub.requests.count == 1)
    }

    @Test(
        arguments: [
            (416, "bytes */300000"), (206, "bytes 5-299999/300000"), (206, nil), (206, "nonsense"),
            (206, "bytes 0-299999/300000"),
        ] as [(Int, String?)])
    func startsAgainWhereTheRangeIsWrong(_ status: Int, _ range: String?) async throws {
        let registry = try SmallRegistry()
        registry.stub.rule(
            "/blobs/",
            StubAction { request, response in
                guard request.header("Range") != nil else { return response }
                var changed = response
                changed.status = status
                changed.set("Content-Range", range)
                return changed
            })
        let sink = Sink(Array(registry.layer.prefix(100_000)))
        try await download(registry, sink).get()
        #expect(sink.bytes == registry.layer)
        #expect(sink.starts == [0])
        #expect(registry.stub.requests.map { $0.header("Range") } == ["bytes=100000-", nil])
    }

    @Test func aPartOfAnotherBlobIsRefused() async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/blobs/", .header("Content-Range", "bytes 100000-299999/999999"))
        let sink = Sink(Array(registry.layer.prefix(100_000)))
        let result = try await download(registry, sink)
        await expectFailure(.blobTooLong) { () throws(RegistryError) in try result.get() }
    }

    @Test(
        arguments: [
            (StubAction.short(by: 1), RegistryError.Reason.blobTooShort), (.short(by: 1, .chunked), .blobTooShort),
            (.short(by: 1, .untilClose), .blobTooShort), (.long(by: 1), .blobTooLong),
            (.long(by: 1, .chunked), .blobTooLong),
            (.long(by: 100_000, .untilClose), .blobTooLong), (.status(404, "BLOB_UNKNOWN"), .notFound),
            (.status(403), .denied), (.status(503), .network), (.status(429), .rateLimited),
            (.delivery(.reset(after: 1000)), .network), (.delivery(.cut(after: 1000)), .network),
            (.delivery(.stall(after: 1000)), .timeout), (.delivery(.hangUp), .network),
            (.redirect("/v2/team/app/blobs/loop"), .redirect),
        ] as [(StubAction, RegistryError.Reason)])
    func badAnswersHaveErrorsOfTheirOwn(_ action: StubAction, _ reason: RegistryError.Reason) async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/blobs/", action)
        let sink = Sink()
        let result = try await download(registry, sink)
        await expectFailure(reason) { () throws(RegistryError) in try result.get() }
        #expect(sink.bytes.count <= registry.layer.count)
    }

    @Test func noMoreThanTheSizeIsEverHandedOn() async throws {
        let registry = try SmallRegistry()
        var descriptor = registry.descriptor
        descriptor.size = 1000
        registry.stub.rule("/blobs/", .length(.chunked))
        let sink = Sink()
        let result = try await download(registry, sink, descriptor: descriptor)
        await expectFailure(.blobTooLong) { () throws(RegistryError) in try result.get() }
        #expect(sink.bytes.count <= 1000)
    }

    @Test func retriesGoOnWhereItBroke() async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/blobs/", times: 1, .delivery(.reset(after: 100_000)))
        registry.stub.rule("/blobs/", times: 1, .status(503, retryAfter: "0"))
        registry.stub.rule("/blobs/", times: 1, .delivery(.cut(after: 50_000)))
        let sink = Sink()
        try await download(registry, sink, retrying: true).get()
        #expect(sink.bytes == registry.layer)
        let ranges = registry.stub.requests("/blobs/").map { $0.header("Range") ?? "" }
        #expect(ranges.count == 4)
        #expect(ranges.first == "")
        #expect(ranges.dropFirst().allSatisfy { $0.hasPrefix("bytes=") && $0 != "bytes=0-" })
    }

    @Test func aWaitCanBeCancelled() async throws {
        let registry = try SmallRegistry()
        registry.stub.rule("/blobs/", .status(503, retryAfter: "30"))
        let cancellation = CancellationFlag()
        let stub = registry.stub
        let cancelled = Mutex(ContinuousClock.now)
        // A thread, not a task: tests beside this one may hold the few that tasks have.
        let isStarted = WorkerThread.startDetached {
            while stub.requests.isEmpty { usleep(5_000) }
            usleep(30_000)
            cancelled.withLock { $0 = .now }
            cancellation.cancel()
        }
        #expect(isStarted)
        let result = try await download(registry, Sink(), retrying: true, cancellation: cancellation)
        await expectFailure(.interrupted) { () throws(RegistryError) in try result.get() }
        // The wait itself would take 30 s and more.
        #expect(ContinuousClock.now - cancelled.withLock { $0 } < .seconds(25))
    }

    @Test func asksForALogin() async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .bearer()
        let sink = Sink()
        try await download(registry, sink).get()
        #expect(sink.bytes == registry.layer)
        #expect(registry.stub.requests.map(\.path).map { $0.hasPrefix("/token") } == [false, true, false])
    }

    @Test func whatTheStoreThrowsComesBackAtOnce() async throws {
        struct Full: Error {}
        let registry = try SmallRegistry()
        let client = try registryClient()
        let (descriptor, repository) = (registry.descriptor, try registry.repository())
        let result = await onThread {
            Result { () throws(RegistryError) in
                try client.downloadBlobRetrying(
                    descriptor, from: repository, cancellation: CancellationFlag(), onStart: { _ in },
                    onBytes: { _ in throw Full() })
            }
        }
        let error = await expectFailure(.consumer) { () throws(RegistryError) in try result.get() }
        #expect(error?.cause is Full)
        #expect(registry.stub.requests.count == 1)
    }

    @Test(
        arguments: [
            ("bytes 0-9/10", ContentRange("bytes 0-9/10")), ("Bytes 5-9/*", ContentRange("bytes 5-9/*")),
            ("bytes 9-5/10", nil), ("bytes 0-9/5", nil), ("bytes */10", nil), ("0-9/10", nil), ("bytes -1-9/10", nil),
            ("bytes 0-99999999999999999999/*", nil), ("", nil), ("bytes 0-9", nil),
        ] as [(String, ContentRange?)])
    func contentRanges(_ text: String, _ expected: ContentRange?) {
        #expect(ContentRange(text) == expected)
        #expect((ContentRange(text) == nil) == (expected == nil))
    }
}
