import Fixtures
import HTTP
import OCI
import Testing
import Threads

@testable import Registry

/// What is said of a login that is there and does not help, and of token servers that are none.
@Suite struct RefusedLoginTests {
    private func docker(_ host: String, _ login: String) -> String {
        "{\"auths\":{\"\(host)\":{\"auth\":\"\(StubRegistry.base64(login))\"}}}"
    }

    @Test(arguments: [
        StubRegistry.Login.basic(username: "me", password: "right"), .bearer(username: "me", password: "right"),
    ])
    func isNamedWithItsPlaceAndTheRepository(_ login: StubRegistry.Login) async throws {
        let registry = try SmallRegistry()
        registry.stub.login = login
        let client = try registryClient(docker: docker(registry.stub.host, "bob:wr0ng"))
        let (reference, repository, descriptor) = (
            try registry.reference(), try registry.repository(), registry.descriptor
        )
        let error = await expectFailure(.unauthorized) { () throws(RegistryError) in
            try await client.manifest(reference)
        }
        let told = "\(registry.stub.host) refuses the login of bob (from config.json) for \(reference.familiar)"
        #expect(error?.message.hasPrefix(told) == true, "\(error?.message ?? "")")
        #expect(error?.hint?.contains("log in anew (login \(registry.stub.host))") == true)
        // A digest alone would not say what to log in to.
        let blob = await expectFailure(.unauthorized) { () throws(RegistryError) in
            try await client.smallBlob(descriptor, from: repository, maximumBytes: 1 << 20)
        }
        #expect(
            blob?.message.contains("for \(descriptor.digest) of \(registry.stub.host)/team/app") == true,
            "\(blob?.message ?? "")")
        let download = await onThread {
            Result { () throws(RegistryError) in
                try client.downloadBlob(
                    descriptor, from: repository, cancellation: CancellationFlag(), onStart: { _ in }, onBytes: { _ in }
                )
            }
        }
        let failed = #expect(throws: RegistryError.self) { try download.get() }
        #expect(failed?.message.contains("refuses the login of bob") == true, "\(failed?.message ?? "")")
        for error in [error, blob, failed].compactMap({ $0 }) {
            let whole = error.message + (error.hint ?? "")
            #expect(!whole.contains("wr0ng"))
        }
    }

    /// The login is good, and has no right to it: that is another matter.
    @Test func oneThatIsGoodAndNotEnoughIsToldApart() async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .bearer(username: "me", password: "right")
        registry.stub.rule("/manifests/", .challenge("Bearer realm=\"\(registry.stub.url)/token\",service=\"stub\""))
        let client = try registryClient(docker: docker(registry.stub.host, "me:right"))
        let reference = try registry.reference()
        let error = await expectFailure(.unauthorized) { () throws(RegistryError) in
            try await client.manifest(reference)
        }
        #expect(error?.message.contains("does not let the login of me (from config.json) have") == true)
    }

    /// Some servers repeat the request in their errors.
    @Test(arguments: [
        "bad auth: Basic Ym9iOnM0Y3JldC1wdw==",
        "{\"errors\":[{\"code\":\"X\",\"message\":\"no Ym9iOnM0Y3JldC1wdw==\"}]}",
        "{\"message\":\"got s4cret-pw\"}", "czRjcmV0LXB3 is no good", "authorization=bearer:\\\"Ym9iOnM0Y3JldC1wdw\\\"",
    ])
    func itsEchoIsNotTold(_ text: String) async throws {
        let answers = [StubResponse(400, text: text), StubResponse(403, text: text)]
        for answer in answers {
            let registry = try SmallRegistry()
            let host = registry.stub.host
            registry.stub.login = .basic(username: "bob", password: "s4cret-pw")
            let (client, reference) = (
                try registryClient(docker: docker(host, "bob:s4cret-pw")), try registry.reference()
            )
            // The registry has asked for the login, and is sent it from now on.
            _ = try await client.manifest(reference)
            registry.stub.rule("/manifests/", StubAction { _, _ in answer })
            let failure = await #expect(throws: RegistryError.self) { try await client.manifest(reference) }
            let told = "\(failure?.message ?? "") \(failure?.hint ?? "") \(failure?.told ?? "")"
            for secret in ["Ym9iOnM0Y3JldC1wdw", "s4cret", "czRjcmV0LXB3"] {
                #expect(!told.contains(secret), "\(told)")
            }
            if answer.status == 400 { #expect(told.contains("…")) }
        }
    }

    @Test(arguments: [
        ("Basic Ym9iOnB3", "Basic …"), ("got 'bearer eyJhbGciOi.J9'", "got 'bearer …'"),
        ("BASIC: aGk6eA==", "BASIC: …"),
        ("Basic authentication is off", "Basic authentication is off"),
        ("Bearer token expired", "Bearer token expired"),
        ("Basic Auth. failed", "Basic Auth. failed"), ("Bearer realm=\"x\"", "Bearer realm=\"x\""), ("basic", "basic"),
    ])
    func whatStandsBehindASchemeIsStruck(_ text: String, _ shown: String) {
        #expect(ServerText().struck(text) == shown)
    }

    @Test func withoutOneItIsWanted() async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .basic(username: "me", password: "right")
        let (client, reference) = (try registryClient(), try registry.reference())
        let error = await expectFailure(.unauthorized) { () throws(RegistryError) in
            try await client.manifest(reference)
        }
        #expect(error?.message.contains("wants a login for") == true)
    }

    @Test(
        arguments: [
            (StubResponse(404, text: "no such page"), RegistryError.Reason.malformed, "answers 404"),
            (StubResponse(500), .network, "answers 500"),
            (StubResponse(302, [("Location", "/token")]), .redirect, "cannot be asked"),
            (StubResponse(200, [("Content-Type", "text/html")], text: "<html>"), .malformed, "a web page"),
            (StubResponse(200, text: "{\"token\":7}"), .malformed, "gives no token"),
            (StubResponse(418, text: "{\"details\":\"short and stout\"}"), .malformed, "answers 418 (short and stout)"),
        ] as [(StubResponse, RegistryError.Reason, String)])
    func aTokenServerThatIsNoneIsNamed(
        _ response: StubResponse, _ reason: RegistryError.Reason, _ told: String
    ) async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .bearer(realm: registry.stub.url + "/token?key=s3cret")
        registry.stub.rule("/token", .respond(response))
        let client = try registryClient(attempts: 1)
        let reference = try registry.reference()
        let error = await expectFailure(reason) { () throws(RegistryError) in try await client.manifest(reference) }
        let message = error?.message ?? ""
        #expect(message.contains(told), "\(message)")
        #expect(
            message.contains("the token server of \(registry.stub.host) (\(registry.stub.url)/token)"), "\(message)")
        let whole = message + (error?.hint ?? "")
        #expect(!whole.contains("s3cret"))
    }

    @Test func aTokenServerThatIsNotThereIsNamed() async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .bearer(realm: "http://127.0.0.1:1/token")
        let (client, reference) = (try registryClient(attempts: 1), try registry.reference())
        let error = await expectFailure(.network) { () throws(RegistryError) in try await client.manifest(reference) }
        #expect(error?.message.contains("(http://127.0.0.1:1/token) cannot be asked: cannot connect") == true)
    }
}
