import Layers
import OCI
import Testing

@testable import Store

/// Blobs whose digest another thread works out while they come.
@Suite struct IngestAsideTests {
    /// Several rounds through the buffers, and an end that fills none.
    static let bytes: [UInt8] = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    static let descriptor = Descriptor(mediaType: .ociLayer, digest: .of(bytes), size: Int64(bytes.count))

    @Test(arguments: [1000, 1 << 17, 1 << 18, 700_000, 4_000_000])
    func takesABlob(step: Int) throws {
        let fixture = try StoreFixture()
        let ingest = try fixture.store.beginIngest(Self.descriptor)
        try Self.bytes.feed(ingest, step: step, aside: true)
        try ingest.commit()
        #expect(try fixture.store.readBlob(Self.descriptor.digest, limit: 1 << 22) == Self.bytes)
    }

    /// Processors become free and busy as other blobs end and begin.
    @Test(arguments: 0..<10)
    func mayChangeAtAnyTime(round: Int) throws {
        let fixture = try StoreFixture()
        let ingest = try fixture.store.beginIngest(Self.descriptor)
        try Self.bytes.feed(ingest, step: Int.random(in: 1...600_000), aside: .random())
        try ingest.commit()
        #expect(try fixture.store.readBlob(Self.descriptor.digest, limit: 1 << 22) == Self.bytes)
    }

    /// What was given up at any place is whole up to there, and the next run goes on with it.
    @Test(arguments: [1, 262_144, 1_000_000, 2_999_999])
    func goesOnWhereItStopped(place: Int) throws {
        let fixture = try StoreFixture()
        do {
            try Array(Self.bytes.prefix(place)).feed(
                try fixture.store.beginIngest(Self.descriptor), step: 131_072, aside: true)
        }
        let ingest = try fixture.store.beginIngest(Self.descriptor)
        #expect(ingest.offset == Int64(place))
        try Array(Self.bytes.dropFirst(place)).feed(ingest, step: 131_072, aside: true)
        try ingest.commit()
        #expect(try fixture.store.fsck().filter(\.isDamage) == [])
    }

    @Test func startsAnewWhereTheServerDoes() throws {
        let fixture = try StoreFixture()
        let ingest = try fixture.store.beginIngest(Self.descriptor)
        try [UInt8](repeating: 1, count: 2_000_000).feed(ingest, step: 131_072, aside: true)
        try ingest.restart()
        try Self.bytes.feed(ingest, step: 131_072, aside: true)
        try ingest.commit()
        #expect(try fixture.store.readBlob(Self.descriptor.digest, limit: 1 << 22) == Self.bytes)
    }

    @Test func refusesWrongBytes() throws {
        let fixture = try StoreFixture()
        var wrong = Self.bytes
        wrong[400_000] ^= 1
        let ingest = try fixture.store.beginIngest(Self.descriptor)
        try wrong.feed(ingest, step: 131_072, aside: true)
        #expect(code { try ingest.commit() } == .digestMismatch)
        #expect(!fixture.store.hasBlob(Self.descriptor.digest))
        #expect(try fixture.store.beginIngest(Self.descriptor).offset == 0)
    }

    @Test func refusesTooManyBytes() throws {
        let fixture = try StoreFixture()
        let ingest = try fixture.store.beginIngest(Self.descriptor)
        #expect(code { try (Self.bytes + [0]).feed(ingest, step: 131_072, aside: true) } == .corrupt)
        #expect(try fixture.store.beginIngest(Self.descriptor).offset == 0)
    }

    @Test func discardsWhatIsBeingDigested() throws {
        let fixture = try StoreFixture()
        for _ in 0..<20 {
            let ingest = try fixture.store.beginIngest(Self.descriptor)
            #expect(ingest.offset == 0)
            try Self.bytes.feed(ingest, step: 262_144, aside: true)
            ingest.discard()
        }
    }
}
