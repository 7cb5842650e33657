import Fixtures
import HTTP
import OCI
import Testing
import Threads

@testable import Registry

@Suite struct AuthenticationTests {
    private func docker(_ host: String, _ login: String) -> String {
        "{\"auths\":{\"\(host)\":{\"auth\":\"\(StubRegistry.base64(login))\"}}}"
    }

    @Test func anonymousTokensAreSharedAndKept() async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .bearer()
        let client = try registryClient()
        let reference = try registry.reference()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await client.manifest(reference) } }
            try await group.waitForAll()
        }
        #expect(registry.stub.requests("/token").count == 1)
        let token = try #require(registry.stub.requests("/token").first)
        #expect(token.query == "service=stub&scope=repository:team/app:pull")
        #expect(token.header("Authorization") == nil)
        // From here on no request is refused first.
        registry.stub.forgetRequests()
        _ = try await client.manifest(reference)
        #expect(registry.stub.requests.map(\.path) == ["/v2/team/app/manifests/1"])
        #expect(registry.stub.requests.first?.header("Authorization") == "Bearer token-1")
    }

    @Test func revokedTokensAreReplaced() async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .bearer()
        let client = try registryClient()
        _ = try await client.manifest(try registry.reference())
        registry.stub.revokeTokens()
        _ = try await client.manifest(try registry.reference())
        #expect(registry.stub.requests("/token").count == 2)
    }

    @Test func loginsGoToTheTokenServer() async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .bearer(username: "me", password: "s:cret")
        let client = try registryClient(docker: docker(registry.stub.host, "me:s:cret"))
        _ = try await client.manifest(try registry.reference())
        for request in registry.stub.requests {
            let expected = request.path == "/token" ? StubRegistry.basic("me", "s:cret") : nil
            if request.header("Authorization")?.hasPrefix("Bearer ") != true {
                #expect(request.header("Authorization") == expected)
            }
        }
        #expect(registry.stub.requests("account=me").count == 1)
    }

    @Test func wrongLoginsAreToldOnce() async throws {
        let registry = try SmallRegistry()
        for login in [
            StubRegistry.Login.bearer(username: "me", password: "right"), .basic(username: "me", password: "right"),
        ] {
            registry.stub.login = login
            registry.stub.forgetRequests()
            let client = try registryClient(docker: docker(registry.stub.host, "me:wrong"))
            let reference = try registry.reference()
            let error = await expectFailure(.unauthorized) { () throws(RegistryError) in
                try await client.manifest(reference)
            }
            #expect(error?.hint?.contains("(login ") == true)
            #expect(error.map { "\($0)\($0.hint ?? "")" }?.contains("wrong-") == false)
            #expect(registry.stub.requests.count <= 3)
        }
    }

    @Test func basic() async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .basic(username: "me", password: "secret")
        let client = try registryClient(docker: docker("http://\(registry.stub.host)/v1/", "me:secret"))
        _ = try await client.manifest(try registry.reference())
        _ = try await client.manifest(try registry.reference())
        #expect(registry.stub.requests.map { $0.header("Authorization") != nil } == [false, true, true])
    }

    @Test func identityTokensAreExchanged() async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .bearer()
        let text = "{\"auths\":{\"\(registry.stub.host)\":{\"identitytoken\":\"refresh&me\"}}}"
        let client = try registryClient(docker: text)
        _ = try await client.manifest(try registry.reference())
        let request = try #require(registry.stub.requests("/token").first)
        #expect(request.method == "POST")
        let form = String(decoding: request.body, as: UTF8.self)
        #expect(form.contains("grant_type=refresh_token") && form.contains("refresh_token=refresh%26me"))
    }

    @Test func secretsAreSeenByTheirHostAlone() async throws {
        let registry = try SmallRegistry()
        let storage = StubServer { _ in StubResponse(200, [], registry.layer) }
        let stranger = StubRegistry()
        stranger.login = .basic(username: "me", password: "secret")
        registry.stub.login = .basic(username: "me", password: "secret")
        registry.stub.rule(
            "/blobs/",
            StubAction { request, response in
                response.status == 200 ? StubResponse(307, [("Location", storage.url + "/signed")]) : response
            })
        let client = try registryClient(docker: docker(registry.stub.host, "me:secret"))
        let (descriptor, repository) = (registry.descriptor, try registry.repository())
        let result = await onThread {
            Result { () throws(RegistryError) in
                try client.downloadBlob(
                    descriptor, from: repository, cancellation: CancellationFlag(), onStart: { _ in }, onBytes: { _ in }
                )
            }
        }
        try result.get()
        #expect(storage.requests.count == 1)
        #expect(storage.requests.allSatisfy { $0.header("Authorization") == nil })
        // Another registry that asks gets nothing of it.
        let other = try Reference("\(stranger.host)/team/app:1")
        await expectFailure(.unauthorized) { () throws(RegistryError) in try await client.manifest(other) }
        #expect(stranger.requests.allSatisfy { $0.header("Authorization") == nil })
    }

    @Test func aChallengeOfWhereItWasRedirectedToIsNotAnswered() async throws {
        let registry = try SmallRegistry()
        let thief = StubServer { _ in StubResponse(401, [("WWW-Authenticate", "Basic realm=\"give\"")]) }
        registry.stub.rule("/manifests/", .redirect(thief.url + "/x"))
        let client = try registryClient(docker: docker(registry.stub.host, "me:secret"))
        let reference = try registry.reference()
        await expectFailure(.unauthorized) { () throws(RegistryError) in try await client.manifest(reference) }
        #expect(thief.requests.count == 1)
        #expect(thief.requests.allSatisfy { $0.header("Authorization") == nil })
        #expect(registry.stub.requests.allSatisfy { $0.header("Authorization") == nil })
    }

    @Test(
        arguments: [
            (["Negotiate"], RegistryError.Reason.unsupported), (["Digest realm=x"], .unsupported), ([], .unsupported),
            (["Bearer service=x"], .unsupported), (["Bearer realm=\"ftp://x/\""], .malformed),
            (["Bearer realm=\"http://127.0.0.1:1/token\""], .network),
            (["Negotiate", "Basic realm=\"x\""], .unauthorized),
        ] as [([String], RegistryError.Reason)])
    func oddChallenges(_ fields: [String], _ reason: RegistryError.Reason) async throws {
        let registry = try SmallRegistry()
        registry.stub.rule(
            "/v2/",
            StubAction { _, _ in
                StubResponse(401, fields.map { ("WWW-Authenticate", $0) }, text: "{}")
            })
        let client = try registryClient(attempts: 1)
        let reference = try registry.reference()
        await expectFailure(reason) { () throws(RegistryError) in try await client.manifest(reference) }
    }

    @Test(
        arguments: [
            (StubResponse(200, text: "{}"), RegistryError.Reason.malformed),
            (StubResponse(200, text: "no"), .malformed),
            (StubResponse(200, text: "{\"token\":\"a b\"}"), .malformed), (StubResponse(403, text: "{}"), .denied),
            (StubResponse(503), .network), (StubResponse(429), .rateLimited),
            (StubResponse(200, [], [UInt8](repeating: 32, count: 2 << 20)), .malformed),
        ] as [(StubResponse, RegistryError.Reason)])
    func oddTokenServers(_ response: StubResponse, _ reason: RegistryError.Reason) async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .bearer()
        registry.stub.rule("/token", .respond(response))
        let client = try registryClient(attempts: 1)
        let reference = try registry.reference()
        await expectFailure(reason) { () throws(RegistryError) in try await client.manifest(reference) }
    }

    /// A login is never sent in the clear to a host that is not its registry's, whatever the registry asks for.
    @Test(arguments: ["auth", "identitytoken"])
    func loginsGoToNoOtherHostWithoutTLS(_ kind: String) async throws {
        let registry = try SmallRegistry()
        let thief = StubServer { _ in StubResponse(200, text: "{\"token\":\"t\"}") }
        let realm = "http://localhost:\(thief.host.split(separator: ":").last ?? "")/token"
        registry.stub.login = .bearer(username: "me", password: "secret", realm: realm)
        let login = kind == "auth" ? StubRegistry.base64("me:secret") : "refresh"
        let client = try registryClient(docker: "{\"auths\":{\"\(registry.stub.host)\":{\"\(kind)\":\"\(login)\"}}}")
        let reference = try registry.reference()
        let error = await expectFailure(.denied) { () throws(RegistryError) in try await client.manifest(reference) }
        #expect(error?.message.contains("localhost") == true && error?.hint?.contains("https") == true)
        #expect(thief.requests.isEmpty)
        // Without a login there is nothing to lose.
        registry.stub.login = .bearer(realm: realm)
        let anonymous = try registryClient()
        await expectFailure(.unauthorized) { () throws(RegistryError) in try await anonymous.manifest(reference) }
        #expect(thief.requests.count == 1)
    }

    /// Over TLS another host gets the login, but not one whose certificate nobody vouches for.
    @Test func theTokenServersTLSIsVerified() {
        func tls(_ realm: String, insecure: Bool) -> Bool? {
            let request = TokenRequest(
                realm: realm, service: "", scope: "", credentials: .basic(username: "me", password: Secret("secret")),
                allowsPlain: true, registry: "registry.example", origin: "https://registry.example",
                tls: TLSOptions(insecure: true), isInsecureHost: { _ in insecure }, limits: HTTPLimits())
            return (try? request.request())?.tls?.insecure
        }
        #expect(tls("https://auth.example/token", insecure: false) == false)
        #expect(tls("https://auth.example/token", insecure: true) == true)
        #expect(tls("https://registry.example:8443/token", insecure: false) == true)
        #expect(tls("http://auth.example/token", insecure: true) == nil)
    }

    /// A login that was refused is not sent again by the requests that follow.
    @Test func aRefusedLoginIsSentOnce() async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .bearer(username: "me", password: "right")
        let client = try registryClient(docker: docker(registry.stub.host, "me:wr0ng"))
        let reference = try registry.reference()
        for _ in 0..<3 {
            let error = await expectFailure(.unauthorized) { () throws(RegistryError) in
                try await client.manifest(reference)
            }
            #expect(error?.message.contains("wrong password") == true)
        }
        // Once with the login, and once without: what it wants may be everybody's.
        #expect(registry.stub.requests("/token").map { $0.header("Authorization") != nil } == [true, false])
    }

    /// A token that the registry did not take, fresh as it was, is no reason to ask for another.
    @Test func aTokenThatDoesNotHelpIsAskedForOnce() async throws {
        let registry = try SmallRegistry()
        registry.stub.login = .bearer(username: "me", password: "right")
        registry.stub.rule("/token", .respond(StubResponse(200, text: "{\"token\":\"useless\"}")))
        let client = try registryClient(docker: docker(registry.stub.host, "me:right"))
        let reference = try registry.reference()
        for _ in 0..<2 {
            await expectFailure(.unauthorized) { () throws(RegistryError) in try await client.manifest(reference) }
        }
        #expect(registry.stub.requests("/token").count == 1)
    }

    @Test func lifetimesAreAtLeastAMinute() async throws {
        for (text, range) in [
            ("{\"token\":\"t\"}", 45...60), ("{\"access_token\":\"t\",\"expires_in\":5}", 45...60),
            ("{\"token\":\"t\",\"expires_in\":3600}", 3580...3600), ("{\"token\":\"t\",\"expires_in\":1e300}", 45...60),
            ("{\"token\":\"t\",\"expires_in\":3600,\"issued_at\":\"2001-01-01T00:00:00Z\"}", 3580...3600),
            ("{\"token\":\"t\",\"expires_in\":99999999}", 86000...86400),
        ] {
            let server = StubServer { _ in StubResponse(200, text: text) }
            let answer = try await TokenRequest(
                realm: server.url, service: "", scope: "", credentials: nil, allowsPlain: true, registry: "r",
                origin: server.url, tls: nil, limits: HTTPLimits()
            ).send(HTTPClient())
            #expect(range.contains(Int(answer.lifetime.components.seconds)), "\(text)")
        }
    }

    @Test func tokensWithoutTLSAreRefusedForRegistriesWithIt() async throws {
        let request = TokenRequest(
            realm: "http://auth.example/token", service: "", scope: "", credentials: nil, allowsPlain: false,
            registry: "registry.example", origin: "https://registry.example", tls: nil, limits: HTTPLimits())
        await expectFailure(.malformed) { () throws(RegistryError) in try await request.send(HTTPClient()) }
    }
}

@Suite struct SecretTests {
    @Test func nothingPrintsIt() {
        let secret = Secret("hunter2")
        let credentials = Credentials.basic(username: "me", password: secret)
        for text in ["\(secret)", String(reflecting: secret), "\(credentials)", String(describing: [secret: secret])] {
            #expect(!text.contains("hunter2"))
        }
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(secret.reveal() == "hunter2")
    }
}
