import Backend
import Foundation
import OCI
import Store
import Testing

@Suite struct PruneTests {
    private static func config(_ created: String, _ labels: String = "") -> String {
        #"{"architecture":"amd64","os":"linux","created":"\#(created)","config":{"Labels":{\#(labels)}}}"#
    }

    /// `old:1`, `old:2` (one image), `ci/new:1`, `nolabel:1`, and an image without a name.
    private func furnished() throws -> BackendFixture {
        let fixture = try BackendFixture()
        try fixture.add("old:1", "old:2", config: Self.config("2020-01-01T00:00:00Z", #""a":"1","b":"2""#))
        try fixture.add("ci/new:1", config: Self.config("2024-01-01T00:00:00Z", #""a":"2""#))
        try fixture.add("nolabel:1", config: Self.config("2024-01-02T00:00:00Z"))
        let nameless = try fixture.add(config: Self.config("2022-01-01T00:00:00Z", #""c":"""#))
        try fixture.store.addDangling(nameless.manifest)
        return fixture
    }

    private func names(_ fixture: BackendFixture) throws -> [String] {
        try fixture.store.entries().map { $0.reference?.familiar ?? "-" }.sorted()
    }

    private static let since2021 = ImageFilter.until(Timestamp(seconds: 1_609_459_200))

    static let cases: [(PruneRequest, left: [String])] = [
        (PruneRequest(), ["ci/new:1", "nolabel:1", "old:1", "old:2"]),
        (PruneRequest(all: true), []),
        (PruneRequest(all: true, filters: [.label(key: "a", value: nil)]), ["-", "nolabel:1"]),
        (PruneRequest(all: true, filters: [.label(key: "a", value: "2")]), ["-", "nolabel:1", "old:1", "old:2"]),
        // Labels must all hold.
        (
            PruneRequest(all: true, filters: [.label(key: "a", value: nil), .label(key: "b", value: nil)]),
            ["-", "ci/new:1", "nolabel:1"]
        ),
        (PruneRequest(all: true, filters: [.notLabel(key: "a", value: nil)]), ["ci/new:1", "old:1", "old:2"]),
        (PruneRequest(all: true, filters: [since2021]), ["-", "ci/new:1", "nolabel:1"]),
        // Made at that very moment is old enough.
        (
            PruneRequest(all: true, filters: [.until(Timestamp(seconds: 1_577_836_800))]),
            ["-", "ci/new:1", "nolabel:1"]
        ),
        (
            PruneRequest(all: true, filters: [.until(Timestamp(seconds: 1_577_836_799))]),
            ["-", "ci/new:1", "nolabel:1", "old:1", "old:2"]
        ),
        (PruneRequest(filters: [since2021]), ["-", "ci/new:1", "nolabel:1", "old:1", "old:2"]),
        (PruneRequest(all: true, filters: [.reference("old:1")]), ["-", "ci/new:1", "nolabel:1", "old:2"]),
        (PruneRequest(all: true, filters: [.reference("ci/*"), .reference("old")]), ["-", "nolabel:1"]),
        (PruneRequest(all: true, keptReferences: ["old", "*/*"]), ["ci/new:1", "old:1", "old:2"]),
        (PruneRequest(all: true, filters: [.dangling(true)]), ["ci/new:1", "nolabel:1", "old:1", "old:2"]),
    ]

    @Test(arguments: cases.indices) func takesWhatItIsToldTo(_ place: Int) async throws {
        var (request, left) = Self.cases[place]
        let fixture = try furnished()
        request.dryRun = true
        let planned = try await fixture.backend.prune(request)
        #expect(try names(fixture).count == 5, "a dry run changes nothing")
        request.dryRun = false
        #expect(try await fixture.backend.prune(request) == planned)
        #expect(try names(fixture) == left)
        #expect(try fixture.store.fsck() == [])
    }

    @Test func tellsImageByImageWhatItDid() async throws {
        let fixture = try furnished()
        let steps = try await fixture.backend.prune(PruneRequest(all: true, filters: [.reference("old")]))
        #expect(steps.map(\.kind) == [.reference, .reference, .image])
        #expect(steps.map(\.subject).prefix(2) == ["old:1", "old:2"])
        #expect(steps[2].subject == steps[2].id?.description && steps[2].reclaimed > 100)
    }

    @Test func refusesFiltersThatMakeNoSense() async throws {
        let fixture = try furnished()
        for filters in [
            [Self.since2021, Self.since2021], [.before("old:1")], [.reference("[")],
        ] as [[ImageFilter]] {
            let error = await failure {
                _ = try await fixture.backend.prune(PruneRequest(all: true, filters: filters))
            }
            #expect(error?.code == .usage)
        }
        #expect(try names(fixture).count == 5)
    }

    /// Blobs that nothing needs and partial downloads: old ones, unless a filter asks for what they do not have.
    @Test func leftoversGoWithAge() async throws {
        let fixture = try furnished()
        func leave(_ name: String, hours: Double) throws {
            let path = fixture.store.path + "/" + name
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
            let age = Date().addingTimeInterval(-3600 * hours)
            try FileManager.default.setAttributes([.modificationDate: age], ofItemAtPath: path)
        }
        let digest = Digest.of([1, 2, 3])
        try leave("blobs/sha256/" + digest.hex, hours: 1)
        try leave("ingest/sha256-\(digest.hex).partial", hours: 2)
        try leave("ingest/sha256-old.partial", hours: 30)
        let labelled = PruneRequest(filters: [.label(key: "zz", value: nil)])
        #expect(try await fixture.backend.prune(labelled) == [])
        let none = PruneRequest(filters: [.until(Timestamp(seconds: 1))])
        #expect(try await fixture.backend.prune(none) == [])
        let some = try await fixture.backend.prune(PruneRequest())
        #expect(
            some.filter { $0.kind == .blob || $0.kind == .file } == [
                PruneStep(.blob, digest.description, digest: digest, reclaimed: 3),
                PruneStep(.file, "ingest/sha256-old.partial", reclaimed: 3),
            ])
        let all = try await fixture.backend.prune(PruneRequest(all: true))
        #expect(all.contains(PruneStep(.file, "ingest/sha256-\(digest.hex).partial", reclaimed: 3)))
    }

    /// Docker's `image prune`: names in the order of what they are in full, with the digests they were pulled with; what
    /// has a digest and no tag is dangling; of several `label!` all have to be there to keep an image.
    @Test func dockersOwnWay() async throws {
        let fixture = try furnished()
        let image = try fixture.add("zz/other:1", config: Self.config("2024-03-01T00:00:00Z", #""a":"1""#))
        try fixture.store.setReferences([
            ReferenceUpdate(
                reference: try Reference("nginx:1"), descriptor: image.manifest, lastPulled: "2024-01-01T00:00:00Z")
        ])
        let pinned = try fixture.add(config: Self.config("2024-04-01T00:00:00Z"))
        try fixture.store.setReferences([
            ReferenceUpdate(
                reference: try Reference("pin@\(pinned.manifest.digest)"), descriptor: pinned.manifest,
                lastPulled: "2024-01-01T00:00:00Z")
        ])
        let dangling = try await fixture.backend.prune(PruneRequest(isDockers: true, dryRun: true))
        #expect(
            dangling.filter { $0.kind == .reference }.map(\.subject) == ["pin@\(pinned.manifest.digest)"])
        #expect(dangling.filter { $0.kind == .image }.count == 2)
        let all = try await fixture.backend.prune(
            PruneRequest(
                all: true, filters: [.notLabel(key: "a", value: nil), .notLabel(key: "b", value: nil)],
                isDockers: true))
        #expect(
            all.filter { $0.id == image.config.digest }.map(\.subject) == [
                "nginx:1", "nginx@\(image.manifest.digest)", "zz/other:1", image.config.digest.description,
            ])
        #expect(try names(fixture) == ["old:1", "old:2"])
    }

    // MARK: Plans

    private func plan(_ fixture: BackendFixture, _ request: PruneRequest) async throws -> [PruneStep] {
        var request = request
        request.dryRun = true
        // As it comes back from a file.
        return try await fixture.backend.prune(request).map {
            PruneStep($0.kind, $0.subject, id: $0.id, digest: $0.digest)
        }
    }

    @Test func aPlanIsCarriedOutAsItStands() async throws {
        let fixture = try furnished()
        let plan = try await plan(fixture, PruneRequest(all: true, filters: [.reference("old")]))
        // What came since is not in it.
        try fixture.add("later:1", config: Self.config("2019-01-01T00:00:00Z"))
        let done = try await fixture.backend.prune(PruneRequest(plan: plan))
        #expect(done.map(\.subject) == plan.map(\.subject) && done.contains { $0.reclaimed > 0 })
        #expect(try names(fixture) == ["-", "ci/new:1", "later:1", "nolabel:1"])
        let again = await failure { _ = try await fixture.backend.prune(PruneRequest(plan: plan)) }
        #expect(again?.code == .conflict && again?.message.hasSuffix("old:1 is no longer here") == true)
        #expect(try await fixture.backend.prune(PruneRequest(plan: [])) == [])
    }

    static let changes: [(String, @Sendable (BackendFixture) async throws -> Void)] = [
        ("old:1 is another image", { try $0.add("old:1", config: PruneTests.config("2023-01-01T00:00:00Z")) }),
        ("is no longer here", { _ = try await $0.backend.untag(["old:2"], dryRun: false) }),
        ("would stay now", { _ = try await $0.backend.tag("old:1", as: "kept", dryRun: false) }),
        // The plan is cut below.
        ("would go, too", { _ in }),
    ]

    @Test(arguments: changes.indices) func whatChangedIsRefused(_ place: Int) async throws {
        let (message, change) = Self.changes[place]
        let fixture = try furnished()
        var plan = try await plan(fixture, PruneRequest(all: true, filters: [.reference("old")]))
        // An image that the plan does not say is deleted stays.
        if message == "would go, too" { plan.removeAll { $0.kind == .image } }
        try await change(fixture)
        let before = try names(fixture)
        let error = await failure { _ = try await fixture.backend.prune(PruneRequest(plan: plan)) }
        #expect(error?.code == .conflict && error?.message.contains(message) == true, "\(String(describing: error))")
        #expect(try names(fixture) == before)
    }

    @Test func aPlanOfNamelessImages() async throws {
        let fixture = try furnished()
        let plan = try await plan(fixture, PruneRequest())
        #expect(plan.map(\.kind) == [.image])
        _ = try await fixture.backend.prune(PruneRequest(plan: plan))
        #expect(try names(fixture) == ["ci/new:1", "nolabel:1", "old:1", "old:2"])
        let again = await failure { _ = try await fixture.backend.prune(PruneRequest(plan: plan)) }
        #expect(again?.code == .conflict)
    }

    /// A pull that runs elsewhere keeps its blobs.
    @Test func aLeaseKeepsBlobs() async throws {
        let fixture = try furnished()
        let blobs = try fixture.store.blobs().map(\.digest)
        let lease = try fixture.store.beginLease()
        try lease.protect(blobs)
        _ = try await fixture.backend.prune(PruneRequest(all: true))
        #expect(try fixture.store.blobs().count == blobs.count && names(fixture).isEmpty)
        lease.release()
        #expect(try fixture.store.blobs().isEmpty)
    }
}
