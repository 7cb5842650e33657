import Fixtures
import OCI
import Synchronization
import Testing

@testable import Registry

@Suite struct LoginFileTests {
    private let text = """
        {"auths": {
          "https://index.docker.io/v1/": {"auth": "aHViOnB3"},
          "quay.io": {"username": "u", "password": "p"},
          "quay.io/team": {"auth": "dGVhbTpwOnc="},
          "https://old.example/v2/": {"auth": "bzpwdw=="},
          "token.example": {"auth": "eDp5", "identitytoken": "id"},
          "raw.example": {"registrytoken": "raw"},
          "docker.io/team": {"auth": "dGVhbTpodWI="},
          "empty.example": {}
        }, "HttpHeaders": {}}
        """

    @Test(
        arguments: [
            ("docker.io", "library/nginx", Credentials.basic(username: "hub", password: Secret("pw"))),
            ("docker.io", "team/app", .basic(username: "team", password: Secret("hub"))),
            ("quay.io", "other/app", .basic(username: "u", password: Secret("p"))),
            ("quay.io", "team/app", .basic(username: "team", password: Secret("p:w"))),
            ("quay.io", "teams/app", .basic(username: "u", password: Secret("p"))),
            ("old.example", "a", .basic(username: "o", password: Secret("pw"))),
            ("token.example", "a", .identityToken(username: "x", token: Secret("id"))),
            ("raw.example", "a", .registryToken(Secret("raw"))), ("empty.example", "a", nil),
            ("unknown.example", "a", nil),
            ("quay.io.evil.example", "a", nil), ("index.docker.io.evil.example", "a", nil),
        ] as [(String, String, Credentials?)])
    func finds(_ registry: String, _ path: String, _ expected: Credentials?) async throws {
        let logins = Logins([LoginFile(bytes: Array(text.utf8), path: "config.json")])
        #expect(await logins.credentials(registry: registry, path: path) == expected)
    }

    @Test(
        arguments: [
            ("{", "not JSON"), ("[]", "no JSON object"), ("{\"auths\":{\"a\":{\"auth\":\"!!\"}}}", "login for a "),
            ("{\"auths\":{\"a\":{\"auth\":\"bm9jb2xvbg==\"}}}", "login for a "),
        ])
    func aDamagedFileIsWarnedOf(_ text: String, _ told: String) async {
        var warnings: [String] = []
        let file = LoginFile(bytes: Array(text.utf8), path: "config.json") { warnings.append($0) }
        #expect(warnings.count == 1)
        #expect(warnings.allSatisfy { $0.contains("config.json") && $0.contains(told) && !$0.contains("bm9") })
        #expect(await Logins([file]).credentials(registry: "a", path: "x") == nil)
    }

    /// One login that cannot be read takes no other with it.
    @Test func theOtherLoginsAreUsed() async {
        let text = "{\"auths\":{\"a\":{\"auth\":\"!!\"},\"b\":{\"username\":\"u\",\"password\":\"p\"}}}"
        let logins = Logins([LoginFile(bytes: Array(text.utf8), path: "config.json")])
        #expect(
            await logins.credentials(registry: "b", path: "x") == .basic(username: "u", password: Secret("p")))
    }

    @Test(arguments: [
        ("", "docker.io"), ("docker.io", "docker.io"), ("https://index.docker.io/v1/", "docker.io"),
        ("quay.io", "quay.io"), ("https://quay.io/v2/", "quay.io"), ("quay.io/team", "quay.io/team"),
        ("localhost:5000", "localhost:5000"), ("[::1]:5000", "[::1]:5000"), ("docker.io/team", "docker.io/team"),
        ("http://old.example/", "old.example"),
    ])
    func readsWhatUsersCallRegistries(_ text: String, _ name: String) {
        #expect(LoginKey(text)?.name == name)
        #expect(LoginKey(text).map { LoginKey(stored: $0.stored) } == LoginKey(text))
    }

    @Test(arguments: [
        "/", "a b", "me:secret@quay.io", "quay.io/Team", "quay.io?x", "a\u{1b}[1m", "quay.io:port", "https://",
    ])
    func refuses(_ text: String) { #expect(LoginKey(text) == nil) }
}

@Suite struct LoginPathsTests {
    @Test func looksWhereTheEnvironmentSays() {
        func files(_ environment: [String: String]) -> [String] { LoginPaths(environment: environment).files }
        #expect(
            files(["HOME": "/h", "XDG_RUNTIME_DIR": "/r"]) == [
                "/h/.docker/config.json", "/r/containers/auth.json", "/h/.config/containers/auth.json",
            ])
        #expect(
            files(["HOME": "/h", "DOCKER_CONFIG": "/d", "XDG_CONFIG_HOME": "/c"]) == [
                "/d/config.json", "/c/containers/auth.json",
            ])
        #expect(files(["HOME": "/h", "DOCKER_CONFIG": "/d", "REGISTRY_AUTH_FILE": "/a"]) == ["/a"])
        #expect(files([:]) == [])
    }

    private func login(_ host: String, _ username: String) -> String {
        "{\"auths\":{\"\(host)\":{\"auth\":\"\(StubRegistry.base64(username + ":pw"))\"}}}"
    }

    @Test func theFirstFileThatHasOneCounts() async {
        let directory = TemporaryDirectory()
        for name in ["d", "r/containers", "c/containers"] { directory.directory(name) }
        _ = directory.write("d/config.json", login("a.example", "docker"))
        _ = directory.write("r/containers/auth.json", login("b.example/team", "session"))
        _ = directory.write("c/containers/auth.json", login("b.example", "user"))
        let logins = Logins(environment: [
            "DOCKER_CONFIG": directory.path + "/d", "XDG_RUNTIME_DIR": directory.path + "/r",
            "XDG_CONFIG_HOME": directory.path + "/c",
        ])
        func username(_ registry: String, _ path: String) async -> String? {
            await logins.credentials(registry: registry, path: path)?.username
        }
        #expect(await username("a.example", "x") == "docker")
        #expect(await username("b.example", "team/x") == "session")
        #expect(await username("b.example", "x") == "user")
        // A file that changes is read again, also one that was not there.
        _ = directory.write("d/config.json", login("b.example", "changed"))
        #expect(await username("b.example", "team/x") == "changed")
        #expect(await username("a.example", "x") == nil)
    }

    @Test func aNamedFileThatIsMissingIsToldOnce() async {
        let warnings = Mutex<[String]>([])
        let logins = Logins(environment: ["REGISTRY_AUTH_FILE": "/nonexistent/auth.json"]) { text in
            warnings.withLock { $0.append(text) }
        }
        for _ in 0..<3 { #expect(await logins.credentials(registry: "a", path: "b") == nil) }
        #expect(warnings.withLock { $0 }.count == 1)
        #expect(warnings.withLock { $0 }.first?.contains("/nonexistent/auth.json") == true)
    }
}
