import Fixtures
import HTTP
import OCI
import Testing

@testable import Registry

@Suite struct TransportOverrideTests {
    /// Spoken to in the wrong way, it is said how to do it in the other one.
    @Test func theOtherWayIsNamed() async throws {
        let registry = try SmallRegistry()
        let (plain, reference) = (try registryClient(attempts: 1), try registry.reference())
        let unverified = plain.with(TransportOverride(security: .unverified))
        let error = await expectFailure(.certificate) { () throws(RegistryError) in
            try await unverified.manifest(reference)
        }
        #expect(error?.hint?.contains("--plain-http") == true)
        // In the words of Go's server and of nginx.
        for text in [
            "Client sent an HTTP request to an HTTPS server.\n", "The plain HTTP request was sent to HTTPS port",
        ] {
            registry.stub.forgetRules()
            registry.stub.rule("/v2/", .respond(StubResponse(400, text: text)))
            let error = await expectFailure(.malformed) { () throws(RegistryError) in
                try await plain.manifest(reference)
            }
            #expect(error?.hint?.contains("--insecure") == true)
        }
    }

    @Test func speaksAsToldToTheRegistryButNotToItsMirrors() throws {
        let client = try registryClient(
            registries: "[[registry]]\nlocation = \"a.example\"\n[[registry.mirror]]\nlocation = \"m.example\"\n")
        let repository = try Repository("a.example/x")
        func transports(_ security: TransportOverride.Security?) throws -> [RegistryEndpoint.Transport] {
            try client.with(TransportOverride(security: security)).endpoints(for: repository, byDigest: false)
                .map(\.transport)
        }
        #expect(try transports(nil) == [.https, .https])
        #expect(try transports(.unverified) == [.https, .unverified])
        #expect(try transports(.plainHTTP) == [.https, .http])
    }

    @Test func unverifiedIsStillTLS() async throws {
        let server = TLSRegistryServer()
        let client = try registryClient(
            registries: "[[registry]]\nlocation = \"\(server.host)\"\ninsecure = false\n", attempts: 1)
        await expectFailure(.certificate) { () throws(RegistryError) in try await client.ping(server.host) }
        try await client.with(TransportOverride(security: .unverified)).ping(server.host)
        // What is accepted once is not accepted for good.
        await expectFailure(.certificate) { () throws(RegistryError) in try await client.ping(server.host) }
        let plain = try SmallRegistry()
        await expectFailure(.certificate) { () throws(RegistryError) in
            try await client.with(TransportOverride(security: .unverified)).ping(plain.stub.host)
        }
    }

    /// Plain HTTP carries a login only on this machine, whoever asked for it.
    @Test(arguments: ["auth", "identitytoken", "registrytoken"])
    func loginsAreNotSentInTheClear(_ kind: String) async throws {
        let registry = try SmallRegistry()
        let port = registry.stub.host.split(separator: ":").last ?? ""
        let host = "registry.example:\(port)"
        let secret = kind == "auth" ? StubRegistry.base64("me:secret") : "secret"
        let docker = "{\"auths\":{\"\(host)\":{\"\(kind)\":\"\(secret)\"}}}"
        let insecure = "[[registry]]\nlocation = \"\(host)\"\ninsecure = true\n"
        for login in [StubRegistry.Login.basic(username: "me", password: "secret"), .bearer(username: "me")] {
            registry.stub.login = login
            registry.stub.forgetRequests()
            let resolve = ["\(host):127.0.0.1"]
            let reference = try Reference("\(host)/team/app:1")
            let clients = [
                try registryClient(docker: docker, resolve: resolve).with(TransportOverride(security: .plainHTTP)),
                try registryClient(registries: insecure, docker: docker, resolve: resolve),
            ]
            for client in clients {
                let error = await expectFailure(.unauthorized) { () throws(RegistryError) in
                    try await client.manifest(reference)
                }
                #expect(error?.hint?.contains("plain HTTP") == true)
            }
            #expect(!registry.stub.requests.isEmpty)
            #expect(registry.stub.requests.allSatisfy { $0.header("Authorization") == nil })
            #expect(registry.stub.requests.allSatisfy { !$0.target.contains("me") && !$0.body.contains(115) })
        }
    }
}
