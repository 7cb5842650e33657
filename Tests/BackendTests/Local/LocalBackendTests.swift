import Backend
import OCI
import Store
import Testing

@Suite struct LocalBackendTests {
    /// Names that are none are told from names that are not here.
    @Test(
        arguments: [
            ("a:b:c", BackendError.Code.invalidReference), ("-x", .invalidReference), ("sha256:", .invalidReference),
            ("UPPER", .invalidReference), ("nope", .notFound), ("nope:1@sha256:zz", .invalidReference),
            ("abc123", .notFound),
            (String(repeating: "a", count: 64), .notFound), ("sha256:" + String(repeating: "a", count: 64), .notFound),
        ])
    func whatIsNoName(_ text: String, _ code: BackendError.Code) async throws {
        let fixture = try BackendFixture()
        try fixture.add("n")
        #expect(await failure { _ = try await fixture.backend.inspect(text, platform: nil) }?.code == code)
        #expect(await failure { _ = try await fixture.remove(text) }?.code == code)
        #expect(await failure { _ = try await fixture.backend.tag(text, as: "d", dryRun: false) }?.code == code)
    }

    @Test func tagUsesDockersWords() async throws {
        let fixture = try BackendFixture()
        try fixture.add("n")
        for (source, target, bad, why) in [
            ("a:b:c", "d", "a:b:c", "invalid reference format"), ("n", "d:e:f", "d:e:f", "invalid reference format"),
            ("n", "Up", "Up", "invalid reference format: repository name (library/Up) must be lowercase"),
        ] {
            let error = await failure { _ = try await fixture.backend.tag(source, as: target, dryRun: false) }
            #expect(error?.message == "error parsing reference: \"\(bad)\" is not a valid repository/tag: \(why)")
        }
    }

    @Test func anImageHasAllItsNamesHoweverItIsAskedFor() async throws {
        let fixture = try BackendFixture()
        let image = try fixture.add("nginx:1", "web")
        try fixture.add("other", config: #"{"architecture":"arm64","os":"linux"}"#)
        let id = image.config.digest
        for name in ["nginx:1", "docker.io/library/web", id.description, id.hex, String(id.hex.prefix(10))] {
            let detail = try await fixture.backend.inspect(name, platform: nil)
            #expect(detail.id == id && detail.references == ["nginx:1", "web:latest"], "\(name)")
        }
        let replaced = try await fixture.backend.tag("web", as: "other", dryRun: true)
        #expect(replaced.replaced != nil)
    }

    /// With the last tag that a repository has of an image its digest references go, and with them the image.
    @Test func aRepositorysDigestsGoWithItsLastTag() async throws {
        let fixture = try BackendFixture()
        let image = try fixture.add("n:1", "n:2")
        let byDigest = "n@\(image.manifest.digest)"
        try fixture.add(byDigest, "other:1")
        #expect(try await fixture.remove("n:1") == ["Untagged n:1"])
        #expect(
            try await fixture.remove("n:2", dryRun: true) == ["Untagged n:2", "Untagged \(byDigest)"])
        #expect(try await fixture.remove("n:2") == ["Untagged n:2", "Untagged \(byDigest)"])
        #expect(try await fixture.remove("other:1") == ["Untagged other:1", "Deleted \(image.config.digest)"])
        // Alone with its tag, it is the end of the image; taken by itself, it leaves the tag.
        try fixture.add("n:1", byDigest)
        #expect(try await fixture.remove(byDigest) == ["Untagged \(byDigest)"])
        try fixture.add(byDigest)
        #expect(
            try await fixture.remove("n:1")
                == ["Untagged n:1", "Untagged \(byDigest)", "Deleted \(image.config.digest)"])
        #expect(try fixture.store.entries().isEmpty && fixture.store.blobs().isEmpty)
    }

    /// A row whose blobs are not here goes, and nothing is said to be deleted.
    @Test func whatWasNeverHereIsNotDeleted() async throws {
        let fixture = try BackendFixture()
        let gone = try fixture.add("gone:1")
        let here = try fixture.add("here:1", config: #"{"architecture":"s390x","os":"linux"}"#)
        for digest in [gone.manifest.digest, gone.config.digest] { try fixture.deleteBlob(digest) }
        #expect(try await fixture.remove("gone:1", dryRun: true) == ["Untagged gone:1"])
        #expect(try await fixture.remove("gone:1") == ["Untagged gone:1"])
        #expect(try await fixture.remove("here:1") == ["Untagged here:1", "Deleted \(here.config.digest)"])
        // Without a name the digest is all that there is to call it.
        let nameless = try fixture.add("x")
        _ = try await fixture.backend.untag(["x"], dryRun: false)
        for digest in [nameless.manifest.digest, nameless.config.digest] { try fixture.deleteBlob(digest) }
        let digest = nameless.manifest.digest.description
        #expect(try await fixture.remove(digest) == ["Untagged \(digest)"])
        #expect(try fixture.store.entries().isEmpty)
    }

    /// What is no image is listed, shown and removed as one, with the same size everywhere.
    @Test func artifactsAreNotHidden() async throws {
        let fixture = try BackendFixture()
        let chart = try fixture.add(
            "charts/app:1", config: "no JSON", type: MediaType(rawValue: "application/vnd.cncf.helm.config.v1+json"),
            layers: ["a chart", "more"])
        let list = try await fixture.backend.images(ImageQuery())
        #expect(list.ids == [chart.config.digest.description])
        #expect(list.withImage(0) { $0.size } == 11)
        let detail = try await fixture.backend.inspect("charts/app:1", platform: nil)
        #expect(detail.size == 11 && detail.config.created == nil)
        #expect(try await fixture.backend.history("charts/app:1", platform: nil).map(\.size) == [4, 7])
        #expect(try await fixture.remove("charts/app:1").first == "Untagged charts/app:1")
        #expect(try fixture.store.blobs().isEmpty)
    }

    @Test(arguments: ["[", "a[", "x\\"])
    func aBadPatternIsNoEmptyList(_ pattern: String) async throws {
        let fixture = try BackendFixture()
        for query in [ImageQuery(reference: pattern), ImageQuery(filters: [.reference(pattern)])] {
            let error = await failure { _ = try await fixture.backend.images(query) }
            #expect(error?.code == .usage && error?.message.contains("syntax error in pattern") == true)
        }
    }

    @Test func saysWhatPlatformsThereAre() async throws {
        let fixture = try BackendFixture()
        try fixture.add("n")
        let error = await failure { _ = try await fixture.backend.inspect("n", platform: try Platform("linux/arm64")) }
        #expect(error?.code == .noMatchingPlatform && error?.hint?.contains("available: linux/amd64") == true)
    }
}
