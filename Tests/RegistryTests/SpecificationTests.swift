import Fixtures
import HTTP
import OCI
import Synchronization
import Testing

@testable import Registry

/// The rules of the OCI distribution specification (v1.1) that a client's side can be seen to keep, by section.
struct SpecificationRule: Sendable, CustomTestStringConvertible {
    let section: String
    let rule: String
    /// Returns what is wrong; nil where the rule is kept.
    let check: @Sendable (SmallRegistry, RegistryClient) async throws -> String?

    var testDescription: String { "\(section): \(rule)" }

    init(
        _ section: String, _ rule: String,
        _ check: @escaping @Sendable (SmallRegistry, RegistryClient) async throws -> String?
    ) {
        self.section = section
        self.rule = rule
        self.check = check
    }

    /// Expects requests of the form `METHOD TARGET`, in this order.
    static func requests(_ registry: SmallRegistry, _ expected: String...) -> String? {
        let made = registry.stub.requests.map { "\($0.method) \($0.target)" }
        return made == expected ? nil : "asked \(made)"
    }

    static func reason(_ body: () async throws -> Void) async -> RegistryError? {
        do { try await body() } catch { return error as? RegistryError }
        return nil
    }
}

/// Pull and content discovery; what is pushed has a table of its own.
private let pullRules: [SpecificationRule] = [
    SpecificationRule("Pulling manifests", "by tag at /v2/<name>/manifests/<reference>") { registry, client in
        let manifest = try await client.manifest(registry.reference())
        guard manifest.bytes == registry.manifest else { return "other bytes" }
        return SpecificationRule.requests(registry, "GET /v2/team/app/manifests/1")
    },
    SpecificationRule("Pulling manifests", "by digest at /v2/<name>/manifests/<reference>") { registry, client in
        _ = try await client.manifest(registry.reference("@\(registry.manifestDigest)"))
        return SpecificationRule.requests(registry, "GET /v2/team/app/manifests/\(registry.manifestDigest)")
    },
    SpecificationRule("Pulling manifests", "Accept names the types that the client can read") { registry, client in
        _ = try await client.manifest(registry.reference())
        let accept = registry.stub.requests.first?.header("Accept") ?? ""
        let missing = MediaType.accepted.filter { !accept.contains($0.rawValue) }
        return missing.isEmpty ? nil : "\(missing) is not in \(accept)"
    },
    SpecificationRule("Pulling manifests", "a Docker-Content-Digest is compared with the content") { registry, client in
        registry.stub.rule(
            "/manifests/", .header("Docker-Content-Digest", "sha256:" + String(repeating: "0", count: 64)))
        let error = await SpecificationRule.reason { _ = try await client.manifest(registry.reference()) }
        return error?.reason == .digestMismatch ? nil : "\(String(describing: error))"
    },
    SpecificationRule("Pulling manifests", "a manifest asked for by digest has that digest") { registry, client in
        registry.stub.rule("/manifests/", .body(Array("{}".utf8)))
        registry.stub.rule("/manifests/", .header("Docker-Content-Digest", nil))
        let error = await SpecificationRule.reason {
            _ = try await client.manifest(registry.reference("@\(registry.manifestDigest)"))
        }
        return error?.reason == .digestMismatch ? nil : "\(String(describing: error))"
    },
    SpecificationRule("Pulling manifests", "404 means that the registry has none") { registry, client in
        let error = await SpecificationRule.reason { _ = try await client.manifest(registry.reference(":none")) }
        return error?.reason == .manifestUnknown && error?.code == "manifest_unknown"
            ? nil : "\(String(describing: error))"
    },
    SpecificationRule("Pulling manifests", "a manifest may have 4 MiB, and more is not read") { registry, client in
        registry.stub.rule("/manifests/", .body([UInt8](repeating: 32, count: (4 << 20) + 1)))
        let error = await SpecificationRule.reason { _ = try await client.manifest(registry.reference()) }
        return error?.reason == .manifestTooLarge ? nil : "\(String(describing: error))"
    },
    SpecificationRule("Pulling blobs", "at /v2/<name>/blobs/<digest>") { registry, client in
        let bytes = try await client.smallBlob(
            registry.descriptor, from: registry.repository(), maximumBytes: 1 << 20)
        guard bytes == registry.layer else { return "other bytes" }
        return SpecificationRule.requests(registry, "GET /v2/team/app/blobs/\(registry.descriptor.digest)")
    },
    SpecificationRule("Pulling blobs", "the content is compared with the digest") { registry, client in
        registry.stub.rule("/blobs/", .corrupt)
        let error = await SpecificationRule.reason {
            _ = try await client.smallBlob(registry.descriptor, from: registry.repository(), maximumBytes: 1 << 20)
        }
        return error?.reason == .digestMismatch ? nil : "\(String(describing: error))"
    },
    SpecificationRule("Pulling blobs", "307 redirects are followed") { registry, client in
        registry.stub.rule("/v2/team/app/blobs/", .redirect("/v2/elsewhere/blobs/\(registry.descriptor.digest)"))
        let bytes = try await client.smallBlob(
            registry.descriptor, from: registry.repository(), maximumBytes: 1 << 20)
        return bytes == registry.layer ? nil : "other bytes"
    },
    SpecificationRule("Checking if content exists in the registry", "HEAD tells digest and length") {
        registry, client in
        let descriptor = try await client.head(registry.reference())
        guard descriptor.digest.description == registry.manifestDigest, descriptor.size == registry.manifest.count
        else {
            return "\(descriptor)"
        }
        return SpecificationRule.requests(registry, "HEAD /v2/team/app/manifests/1")
    },
    SpecificationRule("Checking if content exists in the registry", "404 is no") { registry, client in
        let error = await SpecificationRule.reason { _ = try await client.head(registry.reference(":none")) }
        return error?.reason == .manifestUnknown ? nil : "\(String(describing: error))"
    },
    SpecificationRule("Listing tags", "at /v2/<name>/tags/list, pages of n") { registry, client in
        registry.stub.addTags("team/list", ["a", "b", "c"])
        let tags = try await client.tags(Repository("\(registry.stub.host)/team/list"), pageSize: 2)
        guard tags == ["a", "b", "c"] else { return "\(tags)" }
        return SpecificationRule.requests(
            registry, "GET /v2/team/list/tags/list?n=2", "GET /v2/team/list/tags/list?n=2&last=b")
    },
    SpecificationRule("Listing tags", "the URL of a Link is used as it is") { registry, client in
        registry.stub.addTags("team/list", ["a", "b"])
        registry.stub.rule(
            "/tags/list", times: 1, .header("Link", "</v2/team/list/tags/list?next=opaque%2Ftoken&n=9>; rel=\"next\""))
        _ = try await client.tags(Repository("\(registry.stub.host)/team/list"))
        let target = registry.stub.requests.last?.target
        return target == "/v2/team/list/tags/list?next=opaque%2Ftoken&n=9" ? nil : "\(target ?? "")"
    },
    SpecificationRule("Listing tags", "a page that is not full and has no Link is the last") { registry, client in
        registry.stub.addTags("team/list", ["a", "b"])
        _ = try await client.tags(Repository("\(registry.stub.host)/team/list"), pageSize: 3)
        return SpecificationRule.requests(registry, "GET /v2/team/list/tags/list?n=3")
    },
    SpecificationRule("Listing tags", "a repository that is unknown is an error") { registry, client in
        let error = await SpecificationRule.reason {
            _ = try await client.tags(Repository("\(registry.stub.host)/team/none"))
        }
        return error?.reason == .notFound ? nil : "\(String(describing: error))"
    },
    SpecificationRule("Listing referrers", "at /v2/<name>/referrers/<digest>, filtered by artifactType") {
        registry, client in
        registry.stub.rule(
            "/referrers/",
            .respond(
                StubResponse(
                    200, [("Content-Type", MediaType.ociIndex.rawValue)],
                    text: "{\"schemaVersion\":2,\"manifests\":[]}")))
        let digest = try Digest(registry.manifestDigest)
        let found = try await client.referrers(of: digest, in: registry.repository(), artifactType: "a/b")
        guard found.source == .api, found.descriptors.isEmpty else { return "\(found)" }
        return SpecificationRule.requests(registry, "GET /v2/team/app/referrers/\(digest)?artifactType=a/b")
    },
    SpecificationRule("Unavailable Referrers API", "404 makes the client read the referrers tag") { registry, client in
        let digest = try Digest(registry.manifestDigest)
        let found = try await client.referrers(of: digest, in: registry.repository())
        guard found.descriptors.isEmpty else { return "\(found)" }
        return SpecificationRule.requests(
            registry, "GET /v2/team/app/referrers/\(digest)", "GET /v2/team/app/manifests/sha256-\(digest.hex)")
    },
    SpecificationRule("Determining Support", "GET /v2/ tells whether there is a registry") { registry, client in
        try await client.ping(registry.stub.host)
        return SpecificationRule.requests(registry, "GET /v2/")
    },
    SpecificationRule("Error Codes", "code, message and detail of an error are told") { registry, client in
        registry.stub.rule(
            "/manifests/",
            .respond(
                StubResponse(
                    403, [("Content-Type", "application/json")],
                    text: #"{"errors":[{"code":"DENIED","message":"not today","detail":"it is Sunday"}]}"#)))
        let error = await SpecificationRule.reason { _ = try await client.manifest(registry.reference()) }
        return error?.reason == .denied && error?.message.contains("not today: it is Sunday") == true
            ? nil : "\(String(describing: error))"
    },
]

/// The rest of what a client's side shows: bounds, pages, errors and warnings.
private let furtherRules: [SpecificationRule] = [
    SpecificationRule("API", "every request is below /v2/") { registry, client in
        _ = try await client.manifest(registry.reference())
        _ = try await client.tags(registry.repository())
        _ = try await client.smallBlob(registry.descriptor, from: registry.repository(), maximumBytes: 1 << 20)
        let others = registry.stub.requests.filter { !$0.target.hasPrefix("/v2/") }
        return others.isEmpty ? nil : "asked \(others.map(\.target))"
    },
    SpecificationRule("Pulling blobs", "404 means that the registry has none") { registry, client in
        registry.stub.rule("/blobs/", .status(404, "BLOB_UNKNOWN"))
        let error = await SpecificationRule.reason {
            _ = try await client.smallBlob(registry.descriptor, from: registry.repository(), maximumBytes: 1 << 20)
        }
        return error?.code == "not_found" ? nil : "\(String(describing: error))"
    },
    SpecificationRule("Pulling blobs", "a Content-Length that is not the descriptor's size is refused") {
        registry, client in
        registry.stub.rule("/blobs/", .long(by: 1))
        let error = await SpecificationRule.reason {
            _ = try await client.smallBlob(registry.descriptor, from: registry.repository(), maximumBytes: 1 << 20)
        }
        return error?.reason == .blobTooLong ? nil : "\(String(describing: error))"
    },
    SpecificationRule("Checking if content exists in the registry", "without a digest in the header GET tells it") {
        registry, client in
        registry.stub.rule("/manifests/", method: "HEAD", .header("Docker-Content-Digest", nil))
        let descriptor = try await client.head(registry.reference())
        guard descriptor.digest.description == registry.manifestDigest else { return "\(descriptor)" }
        return SpecificationRule.requests(
            registry, "HEAD /v2/team/app/manifests/1", "GET /v2/team/app/manifests/1")
    },
    SpecificationRule("Listing tags", "a page shorter than n with a Link is not the last") { registry, client in
        registry.stub.addTags("team/list", ["a", "b"])
        registry.stub.rule(
            "/tags/list", times: 1,
            .respond(
                StubResponse(200, [("Link", "</v2/team/list/tags/list?last=a>; rel=next")], text: #"{"tags":["a"]}"#)))
        let tags = try await client.tags(Repository("\(registry.stub.host)/team/list"))
        return tags == ["a", "b"] ? nil : "\(tags)"
    },
    SpecificationRule("Listing tags", "an empty page with a Link is not the last") { registry, client in
        registry.stub.addTags("team/list", ["a", "b"])
        registry.stub.rule(
            "/tags/list", times: 1,
            .respond(StubResponse(200, [("Link", "</v2/team/list/tags/list?n=9>; rel=next")], text: #"{"tags":[]}"#)))
        let tags = try await client.tags(Repository("\(registry.stub.host)/team/list"))
        return tags == ["a", "b"] ? nil : "\(tags)"
    },
    SpecificationRule("Listing referrers", "the pages of a Link are read") { registry, client in
        let (one, two) = (String(repeating: "1", count: 64), String(repeating: "2", count: 64))
        func page(_ hex: String, _ link: String?) -> StubAction {
            var response = StubResponse(
                200, [("Content-Type", MediaType.ociIndex.rawValue)],
                text: """
                    {"schemaVersion":2,"manifests":[{"mediaType":"\(MediaType.ociManifest)","digest":"sha256:\(hex)","size":1}]}
                    """)
            response.set("Link", link)
            return .respond(response)
        }
        let digest = try Digest(registry.manifestDigest)
        registry.stub.rule("next=1", page(two, nil))
        registry.stub.rule("/referrers/", page(one, "</v2/team/app/referrers/\(digest)?next=1>; rel=\"next\""))
        let found = try await client.referrers(of: digest, in: registry.repository())
        return found.descriptors.map(\.digest.hex) == [one, two] ? nil : "\(found)"
    },
    SpecificationRule("Listing referrers", "what the registry did not filter is filtered") { registry, client in
        let hex = String(repeating: "1", count: 64)
        registry.stub.rule(
            "/referrers/",
            .respond(
                StubResponse(
                    200, [("Content-Type", MediaType.ociIndex.rawValue)],
                    text: """
                        {"schemaVersion":2,"manifests":[{"mediaType":"\(MediaType.ociManifest)","digest":"sha256:\(hex)","size":1,\
                        "artifactType":"c/d"}]}
                        """)))
        let found = try await client.referrers(
            of: Digest(registry.manifestDigest), in: registry.repository(), artifactType: "a/b")
        return found.descriptors.isEmpty ? nil : "\(found)"
    },
    SpecificationRule("Error Codes", "UNAUTHORIZED, DENIED, NAME_UNKNOWN and TOOMANYREQUESTS have codes of their own") {
        registry, client in
        let codes = [
            (401, "UNAUTHORIZED", "unsupported"), (403, "DENIED", "denied"), (404, "NAME_UNKNOWN", "not_found"),
            (429, "TOOMANYREQUESTS", "rate_limited"),
        ]
        for (status, code, expected) in codes {
            registry.stub.forgetRules()
            registry.stub.rule("/tags/", .status(status, code, "no", retryAfter: "3600"))
            let error = await SpecificationRule.reason { _ = try await client.tags(registry.repository()) }
            if error?.code != expected { return "\(code) is \(error?.code ?? "nothing")" }
        }
        return nil
    },
    SpecificationRule("Error Codes", "a body that is not of that form is no reason to fail otherwise") {
        registry, client in
        for body in ["", "<html>", "[]", "{\"errors\":7}", "{\"errors\":[]}", "{\"errors\":[7]}"] {
            registry.stub.forgetRules()
            registry.stub.rule("/manifests/", .respond(StubResponse(403, text: body)))
            let error = await SpecificationRule.reason { _ = try await client.manifest(registry.reference()) }
            if error?.code != "denied" { return "\(body): \(String(describing: error))" }
        }
        return nil
    },
]

@Suite struct SpecificationTests {
    @Test(arguments: furtherRules) func isKeptToo(_ rule: SpecificationRule) async throws {
        let problem = try await rule.check(try SmallRegistry(), try registryClient())
        #expect(problem == nil, "\(rule.testDescription)")
    }

    /// "Warnings": told once, by whom, and nothing else is done about them.
    @Test func warningsAreTold() async throws {
        let registry = try SmallRegistry()
        let told = Mutex<[String]>([])
        let client = try registryClient { text in told.withLock { $0.append(text) } }
        registry.stub.rule("/manifests/", .header("Warning", "299 - \"\u{1b}[31mold \\\"tags\\\" go on Monday\""))
        registry.stub.rule("/tags/", .header("Warning", "199 - \"another code\""))
        for _ in 0..<2 { _ = try await client.manifest(try registry.reference()) }
        _ = try await client.tags(try registry.repository())
        #expect(told.withLock { $0 } == ["\(registry.stub.host) says: \\u{1b}[31mold \"tags\" go on Monday"])
    }

    @Test(
        arguments: [
            ("299 - \"a\"", "a"), ("299 - \"a\\\\b\"", "a\\b"), ("299 - \"\"", nil), ("299 - \"a", nil), ("299 -", nil),
            ("299 - \"a\" \"Sun, 06 Nov 1994 08:49:37 GMT\"", nil), ("199 - \"a\"", nil), ("299 host \"a\"", nil),
            ("", nil),
        ] as [(String, String?)])
    func warningsHaveAForm(_ field: String, _ text: String?) { #expect(RegistryWarnings.text(field) == text) }

    @Test(arguments: pullRules) func isKept(_ rule: SpecificationRule) async throws {
        let problem = try await rule.check(try SmallRegistry(), try registryClient())
        #expect(problem == nil, "\(rule.testDescription)")
    }
}
