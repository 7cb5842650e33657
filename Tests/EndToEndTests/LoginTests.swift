import Fixtures
import Foundation
import JSON
import Testing

/// `login`, `logout` and `logins` against Debian's docker-registry: a password file, and tokens.
@Suite struct LoginTests {
    private static let password = "s3cret-of-the-tests"
    private static let images = [
        (repository: "team/app", tags: ["1"], image: StandardImages.named("library/alpine", "3.19"))
    ]
    private static let basic = RegistryServer(images, access: .password(username: "me", password: password))
    private static let tokens = TokenServer(username: "me", password: password, anonymous: ["public/app"])
    private static let bearer = RegistryServer(
        images + [("public/app", ["1"], StandardImages.named("library/alpine", "3.19"))], access: .tokens(tokens))

    private func config(_ sandbox: Sandbox) -> String { sandbox.directory.path + "/home/.docker/config.json" }

    private func text(_ path: String) -> String { String(decoding: readFile(path) ?? [], as: UTF8.self) }

    private func logIn(
        _ sandbox: Sandbox, _ host: String, _ options: String = "", password: String = password,
        environment: [String: String] = [:]
    ) -> ProcessResult {
        sandbox.dsh(
            "login --username me --password-stdin \(options) \(host)", input: Array((password + "\n").utf8),
            environment: environment)
    }

    @Test func aPasswordIsVerifiedAndKept() throws {
        let sandbox = Sandbox(registry: nil)
        let host = Self.basic.host
        let refused = logIn(sandbox, host, password: "wrong")
        expectFailure(refused, code: "unauthorized")
        #expect(!refused.errors.contains("wrong"), "\(refused)")
        #expect(readFile(config(sandbox)) == nil)
        let planned = value(logIn(sandbox, host, "--dry-run"))
        #expect(planned["Status"] == "planned" && readFile(config(sandbox)) == nil)
        let kept = logIn(sandbox, host)
        #expect(
            value(kept) == [
                "Registry": .string(host), "Username": "me", "Storage": "file", "Location": .string(config(sandbox)),
                "Kind": "password", "Verified": true, "Status": "stored",
            ])
        #expect(kept.errors.contains("unencrypted") && !"\(kept)".contains(Self.password))
        var status = stat()
        #expect(stat(config(sandbox), &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(
            text(config(sandbox))
                == "{\n\t\"auths\": {\n\t\t\"\(host)\": {\n\t\t\t\"auth\": \"\(StubRegistry.base64("me:" + Self.password))\"\n\t\t}\n\t}\n}\n"
        )
        #expect(value(sandbox.dsh("pull \(host)/team/app:1"))["Status"] == "downloaded")
        // Docker's own client takes it for its own.
        let listed = value(sandbox.dsh("logins"))
        #expect(listed[0]?["Registry"] == .string(host) && listed[0]?["Username"] == "me" && listed[1] == nil)
        #expect(!listed.compact.contains(Self.password))
        #expect(value(sandbox.dsh("logout --dry-run \(host)"))["Status"] == "planned")
        #expect(value(sandbox.dsh("logout \(host)"))["Status"] == "removed")
        #expect(text(config(sandbox)) == "{\n\t\"auths\": {}\n}\n")
        expectFailure(sandbox.dsh("logout \(host)"), code: "not_found")
        expectFailure(sandbox.dsh("pull \(host)/team/app:1"), code: "unauthorized")
    }

    /// What else the file holds stays as it is, to the byte.
    @Test func theRestOfTheFileIsKept() {
        let sandbox = Sandbox(registry: nil)
        let before = """
            {
              "HttpHeaders": {"X-Number": 12345678901234567890, "E": 1.50e+3},
              "auths": {
                "quay.io": { "auth" : "eDp5" }
              },
              "psFormat": "table {{.ID}}\\u0009"
            }
            """
        _ = sandbox.directory.write("home/.docker/config.json", before)
        let host = Self.basic.host
        #expect(logIn(sandbox, host).code == 0)
        let auth = StubRegistry.base64("me:" + Self.password)
        let added = before.replacingOccurrences(
            of: "{ \"auth\" : \"eDp5\" }",
            with: "{ \"auth\" : \"eDp5\" },\n    \"\(host)\": {\n      \"auth\": \"\(auth)\"\n    }")
        #expect(text(config(sandbox)) == added)
        #expect(sandbox.dsh("logout \(host)").code == 0)
        #expect(text(config(sandbox)) == before)
        // A damaged file is not written over.
        _ = sandbox.directory.write("home/.docker/config.json", "{ broken")
        expectFailure(logIn(sandbox, host), code: "io")
        #expect(text(config(sandbox)) == "{ broken")
    }

    @Test func tokensAreAskedForWithTheLogin() {
        let sandbox = Sandbox(registry: nil)
        let host = Self.bearer.host
        expectFailure(logIn(sandbox, host, password: "wrong"), code: "unauthorized")
        expectFailure(sandbox.dsh("pull \(host)/team/app:1"), code: "unauthorized")
        #expect(value(logIn(sandbox, host))["Verified"] == true)
        #expect(sandbox.dsh("pull \(host)/team/app:1").code == 0)
        // Whoever's login is out of date may still pull what everybody may, as without one.
        let stale = "{\"auths\":{\"\(host)\":{\"auth\":\"\(StubRegistry.base64("me:old-password"))\"}}}"
        _ = sandbox.directory.write("home/.docker/config.json", stale)
        #expect(sandbox.dsh("pull \(host)/public/app:1").code == 0)
        let refused = sandbox.dsh("pull \(host)/team/app:1")
        expectFailure(refused, code: "unauthorized")
        #expect(refused.errors.contains("incorrect username or password"), "\(refused)")
        #expect(!refused.errors.contains("old-password"))
    }

    @Test func aRefreshTokenIsKeptInThePasswordsPlace() {
        let tokens = TokenServer(username: "me", password: Self.password, givesRefreshTokens: true)
        let registry = RegistryServer(Self.images, access: .tokens(tokens))
        let sandbox = Sandbox(registry: nil)
        #expect(value(logIn(sandbox, registry.host))["Kind"] == "identity_token")
        let kept = text(config(sandbox))
        #expect(kept.contains("\"identitytoken\": \"\(TokenServer.refreshToken)\""))
        #expect(!kept.contains(StubRegistry.base64("me:" + Self.password)))
        tokens.forgetRequests()
        #expect(sandbox.dsh("pull \(registry.host)/team/app:1").code == 0)
        #expect(tokens.requests.allSatisfy { $0.method == "POST" && $0.header("Authorization") == nil })
        #expect(!tokens.requests.isEmpty)
    }

    @Test func aHelperKeepsIt() {
        let sandbox = Sandbox(registry: nil)
        let helper = FakeCredentialHelper()
        let host = Self.basic.host
        let path = ["PATH": helper.path]
        _ = sandbox.directory.write("home/.docker/config.json", "{\"credsStore\": \"test\"}\n")
        let kept = logIn(sandbox, host, environment: path)
        #expect(value(kept)["Storage"] == "helper" && value(kept)["Location"] == "test")
        #expect(!kept.errors.contains("unencrypted"))
        #expect(text(config(sandbox)) == "{\"credsStore\": \"test\",\"auths\":{\"\(host)\":{}}}\n")
        #expect(sandbox.dsh("pull \(host)/team/app:1", environment: path).code == 0)
        let listed = value(sandbox.dsh("logins", environment: path))
        #expect(listed[0]?["Storage"] == "helper" && listed[0]?["Username"] == "me" && listed[1] == nil)
        #expect(value(sandbox.dsh("logout \(host)", environment: path))["Storage"] == "helper")
        #expect(text(config(sandbox)) == "{\"credsStore\": \"test\",\"auths\":{}}\n")
        #expect(value(sandbox.dsh("logins", environment: path)) == [])
        #expect(helper.calls.allSatisfy { ["get", "store", "erase", "list"].contains($0) })
        // A helper that is not there keeps nothing, and nothing is kept elsewhere instead.
        _ = sandbox.directory.write("home/.docker/config.json", "{\"credsStore\": \"nowhere\"}\n")
        let failed = logIn(sandbox, host)
        expectFailure(failed, code: "io")
        #expect(failed.errors.contains("nowhere is not installed"))
        #expect(text(config(sandbox)) == "{\"credsStore\": \"nowhere\"}\n")
    }

    /// A helper that is not there keeps nobody's password in the file; a damaged file is no "not logged in".
    @Test func logoutTakesWhatItCan() {
        let sandbox = Sandbox(registry: nil)
        let host = Self.basic.host
        let auth = StubRegistry.base64("me:" + Self.password)
        let path = sandbox.directory.write(
            "home/.docker/config.json", "{\"credsStore\":\"nowhere\",\"auths\":{\"\(host)\":{\"auth\":\"\(auth)\"}}}")
        let partly = sandbox.dsh("logout \(host)")
        expectFailure(partly, code: "io")
        #expect(
            partly.output.contains("\"removed\"") && partly.errors.contains("nowhere is not installed"), "\(partly)")
        #expect(!text(path).contains(auth))
        _ = sandbox.directory.write("home/.docker/config.json", "{\"auths\":{\"\(host)\":{\"auth\":\"\(auth)\"}},}")
        let damaged = sandbox.dsh("logout \(host)")
        expectFailure(damaged, code: "io")
        #expect(!damaged.errors.contains("not logged in"), "\(damaged)")
    }

    /// After a change of password every error says whose login it was, and where it is kept.
    @Test func aLoginThatIsOutOfDateIsNamed() {
        let sandbox = Sandbox(registry: nil)
        let host = Self.basic.host
        let auth = StubRegistry.base64("bob:wr0ng-one")
        let path = sandbox.directory.write(
            "home/.docker/config.json", "{\"auths\":{\"\(host)\":{\"auth\":\"\(auth)\"}}}")
        for line in ["tags \(host)/team/app", "pull \(host)/team/app:1", "copy \(host)/team/app:1 \(host)/team/b:1"] {
            let result = sandbox.dsh(line)
            expectFailure(result, code: "unauthorized")
            #expect(result.errors.contains("\(host) refuses the login of bob (from \(path)) for"), "\(result)")
            #expect(result.errors.contains("\(host)/team/") && !result.errors.contains("wr0ng"), "\(result)")
        }
    }

    /// A look-up that was broken off is no reason to go on without a login.
    @Test func anInterruptedHelperEndsTheScript() {
        let sandbox = Sandbox(registry: nil)
        let helper = FakeCredentialHelper("test", .slow(seconds: 100))
        _ = sandbox.directory.write("home/.docker/config.json", "{\"credsStore\": \"test\"}\n")
        for (host, path) in [(Self.basic.host, "team/app"), (Self.bearer.host, "public/app")] {
            let known = helper.processes.count
            let child = sandbox.start(
                ["-c", "tags \(host)/\(path); echo went-on"], environment: ["PATH": helper.path])
            for _ in 0..<1000 where helper.processes.count == known { usleep(10_000) }
            usleep(100_000)
            kill(child.id, SIGINT)
            let result = child.wait(timeout: 20)
            #expect(result.code == 130 && !result.output.contains("went-on"), "\(result)")
            #expect(helper.processes.count == known + 1)
            for process in helper.processes {
                for _ in 0..<200 where kill(-process, 0) == 0 { usleep(10_000) }
                #expect(kill(-process, 0) != 0)
            }
        }
    }

    /// A mistake on the line of a `login` does not show the password.
    @Test(arguments: [
        "login -u bob --pasword s3cr3t HOST", "login -P s3cr3t HOST", "login --token s3cr3t HOST",
        "login --password-stdin s3cr3t HOST", "login bob s3cr3t HOST", "docker login bob s3cr3t HOST",
        "docker login --token s3cr3t HOST", "docker login -P s3cr3t",
    ])
    func aMistypedPasswordIsNotShown(_ line: String) {
        let result = Sandbox(registry: nil).dsh(line)
        #expect(result.code != 0 && !"\(result.output)\(result.errors)".contains("s3cr3t"), "\(result)")
    }

    /// registries.conf has podman's way to name helpers for everything.
    @Test func helpersOfRegistriesConfAreUsed() {
        let sandbox = Sandbox(registry: nil)
        let helper = FakeCredentialHelper()
        let host = Self.basic.host
        let conf = sandbox.directory.write(
            "registries.conf", "credential-helpers = [\"test\", \"containers-auth.json\"]\n")
        let environment = ["PATH": helper.path, "CONTAINERS_REGISTRIES_CONF": conf]
        let kept = logIn(sandbox, host, environment: environment)
        #expect(value(kept)["Storage"] == "helper" && value(kept)["Location"] == "test")
        #expect(readFile(config(sandbox)) == nil)
        #expect(sandbox.dsh("pull \(host)/team/app:1", environment: environment).code == 0)
        #expect(value(sandbox.dsh("logout \(host)", environment: environment))["Storage"] == "helper")
        expectFailure(sandbox.dsh("pull \(host)/team/app:1", environment: environment), code: "unauthorized")
    }

    /// docker and podman use what dsh keeps, and the other way round.
    @Test func otherToolsUseTheSameLogins() {
        let sandbox = Sandbox(registry: nil)
        let host = Self.basic.host
        #expect(logIn(sandbox, host).code == 0)
        let inspected = sandbox.tool(
            "skopeo", "inspect", "--tls-verify=false", "--no-tags", "docker://\(host)/team/app:1")
        #expect(inspected.code == 0, "\(inspected)")
        #expect(sandbox.dsh("logout \(host)").code == 0)
        let auth = sandbox.directory.path + "/auth.json"
        let other = ChildProcess(
            [
                "skopeo", "login", "--tls-verify=false", "--authfile", auth, "-u", "me", "--password-stdin", host,
            ], environment: sandbox.environment, input: Array(Self.password.utf8)
        ).wait()
        #expect(other.code == 0, "\(other)")
        let named = ["REGISTRY_AUTH_FILE": auth]
        #expect(sandbox.dsh("pull \(host)/team/app:1", environment: named).code == 0)
        let listed = value(sandbox.dsh("logins", environment: named))
        #expect(listed[0]?["Location"] == .string(auth) && listed[1] == nil)
        #expect(sandbox.dsh("logout \(host)", environment: named).code == 0)
        expectFailure(sandbox.dsh("logout \(host)", environment: named), code: "not_found")
    }

    // MARK: What is said and asked

    @Test(
        arguments: [
            ("login -u me -p s3cret-of-the-tests HOST", "--password-stdin"),
            ("login --username me --password=s3cret-of-the-tests HOST", "--password-stdin"),
            ("login --password-stdin HOST", "needs a user name"),
            ("login -u me --password-stdin -p s3cret-of-the-tests HOST", "cannot be used together"),
            ("login -u me --password-stdin 'quay.io/a b'", "is no registry"),
            ("login -u me -ps3cret-of-the-tests HOST", "--password-stdin"),
            ("login -u me -p's3cret-of-the-tests' HOST", "--password-stdin"),
            ("login -u me --passw s3cret-of-the-tests HOST", "--passw"),
            ("login -u me --passwd=s3cret-of-the-tests HOST", "--passwd"),
            ("login -u me --password-stdin http://me:s3cret-of-the-tests@HOST", "is no registry"),
            ("login -u me:s3cret-of-the-tests --password-stdin HOST", "cannot have a colon"),
        ])
    func mistakes(_ line: String, _ told: String) {
        let sandbox = Sandbox(registry: nil)
        let line = line.replacingOccurrences(of: "HOST", with: Self.basic.host)
        let result = sandbox.dsh(line, input: Array(Self.password.utf8))
        expectFailure(result, code: "usage", exit: 2)
        #expect(result.errors.contains(told), "\(result)")
        #expect(!result.errors.contains(Self.password) && !result.output.contains(Self.password))
        #expect(readFile(config(sandbox)) == nil)
    }

    /// A URL with a login in it, wherever it is given: the place is shown, and what is secret in it is not.
    @Test(arguments: [
        "tags http://bob:s3cret-of-the-tests@HOST/x", "catalog bob:s3cret-of-the-tests@HOST",
        "import http://u:s3cret-of-the-tests@HOST/x.tar", "pull bob:s3cret-of-the-tests@HOST/x",
        "\"https://t0ken:s3cret-of-the-tests@HOST/x\" | tags", "copy a:1 http://bob:s3cret-of-the-tests@HOST/x",
        "try { tags http://bob:s3cret-of-the-tests@HOST/x } catch e { fail $e.message }",
        "logout http://bob:s3cret-of-the-tests@HOST",
    ])
    func urlsAreShownWithoutTheirLogins(_ line: String) {
        let result = Sandbox(registry: nil).dsh(line.replacingOccurrences(of: "HOST", with: Self.basic.host))
        #expect(result.code != 0, "\(result)")
        #expect(!result.errors.contains(Self.password) && !result.output.contains(Self.password), "\(result)")
        #expect(result.errors.contains("…@"), "\(result)")
    }

    @Test func aPasswordMayBeAnArgumentWhereThatIsMeant() {
        let sandbox = Sandbox(registry: nil)
        let line = "login -u me -p \(Self.password) --allow-password-argument"
        #expect(value(sandbox.dsh("\(line) \(Self.basic.host)"))["Status"] == "stored")
        // Nor is it in the error of one that fails.
        let failed = sandbox.dsh("\(line) 127.0.0.1:1", timeout: 90)
        expectFailure(failed, code: "network")
        #expect(!failed.errors.contains(Self.password), "\(failed)")
    }

    @Test func itIsAskedForAtTheTerminalWithoutBeingShown() {
        let sandbox = Sandbox(registry: nil)
        let terminal = sandbox.terminal("--norc")
        #expect(terminal.expect("dsh>"))
        terminal.send("login \(Self.basic.host)\r")
        #expect(terminal.expect("Username:"))
        terminal.send("me\r")
        #expect(terminal.expect("Password:"))
        terminal.send(Self.password + "\r")
        #expect(terminal.expect("stored"))
        #expect(!terminal.wait(timeout: 0.1) { $0.contains(Self.password) })
        terminal.send("login -u me -p \(Self.password) \(Self.basic.host)\r")
        #expect(terminal.expect("--password-stdin"))
        for line in [
            "login --passw \(Self.password) host", "login -u me -p'\(Self.password)' host",
            "tags http://me:\(Self.password)@127.0.0.1:1/x",
            "!echo \(Self.password) | cat # login --password-stdin", " echo \(Self.password)", "echo kept",
        ] {
            terminal.send(line + "\r")
            #expect(terminal.expect("dsh>"))
        }
        terminal.send("exit\r")
        _ = terminal.waitForEnd()
        #expect(text(config(sandbox)).contains(StubRegistry.base64("me:" + Self.password)))
        let history = text(sandbox.directory.path + "/home/state/dsh/history")
        #expect(
            history.contains("login") && history.contains("echo kept") && !history.contains(Self.password), "\(history)"
        )
    }

    @Test func withoutATerminalItSaysHow() {
        let result = Sandbox(registry: nil).dsh("login \(Self.basic.host)")
        expectFailure(result, code: "unsupported")
        #expect(result.errors.contains("--password-stdin"))
    }

    /// No other host sees anything of a login, and no program its password among the arguments.
    @Test func plainHTTPToAnotherMachineIsRefused() {
        let sandbox = Sandbox(registry: nil)
        let result = logIn(sandbox, "registry.invalid:5000", "--plain-http")
        expectFailure(result, code: "denied")
        #expect(result.errors.contains("plain HTTP"))
    }
}
