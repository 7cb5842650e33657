import Fixtures
import Foundation
import OCI
import Testing
import Threads

@testable import Registry

@Suite struct CredentialHelperTests {
    private func helper(_ fake: FakeCredentialHelper, seconds: Double = 30) -> CredentialHelper {
        CredentialHelper(name: fake.name, environment: ["PATH": fake.path], seconds: seconds)
    }

    private let flag = CancellationFlag()

    @Test func keepsAndForgets() throws {
        let fake = FakeCredentialHelper()
        let helper = helper(fake)
        #expect(try helper.get("quay.io", cancellation: flag) == nil)
        let login = Credentials.basic(username: "me", password: Secret("s\"e\\c ret"))
        try helper.store("quay.io", login, cancellation: flag)
        #expect(try helper.get("quay.io", cancellation: flag) == login)
        let token = Credentials.identityToken(username: "", token: Secret("refresh"))
        try helper.store("https://index.docker.io/v1/", token, cancellation: flag)
        #expect(try helper.get("https://index.docker.io/v1/", cancellation: flag) == token)
        let listed = try helper.list(cancellation: flag).map { "\($0.server) \($0.username)" }
        #expect(listed.sorted() == ["https://index.docker.io/v1/ <token>", "quay.io me"])
        #expect(try helper.erase("quay.io", cancellation: flag))
        #expect(try !helper.erase("quay.io", cancellation: flag))
        #expect(try helper.get("quay.io", cancellation: flag) == nil)
        // Never as an argument, which everybody can read.
        #expect(Set(fake.calls) == ["get", "store", "erase", "list"])
    }

    @Test(
        arguments: [
            (.failing("secret=hidden"), "exit status 1"),
            (.failing("no credentials server URL"), "no credentials server URL"),
            (.complaining("the key ring is locked", output: ""), "the key ring is locked"),
            (.complaining("cannot use hidden-too", output: "pw hidden-too\n"), "cannot use …"),
            (.complaining("got {\"Secret\":\"hidden\"}", output: ""), "exit status 1"),
            (.failing("{\"Secret\":\"hidden\"}"), "exit status 1"), (.endless, "without end"),
            (.answering("not json"), "something else"), (.answering("{\"Username\":\"x\"}"), "something else"),
        ] as [(FakeCredentialHelper.Behaviour, String)])
    func failures(_ behaviour: FakeCredentialHelper.Behaviour, _ told: String) {
        let fake = FakeCredentialHelper("test", behaviour)
        let helper = helper(fake)
        let error = #expect(throws: RegistryError.self) { try helper.get("quay.io", cancellation: flag) }
        #expect(error?.reason == .helper)
        #expect(error?.message.contains(told) == true, "\(error?.message ?? "")")
        #expect(error.map { "\($0.message)\($0.hint ?? "")" }?.contains("hidden") == false)
    }

    /// What it was told to keep is not in what it says of that.
    @Test func theSecretThatItWasGivenIsNotTold() {
        let fake = FakeCredentialHelper(
            "test", .complaining("cannot keep s3cret-pw or czNjcmV0LXB3", output: "s3cret-pw"))
        let helper = helper(fake)
        let login = Credentials.basic(username: "me", password: Secret("s3cret-pw"))
        let error = #expect(throws: RegistryError.self) { try helper.store("quay.io", login, cancellation: flag) }
        #expect(error?.message.hasSuffix("cannot keep … or …") == true, "\(error?.message ?? "")")
    }

    @Test func oneThatIsNotThereIsNamed() {
        for name in ["nowhere", "../bin/sh", "a b", ""] {
            let helper = CredentialHelper(name: name, environment: ["PATH": "/usr/bin"])
            let error = #expect(throws: RegistryError.self) { try helper.get("quay.io", cancellation: flag) }
            #expect(error?.reason == .helper)
        }
    }

    @Test func theTimeItTakesIsBounded() {
        let fake = FakeCredentialHelper("test", .slow(seconds: 60))
        let start = ContinuousClock.now
        let error = #expect(throws: RegistryError.self) {
            try helper(fake, seconds: 0.3).get("quay.io", cancellation: flag)
        }
        #expect(error?.reason == .timeout && error?.message.contains("did not answer") == true)
        #expect(ContinuousClock.now - start < .seconds(10))
        // Nothing of it is left.
        for process in fake.processes { #expect(kill(process, 0) != 0) }
    }

    @Test func aCancelledOneEndsAtOnce() async {
        let fake = FakeCredentialHelper("test", .slow(seconds: 60))
        let (helper, flag) = (helper(fake), CancellationFlag())
        let start = ContinuousClock.now
        async let result = onThread {
            Result { () throws(RegistryError) in try helper.get("quay.io", cancellation: flag) }
        }
        while fake.processes.isEmpty { try? await Task.sleep(for: .milliseconds(5)) }
        flag.cancel()
        let outcome = await result
        #expect(throws: RegistryError.self) { try outcome.get() }
        // It would sleep for a minute; the machine may have much else to do.
        #expect(ContinuousClock.now - start < .seconds(50))
    }

    @Test func whatItLeavesRunningIsNotWaitedFor() throws {
        let fake = FakeCredentialHelper("test", .daemon)
        fake.add("quay.io", "me", "secret")
        let start = ContinuousClock.now
        #expect(try helper(fake).get("quay.io", cancellation: flag) != nil)
        #expect(ContinuousClock.now - start < .seconds(10))
        for process in fake.processes { kill(-process, SIGKILL) }
    }
}

@Suite struct HelperLookUpTests {
    private func logins(_ fake: FakeCredentialHelper, _ text: String) -> Logins {
        Logins([LoginFile(bytes: Array(text.utf8), path: "config.json")], environment: ["PATH": fake.path])
    }

    @Test func isAskedForWhatItIsNamedFor() async {
        let fake = FakeCredentialHelper()
        for server in ["quay.io", "ghcr.io", "quay.io/team", "https://index.docker.io/v1/"] {
            fake.add(server, "of \(server)", "pw")
        }
        func username(_ text: String, _ registry: String, _ path: String = "a") async -> String? {
            await logins(fake, text).credentials(registry: registry, path: path)?.username
        }
        let single = "{\"credHelpers\":{\"quay.io\":\"test\"},\"auths\":{\"ghcr.io\":{\"auth\":\"ZjpwdwA=\"}}}"
        #expect(await username(single, "quay.io") == "of quay.io")
        #expect(await username(single, "ghcr.io") == "f")
        #expect(await username(single, "docker.io") == nil)
        let store = "{\"credsStore\":\"test\",\"auths\":{\"quay.io/team\":{},\"ghcr.io\":{\"auth\":\"ZjpwdwA=\"}}}"
        #expect(await username(store, "docker.io", "library/nginx") == "of https://index.docker.io/v1/")
        #expect(await username(store, "quay.io", "team/app") == "of quay.io/team")
        #expect(await username(store, "quay.io", "other/app") == "of quay.io")
        #expect(await username(store, "ghcr.io") == "f")
        #expect(
            await username("{\"credHelpers\":{\"quay.io/team\":\"test\"}}", "quay.io", "team/x") == "of quay.io/team")
        // A helper that has nothing leaves it to the file.
        let both = "{\"credHelpers\":{\"a.example\":\"test\"},\"auths\":{\"a.example\":{\"auth\":\"ZjpwdwA=\"}}}"
        #expect(await username(both, "a.example") == "f")
    }

    /// Not at the start, not for public images, and not for every request.
    @Test func isAskedAtNeedAndOnce() async throws {
        let registry = try SmallRegistry()
        let fake = FakeCredentialHelper()
        fake.add(registry.stub.host, "me", "secret")
        let client = try registryClient(docker: "{\"credsStore\":\"test\"}", environment: ["PATH": fake.path])
        let reference = try registry.reference()
        _ = try await client.manifest(reference)
        #expect(fake.calls.isEmpty)
        registry.stub.login = .bearer(username: "me", password: "secret")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { _ = try await client.manifest(reference) } }
            try await group.waitForAll()
        }
        #expect(fake.calls == ["get"])
        #expect(fake.inputs == ["get \(registry.stub.host)"])
    }

    /// What a client throws that gets no login from its helper, for each way of asking for one. Public images go on without.
    private func refusals(
        of client: RegistryClient, at registry: SmallRegistry, _ reason: RegistryError.Reason
    ) async throws -> [RegistryError?] {
        let reference = try registry.reference()
        registry.stub.login = .bearer()
        _ = try await client.manifest(reference)
        var errors: [RegistryError?] = []
        for login in [StubRegistry.Login.basic(username: "a", password: "b"), .bearer(username: "a", password: "b")] {
            registry.stub.login = login
            registry.stub.revokeTokens()
            errors.append(
                await expectFailure(reason) { () throws(RegistryError) in try await client.manifest(reference) })
        }
        return errors
    }

    /// Its silence is what is wrong, and not the login: that is said where a login would have been needed.
    @Test func oneThatDoesNotAnswerIsAnErrorWhereALoginIsMissing() async throws {
        let registry = try SmallRegistry()
        let fake = FakeCredentialHelper("test", .slow(seconds: 60))
        let client = try registryClient(
            docker: "{\"credsStore\":\"test\"}", environment: ["PATH": fake.path], helperSeconds: 1)
        for error in try await refusals(of: client, at: registry, .timeout) {
            #expect(error?.message.contains("helper test did not answer `get` within 1 s, and without a login") == true)
            #expect(error?.hint?.contains("docker-credential-test") == true)
        }
        let key = try #require(LoginKey(registry.stub.host))
        await expectFailure(.timeout) { () throws(RegistryError) in try await client.verifyStoredLogin(key) }
        #expect(try await client.storedUsername(key) == nil)
        for process in fake.processes { #expect(kill(process, 0) != 0) }
    }

    @Test func anInterruptedLookUpOfAUsernameIsNoAnswer() async throws {
        let registry = try SmallRegistry()
        let fake = FakeCredentialHelper("test", .slow(seconds: 60))
        let client = try registryClient(docker: "{\"credsStore\":\"test\"}", environment: ["PATH": fake.path])
        let key = try #require(LoginKey(registry.stub.host))
        let asking = Task {
            await expectFailure(.interrupted) { () throws(RegistryError) in try await client.storedUsername(key) }
        }
        while fake.processes.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        asking.cancel()
        _ = await asking.value
    }

    @Test func oneThatFailsIsToldWhereALoginIsMissing() async throws {
        let registry = try SmallRegistry()
        let client = try registryClient(docker: "{\"credsStore\":\"nowhere\"}", environment: ["PATH": "/usr/bin"])
        for error in try await refusals(of: client, at: registry, .unauthorized) {
            #expect(error?.hint?.contains("credential helper nowhere is not installed") == true)
        }
    }
}
