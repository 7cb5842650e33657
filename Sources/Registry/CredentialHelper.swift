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
    /// Throws `helper` where it is not there, fails, takes too long or answers with something else.
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
            case .timeout: throw failure("did not answer `\(action)` within \(Int(seconds)) s")
            case .interrupted: throw .interrupted("")
            }
        }
        if answer.status == 0 { return answer.output }
        let told = CredentialHelper.firstLine(answer.output) ?? CredentialHelper.firstLine(answer.errors)
        // The words are the protocol's own; helpers know no other way to say it.
        if told?.contains("credentials not found") == true { return nil }
        let how = answer.status.map { "with exit status \($0)" } ?? "by a signal"
        throw failure("failed to `\(action)` \(how)\(told.map { ": \($0)" } ?? "")")
    }

    /// The first line of a helper's complaint. What looks like an answer is not shown: it may hold a secret.
    private static func firstLine(_ bytes: [UInt8]) -> String? {
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        guard !line.isEmpty, !bytes.contains(UInt8(ascii: "{")) else { return nil }
        return escaped(String(decoding: line, as: UTF8.self), limit: 200)
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

    private func failure(_ why: String) -> RegistryError {
        RegistryError(
            .helper, "the credential helper \(escaped(name, limit: 60)) \(why)",
            hint:
                "config.json's credsStore and credHelpers name it; `docker-credential-\(escaped(name, limit: 60)) list`"
                + " shows whether it works", registry: "")
    }
}
