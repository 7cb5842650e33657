package import ArgumentParser
import Backend
import JSON
package import Shell

/// `login [REGISTRY]`: verifies a login and keeps it. Not `Login`, which is its result.
package struct LoginCommand: Command {
    package static let declaration = CommandDeclaration(
        name: "login", category: .registries, summary: "log in to a registry, and keep the login",
        discussion: """
            Without a registry it is Docker Hub. The login is shown to the registry first and kept only where it is good: in the
            credential helper that Docker's config.json names (credHelpers, credsStore), else unencrypted in that file. It is
            used by dsh, Docker and podman alike. A login for a namespace (quay.io/team) comes before that of its registry.

            The password is asked for at the terminal, or read from standard input with --password-stdin. In an argument every
            user of the machine could read it, so --password is refused unless --allow-password-argument says that this is meant.
            The prompt's history keeps no line with a password in it, and, as in other shells, none that begins with a blank.
            """,
        arguments: .text,
        result: ResultShape(
            .object,
            Login.fields + [
                Field("Verified", .boolean, "false where the registry asks for no login at all", column: "VERIFIED"),
                Field("Status", .text, "stored, or planned (--dry-run)", column: "STATUS"),
            ]),
        examples: [
            Example("login ghcr.io", "name and password are asked for"),
            Example("login --username robot --password-stdin quay.io/team", "for a script: dsh -c '…' < token.txt"),
            Example("login --dry-run localhost:5000", "whether it is good, and where it would be kept"),
        ])

    @Argument(help: "registry, or namespace on one; none means Docker Hub") package var registry: String?
    @Option(name: [.short, .long], help: "user name; asked for where it is left out") package var username: String?
    @Flag(help: "read the password from standard input") package var passwordStdin = false
    @Option(
        name: [.customShort("p", allowingJoined: true), .long], parsing: .unconditional,
        help: "the password; only with --allow-password-argument, as others may read it")
    package var password: String?
    @Flag(help: "take the password as an argument") package var allowPasswordArgument = false
    @Flag(help: "verify only; say where the login would be kept") package var dryRun = false
    @OptionGroup package var transport: TransportOptions

    package init() {}

    /// Longer than any password or token, and shorter than a file piped in by mistake.
    private static let longestPassword = 16 << 10

    package func run(_ context: CommandContext) async throws {
        try checkOptions()
        let password = passwordStdin ? try await LoginCommand.readPassword() : self.password
        let (name, secret) = try await ask(context.session.console, username: username, password: password)
        let result = try await context.registries.with(try transport.choice()).login(
            LoginRequest(registry: registry ?? "", username: name, password: secret, dryRun: dryRun))
        let login = result.login
        if login.storage == .file, result.isChanged {
            context.session.note(
                "the login is kept unencrypted in \(login.location); a credential helper would keep it encrypted")
        }
        if !result.isVerified {
            context.session.note("\(login.registry) asks for no login: whether this one is good is not known")
        }
        var row = login.row
        row["Verified"] = .bool(result.isVerified)
        row["Status"] = dryRun ? "planned" : "stored"
        try await context.emit(.object(row))
    }

    private func checkOptions() throws(ShellError) {
        if let username, username.contains(":") { throw LoginCommand.colon }
        if password != nil, passwordStdin {
            throw ShellError(
                .usage, "--password and --password-stdin cannot be used together",
                hint: "--password-stdin is the safe one")
        }
        if password != nil, !allowPasswordArgument {
            throw ShellError(
                .usage, "a password in an argument can be read by every user of this machine, and stays in histories",
                hint:
                    "use --password-stdin, or leave it out to be asked; --allow-password-argument takes it nevertheless"
            )
        }
        if passwordStdin, username == nil {
            throw ShellError(
                .usage, "--password-stdin needs a user name", hint: "as in `login --username me --password-stdin`")
        }
    }

    /// RFC 7617 section 2: what is behind the first colon would be taken for the password.
    private static let colon = ShellError(
        .usage, "a user name cannot have a colon in it",
        hint: "it ends where the password begins; name and password are two things: --username NAME --password-stdin")

    /// Everything on standard input but one line end after it.
    static func readPassword() async throws -> String {
        var bytes = try await InputFile("-").all(limit: longestPassword)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func ask(
        _ console: any Console, username: String?, password: String?
    ) async throws -> (username: String, password: String) {
        do {
            let name =
                if let username { username } else { try await console.ask("Username: ") ?? "" }
            guard !name.isEmpty else { throw ShellError(.usage, "a login needs a user name") }
            if name.contains(":") { throw LoginCommand.colon }
            let secret =
                if let password { password } else { try await console.askSecret("Password: ") ?? "" }
            guard !secret.isEmpty else { throw ShellError(.usage, "a login needs a password") }
            return (name, secret)
        } catch var error as ShellError where error.code == .unsupported {
            error.hint = "without a terminal: --username NAME --password-stdin"
            throw error
        }
    }
}
