import Fixtures
import Foundation
import OCI
import Testing

@testable import Store

@Suite struct DocumentCacheTests {
    private let directory = TemporaryDirectory()

    private func cache(_ maximumBytes: Int64 = 1 << 20) -> DocumentCache {
        DocumentCache(directory: directory.path + "/cache", maximumBytes: maximumBytes)
    }

    /// Documents that all go into the same part.
    private func documents(_ count: Int, size: Int) -> [(Digest, [UInt8])] {
        var found: [(Digest, [UInt8])] = []
        var number = 0
        while found.count < count {
            number += 1
            let bytes = Array("\(number) ".utf8) + [UInt8](repeating: 32, count: size)
            let digest = Digest.of(bytes)
            if digest.hex.hasPrefix("00") { found.append((digest, bytes)) }
        }
        return found
    }

    private var files: [String] {
        (FileManager.default.subpaths(atPath: directory.path + "/cache") ?? []).filter { $0.contains("/") }
    }

    private var bytes: Int {
        files.reduce(0) { $0 + (readFile(directory.path + "/cache/" + $1)?.count ?? 0) }
    }

    @Test func givesBackWhatItWasGivenAlsoToAnotherProcess() {
        let (digest, bytes) = documents(1, size: 100)[0]
        #expect(cache().read(digest) == nil)
        cache().write(bytes, digest: digest)
        #expect(cache().read(digest) == bytes)
        #expect(files == ["00/sha256-\(digest.hex)"])
    }

    @Test func whatWasDamagedIsGone() {
        let (digest, bytes) = documents(1, size: 100)[0]
        let cache = cache()
        cache.write(bytes, digest: digest)
        directory.write("cache/00/sha256-\(digest.hex)", Array(bytes.dropLast()))
        #expect(cache.read(digest) == nil)
        #expect(files.isEmpty)
        cache.write(bytes, digest: digest)
        #expect(cache.read(digest) == bytes)
    }

    @Test func mayBeDeletedAtAnyTime() throws {
        let (digest, bytes) = documents(1, size: 100)[0]
        let cache = cache()
        cache.write(bytes, digest: digest)
        try FileManager.default.removeItem(atPath: directory.path + "/cache")
        #expect(cache.read(digest) == nil)
        cache.write(bytes, digest: digest)
        #expect(cache.read(digest) == bytes)
    }

    @Test func keepsToItsShareAndDropsWhatWasUsedLongestAgo() {
        let documents = documents(6, size: 1000)
        // 4096 bytes for each of the 256 parts: room for four.
        let cache = cache(1 << 20)
        for (index, (digest, bytes)) in documents.enumerated() {
            cache.write(bytes, digest: digest)
            var times = [
                timespec(tv_sec: 1_000_000 + index, tv_nsec: 0), timespec(tv_sec: 1_000_000 + index, tv_nsec: 0),
            ]
            utimensat(AT_FDCWD, directory.path + "/cache/00/sha256-\(digest.hex)", &times, 0)
            #expect(self.bytes <= 4096)
        }
        #expect(cache.read(documents[0].0) == nil)
        #expect(cache.read(documents[5].0) != nil)
    }

    @Test func anotherProcessThatComesToAFullPartMakesRoomToo() {
        let documents = documents(8, size: 1000)
        for (digest, bytes) in documents { cache().write(bytes, digest: digest) }
        #expect(bytes <= 4096)
        #expect(!files.isEmpty)
    }

    @Test func whatAKilledProcessLeftGoes() {
        let (digest, bytes) = documents(1, size: 100)[0]
        directory.write("cache/00/.new-999999999-1-1", "half a docu")
        directory.write("cache/00/.new-\(getpid())-1-1", "of a thread that still writes")
        cache().write(bytes, digest: digest)
        #expect(files.sorted() == ["00/.new-\(getpid())-1-1", "00/sha256-\(digest.hex)"])
    }

    @Test func whatIsLargeOrCannotBeWrittenIsPassedOver() {
        let large = [UInt8](repeating: 1, count: DocumentCache.largest + 1)
        let cache = cache()
        cache.write(large, digest: .of(large))
        #expect(cache.read(.of(large)) == nil)
        let nowhere = DocumentCache(directory: "/proc/nowhere/cache")
        nowhere.write([1], digest: .of([1]))
        #expect(nowhere.read(.of([1])) == nil)
    }

    @Test func manyThreadsAtOnce() async {
        let documents = documents(4, size: 900)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { [directory] in
                    let cache = DocumentCache(directory: directory.path + "/cache", maximumBytes: 1 << 19)
                    for _ in 0..<20 {
                        for (digest, bytes) in documents {
                            cache.write(bytes, digest: digest)
                            let found = cache.read(digest)
                            #expect(found == nil || found == bytes)
                        }
                    }
                }
            }
        }
    }
}
