import Glibc
import HTTP
import JSON
import Threads

/// A program `docker-credential-NAME` that keeps logins (docker/docker-credential-helpers): `get`, `store`, `erase` and
/// `list`, with what is secret on its standard streams alone.
struct CredentialHelper: Sendable {
    /// `secretservice`, `pass`, `ecr-login`, as configuration files name it.
    let name: String
    let environment: [String: String]
    var seconds = 60.0

    /// Who a helper's refresh tokens are said to belong to.
    private static let tokenUsername = "<token>"

    /// What it keeps for a server (a key of `config.json`), nil where it has nothing.
    ///
    /// Throws `helper` where it is not there, fails or answers with something else, and `timeout` where it takes too long.
    func get(_ server: String, cancellation: CancellationFlag) throws(RegistryError) -> Credentials? {
        guard let bytes = try run("get", Array(server.utf8), cancellation) else { return nil }
        let json = try? JSONValue.parse(bytes)
        guard let username = json?["Username"]?.stringValue, let secret = json?["Secret"]?.stringValue else {
            throw failure("answers `get` with something else than a login")
        }
        guard !secret.isEmpty else { return nil }
        return username == CredentialHelper.tokenUsername
            ? .identityToken(username: "", token: Secret(secret))
            : .basic(username: username, password: Secret(secret))
    }

    /// Keeps a login for a server.
    func store(
        _ server: String, _ credentials: Credentials, cancellation: CancellationFlag
    ) throws(RegistryError) {
        let (username, secret) =
            switch credentials {
            case .basic(let username, let password): (username, password)
            case .identityToken(_, let token), .registryToken(let token): (CredentialHelper.tokenUsername, token)
            }
        let record: JSONValue = [
            "ServerURL": .string(server), "Username": .string(username), "Secret": .string(secret.reveal()),
        ]
        _ = try run("store", Array(record.compact.utf8), cancellation)
    }

    /// Forgets the login for a server; whether there was one, as far as it tells.
    func erase(_ server: String, cancellation: CancellationFlag) throws(RegistryError) -> Bool {
        try run("erase", Array(server.utf8), cancellation) != nil
    }

    /// The servers that it keeps logins for, with the name of each login.
    func list(cancellation: CancellationFlag) throws(RegistryError) -> [(server: String, username: String)] {
        guard let bytes = try run("list", [], cancellation) else { return [] }
        guard let object = (try? JSONValue.parse(bytes))?.objectValue else {
            throw failure("answers `list` with something else than a list of logins")
        }
        return object.map { ($0.key, $0.value.stringValue ?? "") }
    }

    /// Its answer, nil where it says that it has no such login.
    private func run(
        _ action: String, _ input: [UInt8], _ cancellation: CancellationFlag
    ) throws(RegistryError) -> [UInt8]? {
        let process = HelperProcess(path: try path(), environment: environment, seconds: seconds)
        let answer: HelperProcess.Answer
        do throws(HelperProcess.Failure) {
            answer = try process.run(action, input: input, cancellation: cancellation)
        } catch {
            switch error {
            case .start(let code): throw failure("cannot be started: \(String(cString: strerror(code)))")
            case .tooMuchInput: throw failure("cannot be given a login of more than 32 kB")
            case .tooMuchOutput: throw failure("answers `\(action)` without end")
            case .timeout: throw failure("did not answer `\(action)` within \(Int(seconds)) s", .timeout)
            case .interrupted: throw .interrupted("")
            }
        }
        if answer.status == 0 { return answer.output }
        let known = CredentialHelper.knownMessage(answer.output)
        // The words are the protocol's own; helpers know no other way to say it.
        if known?.contains("credentials not found") == true { return nil }
        let told = known ?? CredentialHelper.complaint(answer, input)
        let how = answer.status.map { "with exit status \($0)" } ?? "by a signal"
        throw failure("failed to `\(action)` \(how)\(told.map { ": \($0)" } ?? "")")
    }

    /// What the helpers of docker/docker-credential-helpers say on their standard output (`credentials/error.go`). Nothing
    /// else of it is shown: it is where the secrets are.
    private static let knownMessages = [
        "credentials not found in native keychain", "no credentials server URL", "no credentials username",
        "credentials server URL is missing", "credentials username is missing",
    ]

    private static func knownMessage(_ output: [UInt8]) -> String? {
        let text = String(decoding: output.prefix(1 << 10), as: UTF8.self)
        return knownMessages.first { text.contains($0) }
    }

    /// The first line of a helper's standard error, unless that may hold what is secret: what looks like an answer, and
    /// whatever of the input or of the output stands in it.
    private static func complaint(_ answer: HelperProcess.Answer, _ input: [UInt8]) -> String? {
        let line = answer.errors.prefix { $0 != UInt8(ascii: "\n") }
        guard !line.isEmpty, !answer.errors.contains(UInt8(ascii: "{")) else { return nil }
        var text = String(decoding: line, as: UTF8.self)
        for secret in secrets(in: input) + secrets(in: answer.output) {
            text = text.replacing(secret, with: "…")
            text = text.replacing(Base64.encode(Array(secret.utf8)), with: "…")
        }
        return escaped(text, limit: 200)
    }

    /// The secret of a login as the protocol writes it; what is none of its documents may be secret word for word.
    private static func secrets(in bytes: [UInt8]) -> [String] {
        if let secret = (try? JSONValue.parse(bytes))?["Secret"]?.stringValue { return secret.isEmpty ? [] : [secret] }
        let words = String(decoding: bytes.prefix(4 << 10), as: UTF8.self).split {
            $0.isWhitespace || "=:\"'".contains($0)
        }
        // What was asked for is a server's name, which may well be told.
        return bytes.contains(UInt8(ascii: "\n")) || bytes.contains(UInt8(ascii: "="))
            ? words.map(String.init).filter { $0.utf8.count >= 6 } : []
    }

    /// Where the program is: a directory of `PATH` has it.
    private func path() throws(RegistryError) -> String {
        let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "/") }
        guard isName else { throw failure("is no name of a program") }
        for directory in (environment["PATH"] ?? "").split(separator: ":") where directory.hasPrefix("/") {
            let path = "\(directory)/docker-credential-\(name)"
            if access(path, X_OK) == 0 { return path }
        }
        throw failure("is not installed: there is no docker-credential-\(escaped(name, limit: 60)) in PATH")
    }

    private func failure(_ why: String, _ reason: RegistryError.Reason = .helper) -> RegistryError {
        RegistryError(
            reason, "the credential helper \(escaped(name, limit: 60)) \(why)",
            hint:
                "config.json's credsStore and credHelpers name it; `docker-credential-\(escaped(name, limit: 60)) list`"
                + " shows whether it works", registry: "")
    }
}
