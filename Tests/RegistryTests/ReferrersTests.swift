import Fixtures
import OCI
import Testing

@testable import Registry

@Suite struct ReferrersTests {
    private let registry = StubRegistry()
    private let digest = Digest.of([1])

    private func descriptor(_ content: String, _ type: String?) -> String {
        let type = type.map { ",\"artifactType\":\"\($0)\"" } ?? ""
        return """
            {"mediaType":"\(MediaType.ociManifest)","digest":"\(sha256(Array(content.utf8)))","size":2\(type)}
            """
    }

    private func index(_ descriptors: String..., headers: [(String, String)] = []) -> StubResponse {
        StubResponse(
            200, [("Content-Type", MediaType.ociIndex.rawValue)] + headers,
            text: """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)","manifests":[\(descriptors.joined(separator: ","))]}
                """)
    }

    private func ask(_ type: String? = nil) async throws -> Referrers {
        try await registryClient().referrers(
            of: digest, in: Repository("\(registry.host)/team/app"), artifactType: type)
    }

    private func types(_ referrers: Referrers) -> [String?] { referrers.descriptors.map(\.artifactType) }

    @Test func theAPIPageByPage() async throws {
        registry.rule("page=2", .respond(index(descriptor("b", "sbom"), descriptor("a", "sig"))))
        registry.rule(
            "/referrers/",
            .respond(
                index(
                    descriptor("a", "sig"),
                    headers: [("Link", "</v2/team/app/referrers/\(digest)?page=2>; rel=\"next\"")])))
        let found = try await ask()
        #expect(types(found) == ["sig", "sbom"])
        #expect(found.source == .api)
    }

    @Test(arguments: [true, false]) func oneTypeWhoeverFilters(_ registryFilters: Bool) async throws {
        let all = [descriptor("a", "sig"), descriptor("b", "a/b+json"), descriptor("c", nil)]
        registry.rule(
            "artifactType=a/b%2Bjson",
            .respond(
                registryFilters
                    ? index(all[1], headers: [("OCI-Filters-Applied", "artifactType")]) : index(all[0], all[1], all[2]))
        )
        #expect(types(try await ask("a/b+json")) == ["a/b+json"])
    }

    @Test(arguments: [404, 400, 405, 501]) func withoutTheAPITheTagCounts(_ status: Int) async throws {
        registry.rule("/referrers/", .status(status))
        let none = try await ask()
        #expect(none.descriptors.isEmpty && none.source == .none)
        registry.addManifest(
            "team/app", tags: ["sha256-\(digest.hex)"], index(descriptor("a", "sig"), descriptor("b", "sbom")).body,
            mediaType: MediaType.ociIndex.rawValue)
        let found = try await ask()
        #expect(types(found) == ["sig", "sbom"] && found.source == .tag)
        #expect(types(try await ask("sbom")) == ["sbom"])
    }

    @Test func aPageForEveryPathIsNoAPI() async throws {
        registry.rule("/referrers/", .respond(StubResponse(200, [("Content-Type", "text/html")], text: "<html>")))
        #expect(try await ask().source == .none)
    }

    @Test(
        arguments: [
            (
                StubResponse(200, [("Content-Type", MediaType.ociIndex.rawValue)], text: "[]"),
                RegistryError.Reason.malformed
            ),
            (StubResponse(200, [("Content-Type", MediaType.ociIndex.rawValue)], [0xFF, 0xFE]), .malformed),
            (
                StubResponse(
                    200,
                    [
                        ("Content-Type", MediaType.ociIndex.rawValue),
                        ("Link", "<https://other.example/>; rel=\"next\""),
                    ],
                    text: "{\"manifests\":[]}"), .malformed
            ),
        ] as [(StubResponse, RegistryError.Reason)])
    func badAnswers(_ response: StubResponse, _ reason: RegistryError.Reason) async throws {
        registry.rule("/referrers/", .respond(response))
        let client = try registryClient()
        let repository = try Repository("\(registry.host)/team/app")
        await expectFailure(reason) { () throws(RegistryError) in
            _ = try await client.referrers(of: digest, in: repository)
        }
    }

    @Test func pagesWithoutEnd() async throws {
        registry.rule(
            "/referrers/",
            StubAction { request, _ in
                let number = Int(request.query.split(separator: "=").last ?? "") ?? 0
                var response = StubResponse(
                    200, [("Content-Type", MediaType.ociIndex.rawValue)], text: "{\"manifests\":[]}")
                response.set("Link", "</v2/team/app/referrers/x?page=\(number + 1)>; rel=\"next\"")
                return response
            })
        let client = try registryClient(tagList: TagListLimits(idlePages: 3))
        let repository = try Repository("\(registry.host)/team/app")
        await expectFailure(.malformed) { () throws(RegistryError) in
            _ = try await client.referrers(of: digest, in: repository)
        }
        #expect(registry.requests.count < 8)
    }

    @Test func aTagOfSomethingElseIsAnError() async throws {
        registry.add(StandardImages.named("library/alpine", "3.19"), "team/app", tags: ["sha256-\(digest.hex)"])
        let client = try registryClient()
        let repository = try Repository("\(registry.host)/team/app")
        let root = StandardImages.named("library/alpine", "3.19").root
        guard MediaType(rawValue: root.mediaType).isManifest else { return }
        await expectFailure(.malformed) { () throws(RegistryError) in
            _ = try await client.referrers(of: digest, in: repository)
        }
    }
}
