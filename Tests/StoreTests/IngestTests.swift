import Foundation
import Layers
import OCI
import Testing
import Threads

@testable import Store

@Suite struct IngestTests {
    static let bytes: [UInt8] = (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 2) }
    static let descriptor = Descriptor(
        mediaType: .ociLayer, digest: .of(bytes), size: Int64(bytes.count))

    @Test(arguments: [1 << 10, 100_000, 1 << 20])
    func takesABlobInPieces(step: Int) throws {
        let fixture = try StoreFixture()
        let ingest = try fixture.store.beginIngest(Self.descriptor)
        #expect(!ingest.isComplete && ingest.offset == 0)
        try Self.bytes.feed(ingest, step: step)
        #expect(!fixture.store.hasBlob(Self.descriptor.digest))
        try ingest.commit()
        #expect(ingest.isComplete)
        #expect(try fixture.store.readBlob(Self.descriptor.digest, limit: 1 << 20) == Self.bytes)
        #expect(try fixture.store.beginIngest(Self.descriptor).isComplete)
        #expect(try fixture.store.fsck().map(\.kind) == [.unreferenced])
    }

    @Test func goesOnWhereItStopped() throws {
        let fixture = try StoreFixture()
        do {
            let ingest = try fixture.store.beginIngest(Self.descriptor)
            try Array(Self.bytes.prefix(300_000)).feed(ingest)
        }
        let ingest = try fixture.store.beginIngest(Self.descriptor)
        #expect(ingest.offset == 300_000 && ingest.resumedFrom == 300_000)
        try Array(Self.bytes.dropFirst(300_000)).feed(ingest)
        try ingest.commit()
        #expect(try fixture.store.fsck().filter(\.isDamage) == [])
    }

    /// Room is asked for ahead; what did not come is not to keep it.
    @Test func aPartialTakesNoMoreRoomThanItsBytes() throws {
        let fixture = try StoreFixture()
        let whole = Descriptor(
            mediaType: .ociLayer, digest: Digest.of([1, 2, 3]), size: 64 << 20)
        let path = fixture.store.layout.partial(whole.digest)
        func room() -> Int64 {
            var status = stat()
            return stat(path, &status) == 0 ? Int64(status.st_blocks) * 512 : -1
        }
        do {
            let ingest = try fixture.store.beginIngest(whole)
            try [UInt8](repeating: 7, count: 600_000).feed(ingest)
            #expect(room() >= 512 << 10)
        }
        #expect(room() < 2 << 20)
        #expect(try fixture.store.beginIngest(whole).offset == 600_000)
    }

    @Test func startsAnewWhereTheServerDoes() throws {
        let fixture = try StoreFixture()
        do { try Array(Self.bytes.prefix(300_000)).feed(try fixture.store.beginIngest(Self.descriptor)) }
        let ingest = try fixture.store.beginIngest(Self.descriptor)
        try ingest.restart()
        #expect(ingest.offset == 0)
        try Self.bytes.feed(ingest, step: 50_000)
        try ingest.commit()
        #expect(fixture.store.hasBlob(Self.descriptor.digest, size: Self.descriptor.size))
    }

    @Test func dropsADamagedPartial() throws {
        let fixture = try StoreFixture()
        do { try [UInt8](repeating: 1, count: 1000).feed(try fixture.store.beginIngest(Self.descriptor)) }
        do {
            let ingest = try fixture.store.beginIngest(Self.descriptor)
            try Array(Self.bytes.dropFirst(1000)).feed(ingest)
            #expect(code { try ingest.commit() } == .digestMismatch)
        }
        let ingest = try fixture.store.beginIngest(Self.descriptor)
        #expect(ingest.offset == 0)
        try Self.bytes.feed(ingest)
        try ingest.commit()
    }

    @Test func refusesTheWrongLength() throws {
        let fixture = try StoreFixture()
        do {
            let ingest = try fixture.store.beginIngest(Self.descriptor)
            try Array(Self.bytes.dropLast()).feed(ingest, step: 70_000)
            #expect(code { try ingest.commit() } == .corrupt)
        }
        let ingest = try fixture.store.beginIngest(Self.descriptor)
        #expect(ingest.offset == Self.descriptor.size - 1)
        #expect(code { try [1, 2].feed(ingest) } == .corrupt)
        #expect(code { try [1].feed(ingest) } == .conflict)
        #expect(try fixture.store.beginIngest(Self.descriptor).offset == 0)
    }

    /// A partial that is larger than the blob is none of it.
    @Test func emptiesAPartialThatIsTooLong() throws {
        let fixture = try StoreFixture()
        try fixture.store.prepare()
        try Data(count: 800_000).write(to: URL(fileURLWithPath: fixture.store.layout.partial(Self.descriptor.digest)))
        #expect(try fixture.store.beginIngest(Self.descriptor).offset == 0)
    }

    /// Many threads want one blob: one writes, the others wait and find it.
    @Test func sharesOneDownload() throws {
        let fixture = try StoreFixture()
        let store = fixture.store
        let writers = LockedCount()
        let group = DispatchGroup()
        for _ in 0..<6 {
            let started = WorkerThread {
                defer { group.leave() }
                guard let ingest = try? store.beginIngest(Self.descriptor), !ingest.isComplete else { return }
                writers.increment()
                try? Self.bytes.feed(ingest, step: 40_000)
                try? ingest.commit()
            }
            group.enter()
            started?.detach()
        }
        group.wait()
        #expect(writers.value == 1)
        #expect(store.hasBlob(Self.descriptor.digest, size: Self.descriptor.size))
    }

    @Test func stopsWaitingWhenTold() throws {
        let fixture = try StoreFixture()
        let first = try fixture.store.beginIngest(Self.descriptor)
        #expect(code { _ = try fixture.store.beginIngest(Self.descriptor, cancelled: { true }) } == .interrupted)
        first.discard()
        #expect(try fixture.store.beginIngest(Self.descriptor).offset == 0)
    }

    @Test func makesABlobOfUnknownDigest() throws {
        let fixture = try StoreFixture()
        let blob = try fixture.store.beginNewBlob()
        try Self.bytes.withBytes { raw throws(StoreError) in try blob.append(raw) }
        let (digest, size) = try blob.commit()
        #expect(digest == Self.descriptor.digest && size == Self.descriptor.size)
        do { _ = try fixture.store.beginNewBlob() }
        #expect(try fixture.store.fsck().map(\.kind) == [.unreferenced])
    }

    /// A full disk is told from other failures, and the partial is kept.
    @Test func tellsAFullDisk() throws {
        let fixture = try StoreFixture()
        let ingest = try fixture.store.beginIngest(Self.descriptor)
        try Array(Self.bytes.prefix(400_000)).feed(ingest)
        let error = StoreError(SystemError("write", "x", ENOSPC))
        #expect(error.code == .noSpace && error.hint != nil)
        #expect(StoreError(SystemError("write", "x", EIO)).code == .io)
        for (isReading, word) in [(true, "not readable"), (false, "not writable")] {
            let error = StoreError(SystemError("open", "x", EACCES, isReading: isReading))
            #expect(error.code == .io && error.hint?.contains(word) == true)
        }
    }

    @Test func refusesBytesOfAnotherDigest() throws {
        let fixture = try StoreFixture()
        #expect(code { try fixture.store.writeBlob([1], digest: .of([2])) } == .digestMismatch)
    }

    /// No blob is reached through a symbolic link.
    @Test func followsNoLinks() throws {
        let fixture = try StoreFixture()
        try fixture.store.writeBlob([1], digest: .of([1]))
        symlink("/etc/passwd", fixture.store.layout.blob(.of([2])))
        #expect(!fixture.store.hasBlob(.of([2])))
        #expect(code { _ = try fixture.store.readBlob(.of([2])) } == .corrupt)
        #expect(code { _ = try fixture.store.readBlob(.of([3])) } == .notFound)
        symlink("/etc/passwd", fixture.store.layout.partial(.of([4])))
        #expect(code { _ = try fixture.store.beginIngest(StoreFixture.descriptor([4], .ociLayer)) } == .io)
    }
}

final class LockedCount: @unchecked Sendable {
    // Every access holds the lock.
    private let lock = NSLock()
    private var count = 0

    var value: Int { lock.withLock { count } }
    func increment() { lock.withLock { count += 1 } }
}

@Suite struct ImportTests {
    @Test func importsADirectory() throws {
        let fixture = try StoreFixture()
        let root = fixture.path + "/root"
        try FileManager.default.createDirectory(atPath: root + "/etc", withIntermediateDirectories: true)
        try Data("hello".utf8).write(to: URL(fileURLWithPath: root + "/etc/motd"))
        let lease = try fixture.store.beginLease()
        let built = try fixture.store.importLayer(from: .directory(root), lease: lease)
        #expect(built.facts.fileBytes == 5)
        #expect(fixture.store.cachedLayerFacts(built.facts.digest) == built.facts)
        #expect(try fixture.store.collectGarbage(GarbageSelection(minimumAge: 0)).blobs.isEmpty)
        let layer = Descriptor(
            mediaType: built.mediaType, digest: built.facts.digest, size: built.facts.packedBytes)
        var paths: [String] = []
        try fixture.store.layerEntries(of: layer) { paths.append($0.pathText) }
        #expect(paths == ["etc", "etc/motd"])
        #expect(try fixture.store.fsck().filter(\.isDamage) == [])
    }

    @Test func leavesNothingOfAFailedImport() throws {
        let fixture = try StoreFixture()
        let lease = try fixture.store.beginLease()
        var given = 0
        let code = code {
            _ = try fixture.store.importLayer(
                from: .stream { buffer in
                    given += 1
                    buffer.copyBytes(from: [UInt8](repeating: 0x41, count: 700))
                    return given > 3 ? 0 : 700
                }, lease: lease)
        }
        #expect(code == .corrupt)
        #expect(try fixture.blobCount == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.store.layout.ingest) == ["leases"])
    }
}
