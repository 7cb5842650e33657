import CSQLite
import Fixtures
import Foundation
import OCI
import Testing
import Threads

@testable import Store

@Suite struct DocumentCacheTests {
    private let directory = TemporaryDirectory()
    private var path: String { directory.path + "/cache/documents" }

    private func cache(_ maximumBytes: Int64 = 1 << 20) -> DocumentCache {
        DocumentCache(path: path, maximumBytes: maximumBytes)
    }

    private func documents(_ count: Int, size: Int) -> [(digest: Digest, bytes: [UInt8])] {
        (0..<count).map { number in
            let bytes = Array("\(number) ".utf8) + [UInt8](repeating: 32, count: size)
            return (Digest.of(bytes), bytes)
        }
    }

    private func table() throws -> DocumentTable {
        try FileManager.default.createDirectory(atPath: directory.path + "/cache", withIntermediateDirectories: true)
        return try #require(DocumentTable(path, creating: true, maximumBytes: 1 << 30))
    }

    @Test func givesBackWhatItWasGivenAlsoToAnotherProcess() {
        for (digest, bytes) in documents(3, size: 100) + [(.of([]), []), (.of([0], algorithm: .sha512), [0])] {
            #expect(cache().read(digest) == nil)
            cache().write(bytes, digest: digest)
            #expect(cache().read(digest) == bytes)
        }
    }

    @Test func aReaderMakesNothing() {
        #expect(cache().read(.of([1])) == nil)
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/cache"))
        directory.write("cache/documents", "")
        #expect(cache().read(.of([1])) == nil)
        cache().write([1], digest: .of([1]))
        #expect(cache().read(.of([1])) == [1])
    }

    @Test func aDocumentWithOtherBytesIsGone() throws {
        let (digest, bytes) = documents(1, size: 100)[0]
        try table().insert(Array(bytes.dropLast()), digest, used: 1)
        let cache = cache()
        #expect(cache.read(digest) == nil)
        cache.write(bytes, digest: digest)
        #expect(cache.read(digest) == bytes)
    }

    /// A file of another program, of a later dsh's, one that was cut off, one with holes where its pages were.
    @Test(arguments: ["text", "version", "application", "cut", "holes"]) func aDamagedFileIsMadeAnew(_ damage: String)
        throws
    {
        let documents = documents(200, size: 1000)
        do {
            let cache = cache()
            for (digest, bytes) in documents { cache.write(bytes, digest: digest) }
        }
        var file = try #require(readFile(path))
        #expect(file.count > 200_000)
        switch damage {
        case "text": file = Array("no database, but long enough to be looked at\n".utf8)
        case "version": file[63] = 99  // PRAGMA user_version
        case "application": file[71] = 99  // PRAGMA application_id
        case "cut": file = Array(file.prefix(file.count / 2))
        default: for index in file.indices where index >= 4096 && index % 8192 < 4096 { file[index] = 0 }
        }
        directory.write("cache/documents", file)
        let cache = cache()
        for (digest, bytes) in documents {
            let found = cache.read(digest)
            #expect(found == nil || found == bytes)
        }
        for (digest, bytes) in documents { cache.write(bytes, digest: digest) }
        for (digest, bytes) in documents where cache.read(digest) == nil { cache.write(bytes, digest: digest) }
        #expect(documents.allSatisfy { cache.read($0.digest) == $0.bytes })
    }

    @Test func mayBeDeletedAtAnyTime() throws {
        let (digest, bytes) = documents(1, size: 100)[0]
        let cache = cache()
        cache.write(bytes, digest: digest)
        try FileManager.default.removeItem(atPath: directory.path + "/cache")
        cache.write(bytes, digest: digest)
        #expect(cache.read(digest) == bytes)
        #expect(self.cache().read(digest) == nil)
        self.cache().write(bytes, digest: digest)
        #expect(self.cache().read(digest) == bytes)
    }

    @Test func keepsToItsSizeAndDropsWhatWasUsedLongestAgo() throws {
        let documents = documents(1300, size: 1000)
        let old = Int64(time(nil)) - 1_000_000
        do {
            let table = try table()
            for (index, (digest, bytes)) in documents[..<1000].enumerated() {
                table.insert(bytes, digest, used: old + Int64(index))
            }
            #expect(table.size > 1 << 20)
        }
        // Reading it is using it.
        #expect(cache().read(documents[0].digest) != nil)
        let cache = cache()
        for (digest, bytes) in documents[1000...] {
            cache.write(bytes, digest: digest)
        }
        #expect(try table().size <= 1 << 20 + 1 << 16)
        #expect(cache.read(documents[0].digest) != nil)
        #expect(cache.read(documents[1].digest) == nil)
        #expect(cache.read(documents[1299].digest) != nil)
        // Room that is free again is used again.
        #expect(try #require(readFile(path)).count < 2 << 20)
    }

    @Test func anotherProcessThatComesToAFullCacheMakesRoomToo() throws {
        for (digest, bytes) in documents(2000, size: 1000) { cache(1 << 18).write(bytes, digest: digest) }
        #expect(try table().size <= 1 << 18)
    }

    @Test func whatIsLargeOrCannotBeWrittenIsPassedOver() {
        let large = [UInt8](repeating: 1, count: DocumentCache.largest + 1)
        let cache = cache()
        cache.write(large, digest: .of(large))
        #expect(cache.read(.of(large)) == nil)
        let nowhere = DocumentCache(path: "/proc/nowhere/cache")
        nowhere.write([1], digest: .of([1]))
        #expect(nowhere.read(.of([1])) == nil)
    }

    @Test func manyThreadsAndConnectionsAtOnce() async {
        let documents = documents(400, size: 900)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask { [path] in
                    await onOwnThread {
                        let cache = DocumentCache(path: path, maximumBytes: 1 << 18)
                        for index in documents.indices {
                            let (digest, bytes) = documents[(index + number * 50) % documents.count]
                            cache.write(bytes, digest: digest)
                            let found = cache.read(digest)
                            #expect(found == nil || found == bytes)
                        }
                    }
                }
            }
        }
    }

    /// Somebody keeps the file to himself, as an sqlite3 in another window may: nobody waits for that for long.
    @Test(arguments: ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"]) func oneThatIsHeldIsGoneWithout(_ lock: String) throws {
        let documents = documents(2000, size: 100)
        let first = cache()
        for (digest, bytes) in documents[..<1000] { first.write(bytes, digest: digest) }
        var holder: OpaquePointer?
        #expect(sqlite3_open(path, &holder) == SQLITE_OK)
        defer { sqlite3_close(holder) }
        #expect(sqlite3_exec(holder, lock, nil, nil, nil) == SQLITE_OK)
        let start = ContinuousClock.now
        for cache in [first, cache()] {
            for (digest, bytes) in documents[1000...] { cache.write(bytes, digest: digest) }
            for (digest, bytes) in documents[..<1000] {
                let found = cache.read(digest)
                #expect(found == nil || found == bytes)
            }
        }
        // Waiting for each of them would take half a minute.
        #expect(ContinuousClock.now - start < .seconds(5))
        sqlite3_exec(holder, "COMMIT", nil, nil, nil)
        #expect(self.cache().read(documents[0].digest) == documents[0].bytes)
    }

    /// A link, a directory, a pipe: nothing is read or written through it, and nothing waits for it.
    @Test(arguments: ["link", "directory", "pipe"]) func whatIsNoFileIsLeftAlone(_ kind: String) throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: directory.path + "/cache", withIntermediateDirectories: true)
        switch kind {
        case "link":
            let other = try #require(DocumentTable(directory.path + "/other", creating: true, maximumBytes: 1 << 20))
            other.insert([1], .of([1]), used: 1)
            try manager.createSymbolicLink(atPath: path, withDestinationPath: directory.path + "/other")
        case "directory": try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
        default: #expect(mkfifo(path, 0o600) == 0)
        }
        let before = readFile(directory.path + "/other")
        let cache = cache()
        #expect(cache.read(.of([1])) == nil)
        cache.write([2], digest: .of([2]))
        #expect(cache.read(.of([2])) == nil)
        #expect(readFile(directory.path + "/other") == before)
    }

    @Test func aDocumentThatIsTooLargeIsNotRead() throws {
        let large = [UInt8](repeating: 1, count: DocumentCache.largest + 1)
        try table().insert(large, .of(large), used: 1)
        var holder: OpaquePointer?
        #expect(sqlite3_open(path, &holder) == SQLITE_OK)
        defer { sqlite3_close(holder) }
        let name = Digest.of([1]).description
        let change = "INSERT INTO documents (digest, used, bytes) VALUES ('\(name)', 1, zeroblob(100000000))"
        #expect(sqlite3_exec(holder, change, nil, nil, nil) == SQLITE_OK)
        let cache = cache()
        #expect(cache.read(.of(large)) == nil)
        #expect(cache.read(.of([1])) == nil)
        cache.write([2], digest: .of([2]))
        #expect(cache.read(.of([2])) == [2])
    }

    /// Processes that are killed while they write: the next one reads and writes on.
    @Test func survivesProcessesThatAreKilled() throws {
        let documents = documents(300, size: 2000)
        for round in 0..<5 {
            // What a killed process leaves are its files as they were, the log not yet taken over.
            let table = try table()
            for (digest, bytes) in documents[(round * 50)..<(round * 50 + 100)] { table.insert(bytes, digest, used: 1) }
            for end in ["", "-journal"] {
                guard let file = readFile(path + end) else { continue }
                directory.write("copy\(round)/documents" + end, file)
            }
            let copy = DocumentCache(path: directory.path + "/copy\(round)/documents")
            let kept = documents[..<(round * 50 + 99)].filter { copy.read($0.digest) == $0.bytes }
            #expect(kept.count > round * 50)
            copy.write([7], digest: .of([7]))
            #expect(copy.read(.of([7])) == [7])
        }
    }
}
