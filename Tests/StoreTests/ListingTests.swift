import Foundation
import JSON
import Layers
import OCI
import Synchronization
import Testing
import Threads

@testable import Store

@Suite struct ListingTests {
    private static func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Every row, as one text.
    private static func describe(_ listing: ImageListing) -> [String] {
        (0..<listing.count).map { row in
            listing.withRow(row) { row in
                let texts = [
                    row.reference, row.repository, row.tag, row.fullName, row.name, row.id, row.digest, row.created,
                    row.platform, row.lastPulled,
                ]
                let labels = row.labels.map { "\(text($0.key))=\(text($0.value))" }
                return (texts.map(text) + ["\(row.size ?? -1)", "\(row.sharedSize ?? -1)"] + labels).joined(
                    separator: "|")
            }
        }
    }

    private static func names(_ listing: ImageListing) -> [String] {
        (0..<listing.count).map { listing.withRow($0) { text($0.reference.isEmpty ? $0.name : $0.reference) } }
    }

    /// What the store says with its cache, and what it says without one: they must be the same.
    private func rows(_ fixture: StoreFixture, withSizes: Bool = true, cached: Bool? = nil) throws -> [String] {
        let before = inode(fixture)
        let rows = Self.describe(try fixture.store.listing(withSizes: withSizes))
        if let cached { #expect((before != nil && inode(fixture) == before) == cached) }
        let path = fixture.path + "/fresh"
        try FileManager.default.copyItem(atPath: fixture.store.path, toPath: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try? FileManager.default.removeItem(atPath: path + "/cache")
        let fresh = Self.describe(try Store(path: path).listing(withSizes: withSizes))
        // Sizes may be known although they were not asked for.
        if withSizes { #expect(rows == fresh) } else { #expect(rows.count == fresh.count) }
        return rows
    }

    /// A cache that is written anew has another.
    private func inode(_ fixture: StoreFixture) -> UInt64? {
        try? FileStatus(path: fixture.store.layout.listing).inode
    }

    private func cacheBytes(_ fixture: StoreFixture) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture.store.layout.listing)))
    }

    @Test func tellsAllOfEveryKindOfRow() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage(["one", "three"], platform: "linux/arm64/v8", label: "ü \"x\"")
        let other = try fixture.addImage(["other"])
        func row(_ image: StoreFixture.Image, _ annotations: String) -> String {
            #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(image.manifest.digest)","size":1,"annotations":{\#(annotations)}}"#
        }
        let digest = String(repeating: "a", count: 64)
        try fixture.writeIndex(
            #"{"schemaVersion":2,"manifests":["#
                + [
                    row(
                        image,
                        #""org.opencontainers.image.ref.name":"docker.io/library/nginx:1.25","io.dsh.last-pulled":"2024-01-02T03:04:05Z""#
                    ),
                    row(image, #""org.opencontainers.image.ref.name":"docker.io/me/app@sha256:\#(digest)""#),
                    row(
                        image,
                        #""org.opencontainers.image.ref.name":"latest","io.containerd.image.name":"quay.io/a/b:2""#),
                    row(other, #""org.opencontainers.image.ref.name":"No Reference""#),
                    row(other, #""something":"else""#),
                ].joined(separator: ",") + "]}")
        let (config, manifest) = (image.config.digest.description, image.manifest.digest.description)
        let rest = "\(config)|\(manifest)|2024-05-06T07:08:09Z|linux/arm64/v8"
        let otherRest =
            "\(other.config.digest)|\(other.manifest.digest)|2024-05-06T07:08:09Z|linux/amd64||5|0|name=|z=1"
        let labels = "name=ü \"x\"|z=1"
        let expected = [
            "||||No Reference|\(otherRest)",
            "me/app@sha256:\(digest)|me/app|||docker.io/me/app@sha256:\(digest)|\(rest)||8|0|\(labels)",
            "nginx:1.25|nginx|1.25||docker.io/library/nginx:1.25|\(rest)|2024-01-02T03:04:05Z|8|0|\(labels)",
            "quay.io/a/b:2|quay.io/a/b|2|quay.io/a/b:2|latest|\(rest)||8|0|\(labels)",
            "|||||\(otherRest)",
        ]
        #expect(try rows(fixture, cached: false) == expected)
        #expect(try rows(fixture, cached: true) == expected)
        #expect(try rows(fixture, withSizes: false, cached: true) == expected)
        // A row that is passed over is to be warned of each time, so that nothing is kept.
        try fixture.writeIndex(
            try fixture.indexText().replacingOccurrences(of: "]}", with: #",{"no":"descriptor"}]}"#))
        for _ in 0..<2 { #expect(Self.describe(try fixture.store.listing(withSizes: true)) == expected) }
        #expect(try rows(fixture, cached: true) == expected)
    }

    @Test func comesInDockersOrder() throws {
        let fixture = try StoreFixture()
        for (name, created) in [
            ("b", "2024-01-01T00:00:00Z"), ("a", "2024-01-01T00:00:00Z"), ("c", "2025-01-01T00:00:00.5Z"),
            ("d", "2025-01-01T00:00:00.6Z"), ("e", "nonsense"),
        ] {
            let config = Array(
                #"{"architecture":"amd64","os":"linux","created":"\#(created)","x":"\#(name)","rootfs":{"type":"layers","diff_ids":[]}}"#
                    .utf8)
            let manifest = StoreFixture.manifest(StoreFixture.descriptor(config, .ociConfig), [])
            for bytes in [config, manifest] { try fixture.store.writeBlob(bytes, digest: .of(bytes)) }
            try fixture.store.setReferences([
                ReferenceUpdate(
                    reference: try Reference(name), descriptor: StoreFixture.descriptor(manifest, .ociManifest))
            ])
        }
        for _ in 0..<2 {
            #expect(
                Self.names(try fixture.store.listing(withSizes: false)) == [
                    "d:latest", "c:latest", "a:latest", "b:latest", "e:latest",
                ])
        }
    }

    @Test func everyChangeOfTheIndexShows() throws {
        let fixture = try StoreFixture()
        #expect(try fixture.store.listing(withSizes: true).count == 0)
        let image = try fixture.addImage("a:1", ["x"])
        #expect(try rows(fixture, cached: false).count == 1)
        #expect(try rows(fixture, cached: true).count == 1)
        // Our own writes, many within a tick of the file system's clock; names of one length keep the file's size.
        for number in 10..<60 {
            let reference = try Reference("a:\(number)")
            try fixture.store.setReferences([ReferenceUpdate(reference: reference, descriptor: image.manifest)])
            #expect(Self.names(try fixture.store.listing(withSizes: true)).contains("a:\(number)"))
            _ = try fixture.store.remove([.reference(reference)])
            #expect(!Self.names(try fixture.store.listing(withSizes: true)).contains("a:\(number)"))
        }
        // Another tool's: in place, of the same size, with the old times put back.
        let text = try fixture.indexText()
        var times = [timespec](repeating: timespec(), count: 2)
        var status = stat()
        stat(fixture.store.layout.indexFile, &status)
        (times[0], times[1]) = (status.st_atim, status.st_mtim)
        for name in ["b:1", "c:1", "d:1"] {
            let changed = text.replacingOccurrences(of: "library/a:1", with: "library/" + name)
            #expect(changed.utf8.count == text.utf8.count && changed != text)
            let file = try #require(FileHandle(forWritingAtPath: fixture.store.layout.indexFile))
            try file.write(contentsOf: Data(changed.utf8))
            try file.close()
            utimensat(AT_FDCWD, fixture.store.layout.indexFile, &times, 0)
            #expect(Self.names(try fixture.store.listing(withSizes: true)) == [name])
        }
        unlink(fixture.store.layout.indexFile)
        #expect(code { _ = try fixture.store.listing(withSizes: true) } == .corrupt)
        try "damaged".write(toFile: fixture.store.layout.indexFile, atomically: true, encoding: .utf8)
        #expect(code { _ = try fixture.store.listing(withSizes: true) } == .corrupt)
    }

    @Test func sizesAreKnownOnceAskedFor() throws {
        let fixture = try StoreFixture()
        try fixture.addImage("a", ["base", "four"])
        try fixture.addImage("b", ["base", "seventeen bytes.."])
        func sizes(_ withSizes: Bool) throws -> [Int64?] {
            let listing = try fixture.store.listing(withSizes: withSizes)
            return (0..<listing.count).map { listing.withRow($0) { $0.size } }
        }
        #expect(try sizes(false) == [nil, nil])
        #expect(try sizes(false) == [nil, nil])
        #expect(try sizes(true) == [8, 21])
        #expect(try rows(fixture, cached: true).count == 2)
        #expect(try sizes(false) == [8, 21])
    }

    @Test func whatTheIndexDoesNotShowIsLookedAtAgain() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage("a", ["one"])
        let gone = try fixture.addImage("gone", ["gone"])
        let layerless = try fixture.addImage("layerless", ["layer"])
        let (config, layer) = (
            fixture.store.layout.blob(gone.config.digest), fixture.store.layout.blob(layerless.layers[0].digest)
        )
        for path in [config, layer] { try FileManager.default.moveItem(atPath: path, toPath: path + ".away") }
        let listing = try fixture.store.listing(withSizes: true)
        #expect(
            Self.describe(listing).filter {
                $0.hasPrefix("gone")
                    && $0.contains("|\(gone.manifest.digest)|\(gone.manifest.digest)||unknown/unknown||-1|")
            }.count == 1)
        try FileManager.default.moveItem(atPath: config + ".away", toPath: config)
        #expect(
            try rows(fixture, withSizes: false).contains {
                $0.hasPrefix("gone") && $0.contains("\(gone.config.digest)")
            })
        let without = try rows(fixture)
        #expect(without.contains { $0.hasPrefix("layerless") && $0.contains("|-1|-1|") })
        // The list without that size stays good for those who do not ask for sizes.
        #expect(try rows(fixture, withSizes: false, cached: true).count == 3)
        #expect(try rows(fixture, cached: true) == without)
        try FileManager.default.moveItem(atPath: layer + ".away", toPath: layer)
        #expect(try rows(fixture, cached: false).contains { $0.hasPrefix("layerless") && $0.contains("|5|0|") })
        #expect(try rows(fixture, cached: true).contains { $0.contains("\(image.config.digest)") })
    }

    @Test func aBetterChildThatComesIsChosen() throws {
        let fixture = try StoreFixture()
        let best = try fixture.addImage(["best"], platform: Platform.host.description)
        let other = try fixture.addImage(["other"], platform: "linux/s390x")
        func child(_ image: StoreFixture.Image, _ platform: Platform) -> JSONValue {
            var descriptor = image.manifest
            descriptor.platform = platform
            return descriptor.json
        }
        let index: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociIndex.rawValue),
            "manifests": [child(other, try Platform("linux/s390x")), child(best, .host)],
        ]
        let bytes = Array(index.compact.utf8)
        try fixture.store.writeBlob(bytes, digest: .of(bytes))
        try fixture.store.setReferences([
            ReferenceUpdate(reference: try Reference("m"), descriptor: StoreFixture.descriptor(bytes, .ociIndex))
        ])
        let path = fixture.store.layout.blob(best.manifest.digest)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        #expect(try rows(fixture, cached: false)[0].contains("linux/s390x"))
        #expect(try rows(fixture, cached: true)[0].contains("linux/s390x"))
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        #expect(try rows(fixture, cached: false)[0].contains("\(best.config.digest)"))
        #expect(try rows(fixture, cached: true)[0].contains("\(best.config.digest)"))
        // Another platform is another question.
        let listing = try fixture.store.listing(platform: try Platform("linux/s390x"), withSizes: true)
        #expect(Self.describe(listing)[0].contains("\(other.config.digest)"))
        #expect(try rows(fixture)[0].contains("\(best.config.digest)"))
    }

    /// A cache cut or changed anywhere counts as none, and nothing traps even where its hash was put right.
    @Test func survivesADamagedCache() throws {
        let fixture = try StoreFixture()
        for name in ["a", "b", "c"] { try fixture.addImage(name, ["base", name]) }
        let expected = try rows(fixture)
        let whole = try cacheBytes(fixture)
        #expect(CachedListing.decode(whole) != nil)
        for length in 0..<whole.count {
            #expect(CachedListing.decode(Array(whole.prefix(length))) == nil)
            var damaged = whole
            damaged[length] ^= 0x41
            #expect(CachedListing.decode(damaged) == nil)
            guard length >= CachedListing.bodyStart else { continue }
            let body = Array(damaged[CachedListing.bodyStart...])
            let hash = body.withBytes { quickHash($0) }
            let forged = CachedListing.magic + (0..<8).map { UInt8(truncatingIfNeeded: hash >> UInt64(8 * $0)) } + body
            if let (_, listing) = CachedListing.decode(forged) { _ = Self.describe(listing) }
        }
        let oldVersion = Array("DSHLIST0".utf8) + whole.dropFirst(8)
        for garbage in [Array(whole.dropLast(9)), Array(whole.prefix(3)), [], oldVersion, whole + [0]] {
            try Data(garbage).write(to: URL(fileURLWithPath: fixture.store.layout.listing))
            #expect(try rows(fixture, cached: false) == expected)
            #expect(try rows(fixture, cached: true) == expected)
        }
        // Another store's cache.
        let other = try StoreFixture()
        try other.addImage("other", ["x"])
        _ = try other.store.listing(withSizes: true)
        try Data(try cacheBytes(other)).write(to: URL(fileURLWithPath: fixture.store.layout.listing))
        #expect(try rows(fixture, cached: false) == expected)
    }

    @Test func needsNoCache() throws {
        let fixture = try StoreFixture()
        try fixture.addImage("a", ["x"])
        // Nothing can be written where a file is in the way of the directory.
        try? FileManager.default.removeItem(atPath: fixture.store.layout.cache)
        try "".write(toFile: fixture.store.layout.cache, atomically: true, encoding: .utf8)
        for _ in 0..<2 { #expect(try rows(fixture).count == 1) }
        // A link planted in the cache's place is not followed.
        unlink(fixture.store.layout.cache)
        #expect(try rows(fixture).count == 1)
        let path = fixture.store.layout.listing
        try FileManager.default.moveItem(atPath: path, toPath: fixture.path + "/elsewhere")
        symlink(fixture.path + "/elsewhere", path)
        #expect(try rows(fixture, cached: false).count == 1)
    }

    /// Writers change names, delete the cache and damage it while readers list: a reader sees a name from when it was given
    /// until it is taken away.
    @Test func holdsWithManyReadersAndWriters() throws {
        let fixture = try StoreFixture()
        let store = fixture.store
        let image = try fixture.addImage("kept", ["x"])
        let failures = Mutex<[String]>([])
        let group = DispatchGroup()
        for worker in 0..<4 {
            group.enter()
            let thread = WorkerThread {
                defer { group.leave() }
                do {
                    for round in 0..<25 {
                        let reference = try Reference("w\(worker):\(round)")
                        try store.setReferences([ReferenceUpdate(reference: reference, descriptor: image.manifest)])
                        let there = Self.names(try store.listing(withSizes: round % 2 == 0))
                        _ = try store.remove([.reference(reference)])
                        let gone = Self.names(try store.listing(withSizes: round % 3 == 0))
                        if !there.contains(reference.familiar) || gone.contains(reference.familiar)
                            || !there.contains("kept:latest")
                        {
                            failures.withLock { $0.append("\(worker):\(round) \(there) \(gone)") }
                        }
                        if round % 5 == worker { unlink(store.layout.listing) }
                        if round % 7 == worker { truncate(store.layout.listing, 40) }
                    }
                } catch { failures.withLock { $0.append("\(error)") } }
            }
            thread?.detach()
        }
        group.wait()
        #expect(failures.withLock { $0 } == [])
        #expect(Self.names(try store.listing(withSizes: true)) == ["kept:latest"])
    }
}
