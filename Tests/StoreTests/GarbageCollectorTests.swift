import Foundation
import JSON
import Layers
import OCI
import Testing
import Threads

@testable import Store

@Suite struct GarbageCollectorTests {
    @Test func removesWhatNothingElseNeeds() throws {
        let fixture = try StoreFixture()
        let first = try fixture.addImage("a", ["shared", "only a"])
        let second = try fixture.addImage("b", ["shared", "only b"])
        let selector = EntrySelector.reference(try Reference("a"))
        let dry = try fixture.store.remove([selector], dryRun: true)
        #expect(try fixture.names().count == 2)
        #expect(try fixture.blobCount == 7)
        let report = try fixture.store.remove([selector])
        #expect(report == dry)
        #expect(Set(report.collected.blobs.map(\.digest)) == Set(first.blobs).subtracting(second.blobs))
        #expect(report.removed.map(\.name) == ["docker.io/library/a:latest"])
        #expect(try fixture.store.fsck() == [])
        #expect(try Set(fixture.store.blobs().map(\.digest)) == Set(second.blobs))
        #expect(code { _ = try fixture.store.remove([selector]) } == .notFound)
    }

    @Test func anotherNameKeepsTheImage() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage("a", ["x"])
        try fixture.store.setReferences([ReferenceUpdate(reference: try Reference("b"), descriptor: image.manifest)])
        let report = try fixture.store.remove([.reference(try Reference("a"))])
        #expect(report.collected.blobs.isEmpty)
        #expect(try fixture.store.remove([.digest(image.manifest.digest)]).collected.blobs.count == 3)
        #expect(try fixture.blobCount == 0)
    }

    @Test func untaggingLeavesADanglingImage() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage("a", ["x"])
        let report = try fixture.store.remove([.reference(try Reference("a"))], leavingDangling: true)
        #expect(report.dangling == [image.manifest.digest] && report.collected.blobs.isEmpty)
        #expect(try fixture.names() == ["-"])
        #expect(try fixture.store.remove([.dangling(image.manifest.digest)]).collected.blobs.count == 3)
    }

    @Test func keepsWhatAnIndexHasAndMissesNothingElse() throws {
        let fixture = try StoreFixture()
        let here = try fixture.addImage(["amd"])
        let absent = StoreFixture.descriptor([1, 2, 3], .ociManifest)
        let index: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociIndex.rawValue),
            "manifests": [here.manifest.json, absent.json],
        ]
        let bytes = Array(index.compact.utf8)
        try fixture.store.writeBlob(bytes, digest: .of(bytes))
        let descriptor = StoreFixture.descriptor(bytes, .ociIndex)
        try fixture.store.setReferences([ReferenceUpdate(reference: try Reference("multi"), descriptor: descriptor)])
        #expect(try fixture.store.collectGarbage(GarbageSelection(minimumAge: 0)).blobs.isEmpty)
        #expect(try fixture.store.fsck() == [])
        #expect(try fixture.store.remove([.reference(try Reference("multi"))]).collected.blobs.count == 4)
    }

    /// A manifest that calls another image's manifest a layer must not hide that image's own layers.
    @Test func isNotFooledByAManifestListedAsALayer() throws {
        let fixture = try StoreFixture()
        let victim = try fixture.addImage(["victim"])
        let config = StoreFixture.config([])
        let configDescriptor = StoreFixture.descriptor(config, .ociConfig)
        try fixture.store.writeBlob(config, digest: .of(config))
        let manifest = StoreFixture.manifest(configDescriptor, [victim.manifest])
        try fixture.store.writeBlob(manifest, digest: .of(manifest))
        try fixture.store.setReferences([
            ReferenceUpdate(
                reference: try Reference("attacker"), descriptor: StoreFixture.descriptor(manifest, .ociManifest)),
            ReferenceUpdate(reference: try Reference("victim"), descriptor: victim.manifest),
        ])
        _ = try fixture.store.collectGarbage(GarbageSelection(minimumAge: 0))
        #expect(victim.blobs.allSatisfy { fixture.store.hasBlob($0) })
    }

    @Test func leavesYoungBlobsAndPartials() throws {
        let fixture = try StoreFixture()
        try fixture.addImage("a", ["x"])
        let orphan = try fixture.addImage(["orphan"])
        do { try [1, 2, 3].feed(try fixture.store.beginIngest(StoreFixture.descriptor([1, 2, 3, 4], .ociLayer))) }
        #expect(try fixture.store.collectGarbage().blobs.isEmpty)
        let dry = try fixture.store.collectGarbage(GarbageSelection(minimumAge: 0, leftoverAge: 0), dryRun: true)
        let report = try fixture.store.collectGarbage(GarbageSelection(minimumAge: 0, leftoverAge: 0))
        #expect(report == dry)
        #expect(Set(report.blobs.map(\.digest)) == Set(orphan.blobs))
        #expect(report.files.map(\.size) == [3])
        #expect(try fixture.store.fsck() == [])
    }

    @Test func aPartialInUseStays() throws {
        let fixture = try StoreFixture()
        let ingest = try fixture.store.beginIngest(StoreFixture.descriptor([1, 2, 3, 4], .ociLayer))
        #expect(try fixture.store.collectGarbage(GarbageSelection(minimumAge: 0, leftoverAge: 0)).files.isEmpty)
        try [1, 2, 3, 4].feed(ingest)
        try ingest.commit()
    }

    @Test func aLeaseProtectsUntilItEnds() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage(["x"])
        let lease = try fixture.store.beginLease()
        try lease.protect(image.blobs)
        #expect(try fixture.store.collectGarbage(GarbageSelection(minimumAge: 0)).blobs.isEmpty)
        // Also against removal by name: a pull of the same image runs.
        try fixture.store.setReferences([ReferenceUpdate(reference: try Reference("n"), descriptor: image.manifest)])
        #expect(try fixture.store.remove([.reference(try Reference("n"))]).collected.blobs.isEmpty)
        lease.release()
        #expect(try fixture.blobCount == 0)
    }

    /// What a removal leaves because a pull holds it goes with the last lease that does; what else a pull fetched stays
    /// for its next attempt.
    @Test func whatALeaseHeldBackGoesWithIt() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage("n", ["x", "y"])
        let fetched = try fixture.addImage(["fetched"])
        let (first, second) = (try fixture.store.beginLease(), try fixture.store.beginLease())
        try first.protect(image.blobs + fetched.blobs)
        try second.protect([image.layers[0].digest])
        let report = try fixture.store.remove([.reference(try Reference("n"))])
        #expect(report.collected.blobs.isEmpty)
        #expect(try fixture.store.fsck().allSatisfy { $0.kind == .unreferenced })
        first.release()
        #expect(try Set(fixture.store.blobs().map(\.digest)) == Set(fetched.blobs + [image.layers[0].digest]))
        second.release()
        #expect(try Set(fixture.store.blobs().map(\.digest)) == Set(fetched.blobs))
        #expect(access(fixture.store.layout.heldBack, F_OK) != 0)
    }

    /// A pull that names the image again keeps what was held back for it.
    @Test func whatIsNamedAgainStays() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage("n", ["x"])
        let lease = try fixture.store.beginLease()
        try lease.protect(image.blobs)
        _ = try fixture.store.remove([.reference(try Reference("n"))])
        try fixture.store.setReferences([ReferenceUpdate(reference: try Reference("m"), descriptor: image.manifest)])
        lease.release()
        #expect(try fixture.store.fsck() == [] && fixture.blobCount == 3)
    }

    /// The lease's process was killed: the next removal finds what it held.
    @Test func theNextRemovalCollectsForTheDead() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage(["orphan"])
        try fixture.addImage("n", ["x"])
        try image.blobs.map { $0.description + "\n" }.joined()
            .write(toFile: fixture.store.layout.heldBack, atomically: true, encoding: .utf8)
        #expect(try fixture.store.fsck().allSatisfy { $0.kind == .unreferenced })
        _ = try fixture.store.remove([.reference(try Reference("n"))])
        #expect(try fixture.blobCount == 0)
    }

    /// Temporary files of the cache whose process is gone go with the next pull; a living one's stay.
    @Test func theCacheIsSwept() throws {
        let fixture = try StoreFixture()
        let directory = fixture.store.layout.factsDirectory(.sha256)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // Larger than any process id.
        let names = [".new-4194999-1-2", ".new-\(getpid())-1-2", ".new-x", "0a"]
        for name in names { try "".write(toFile: directory + "/" + name, atomically: true, encoding: .utf8) }
        let lease = try fixture.store.beginLease()
        lease.release()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == Array(names[1...]).sorted())
    }

    /// The lease of a process that was killed has no lock: it protects nothing and goes.
    @Test func aDeadLeaseIsCleaned() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage(["x"])
        let leases = fixture.store.layout.leases
        try FileManager.default.createDirectory(atPath: leases, withIntermediateDirectories: true)
        try image.blobs.map(\.description).joined(separator: "\n")
            .write(toFile: leases + "/999-1-1", atomically: true, encoding: .utf8)
        #expect(try fixture.store.collectGarbage(GarbageSelection(minimumAge: 0)).blobs.count == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: leases) == [])
    }

    @Test func whatCannotBeReadStopsDeletion() throws {
        guard getuid() != 0 else { return }
        let fixture = try StoreFixture()
        let image = try fixture.addImage("a", ["x"])
        chmod(fixture.store.layout.blob(image.manifest.digest), 0)
        #expect(code { _ = try fixture.store.collectGarbage(GarbageSelection(minimumAge: 0)) } == .io)
    }

    /// Readers, writers and collectors at once: what is named is always whole.
    @Test func concurrentPullsAndRemovals() throws {
        let fixture = try StoreFixture()
        let store = fixture.store
        let failures = LockedCount()
        let group = DispatchGroup()
        for worker in 0..<4 {
            group.enter()
            let thread = WorkerThread {
                defer { group.leave() }
                for round in 0..<6 {
                    do {
                        let lease = try store.beginLease()
                        let layer = StoreFixture.layer("shared \(round)")
                        let config = StoreFixture.config([layer], label: "\(worker % 2)")
                        let layerDescriptor = StoreFixture.descriptor(layer, .ociLayer)
                        let configDescriptor = StoreFixture.descriptor(config, .ociConfig)
                        let manifest = StoreFixture.manifest(configDescriptor, [layerDescriptor])
                        let descriptor = StoreFixture.descriptor(manifest, .ociManifest)
                        try lease.protect([descriptor.digest, configDescriptor.digest, layerDescriptor.digest])
                        let ingest = try store.beginIngest(layerDescriptor)
                        if !ingest.isComplete {
                            try layer.dropFirst(Int(ingest.offset)).map { $0 }.feed(ingest)
                            try ingest.commit()
                        }
                        try store.writeBlob(config, digest: configDescriptor.digest)
                        try store.writeBlob(manifest, digest: descriptor.digest)
                        let reference = try Reference("w\(worker):\(round)")
                        try store.setReferences([ReferenceUpdate(reference: reference, descriptor: descriptor)])
                        lease.release()
                        if round % 2 == 0 { _ = try store.remove([.reference(reference)]) }
                        _ = try store.collectGarbage(GarbageSelection(minimumAge: 0))
                        _ = try store.images(detail: .sizes)
                    } catch {
                        print(error)
                        failures.increment()
                    }
                }
            }
            thread?.detach()
        }
        group.wait()
        #expect(failures.value == 0)
        #expect(try fixture.store.fsck() == [])
        #expect(try fixture.names().count == 12)
    }
}

extension GarbageCollectorTests {
    /// What is about to go can be refused, with nothing changed.
    @Test func aRemovalCanBeRefused() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage("a", ["x"])
        let selector = EntrySelector.reference(try Reference("a"))
        func refuse(_ report: RemovalReport) throws(StoreError) {
            throw StoreError(.conflict, "\(report.collected.blobs.count)")
        }
        #expect(
            code {
                _ = try fixture.store.remove([selector], confirm: refuse)
            } == .conflict)
        #expect(try fixture.names().count == 1 && fixture.blobCount == image.blobs.count)
    }

    @Test func onlyWhatIsNamedIsCollected() throws {
        let fixture = try StoreFixture()
        let orphan = try fixture.addImage(["orphan"])
        let only = orphan.layers[0].digest
        let selection = GarbageSelection(minimumAge: 0, leftoverAge: 0, only: [only.description])
        #expect(try fixture.store.collectGarbage(selection).blobs.map(\.digest) == [only])
        #expect(try fixture.blobCount == 2)
    }

    /// Ten thousand names go in one walk.
    @Test func manyNamesGoAtOnce() throws {
        let fixture = try StoreFixture()
        let image = try fixture.addImage(["x"])
        let references = try (0..<3000).map { try Reference("team/app-\($0):1") }
        try fixture.store.setReferences(references.map { ReferenceUpdate(reference: $0, descriptor: image.manifest) })
        let start = Date()
        let report = try fixture.store.remove(references.map(EntrySelector.reference))
        #expect(report.removed.count == 3000 && report.collected.blobs.count == 3)
        #expect(Date().timeIntervalSince(start) < 10)
    }
}
