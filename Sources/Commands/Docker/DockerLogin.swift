import Backend
import Shell

/// `docker login` (docker/cli `cli/command/registry/login.go`). Docker Hub's login with a browser is not there: a name
/// and a password are asked for instead.
enum DockerLogin {
    static let command = DockerCommand(
        paths: ["login"], usage: "[OPTIONS] [SERVER]",
        summary: "Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.",
        flags: [
            .string("password", "p", "Password or Personal Access Token (PAT)"),
            .bool("password-stdin", nil, "Take the Password or Personal Access Token (PAT) from stdin"),
            .string("username", "u", "Username"),
        ], arguments: .atMost(1), names: .text, failure: failure, run: run)

    /// Docker Hub as the client names it, in messages and in the file.
    static let hub = "https://index.docker.io/v1/"

    /// The registry of a server's address: without scheme and path, which Docker's client drops.
    static func host(_ address: String) -> String {
        var text = address[...]
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) { text = text.dropFirst(scheme.count) }
        return String(text.prefix { $0 != "/" })
    }

    @Sendable private static func run(_ call: DockerCall) async throws {
        var username = call.words.string("username") ?? ""
        var password = call.words.string("password") ?? ""
        let (hasName, hasPassword) = (call.words.isGiven("username"), call.words.isGiven("password"))
        let readsPassword = call.words.isOn("password-stdin")
        try check(call.words)
        if hasPassword {
            call.err("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n")
        }
        if readsPassword { password = try await LoginCommand.readPassword() }
        let registry = host(call.arguments.first ?? "")
        let registries = call.context.registries
        if !hasName, !hasPassword, !readsPassword, let name = try await registries.knownUsername(registry) {
            call.err("Authenticating with existing credentials... [Username: \(name)]\n\n")
            call.err(" Info -> To login with a different account, run 'docker logout' followed by 'docker login'\n\n\n")
            do {
                if try await registries.loginAgain(registry) { return try await call.outLines(["Login Succeeded"]) }
            } catch let error as BackendError where error.code != .interrupted {
                call.err("Login did not succeed, error: \(failure(error, call.words).message)\n")
            }
        }
        if username.isEmpty || password.isEmpty { (username, password) = try await ask(call, username, password) }
        let result = try await registries.login(
            LoginRequest(registry: registry, username: username, password: password))
        if result.login.storage == .file, result.login.kind == "password", result.isChanged {
            call.err(
                """

                WARNING! Your credentials are stored unencrypted in '\(result.login.location)'.
                Configure a credential helper to remove this warning. See
                https://docs.docker.com/go/credential-store/


                """)
        }
        try await call.outLines(["Login Succeeded"])
    }

    private static func check(_ words: DockerWords) throws(ShellError) {
        let (username, readsPassword) = (words.string("username") ?? "", words.isOn("password-stdin"))
        if words.isGiven("password"), readsPassword {
            throw DockerFailure.error(
                "conflicting options: cannot specify both --password and --password-stdin", code: .usage)
        }
        if readsPassword, username.isEmpty {
            throw DockerFailure.error("the --password-stdin option requires --username to be set", code: .usage)
        }
        if words.isGiven("username"), username.isEmpty {
            throw DockerFailure.error("username is empty", code: .usage)
        }
    }

    private static func ask(
        _ call: DockerCall, _ username: String, _ password: String
    ) async throws -> (String, String) {
        let noTerminal = "Error: Cannot perform an interactive login from a non TTY device"
        let console = call.session.console
        guard console.inputWidth != nil else { throw DockerFailure.error(noTerminal, code: .unsupported) }
        let name = username.isEmpty ? try await console.ask("Username: ") ?? "" : username
        let trimmed = name.filter { !$0.isWhitespace }
        if trimmed.isEmpty { throw DockerFailure.error("Error: Username is required", code: .usage) }
        let secret = password.isEmpty ? try await console.askSecret("Password: ") ?? "" : password
        if secret.isEmpty { throw DockerFailure.error("Error: Password is required", code: .usage) }
        return (trimmed, secret)
    }

    @Sendable private static func failure(_ error: BackendError, _ words: DockerWords) -> ShellError {
        guard error.code == .unauthorized else { return DockerFailure.fromEngine(error) }
        let registry = host(words.arguments.first ?? "")
        let isHub = ["", "docker.io", "index.docker.io", "registry-1.docker.io"].contains(registry)
        let text =
            isHub
            ? "Get \"https://registry-1.docker.io/v2/\": unauthorized: incorrect username or password"
            : "login attempt to \(RegistryBackend.scheme(registry))://\(registry)/v2/ failed with status: 401 Unauthorized"
        return DockerFailure.error(
            "Error response from daemon: " + text, code: ShellError.Code(rawValue: error.code.rawValue))
    }
}
