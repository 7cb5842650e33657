package import ArgumentParser
import Backend
import JSON
package import Shell

/// `logout [REGISTRY…]`: forgets logins.
package struct Logout: Command {
    package static let declaration = CommandDeclaration(
        name: "logout", category: .registries, summary: "forget the login to a registry, wherever it is kept",
        discussion: """
            Without a registry it is Docker Hub's. The login is taken from every file and credential helper that dsh looks
            into, from the files first; the registry itself is not told, so an access token stays good until it is revoked there.
            """,
        arguments: .text, input: .values,
        result: ResultShape(
            .stream,
            Login.fields + [Field("Status", .text, "removed, or planned (--dry-run)", column: "STATUS")]),
        examples: [
            Example("logout quay.io --dry-run", "what would be removed"),
            Example("logins | .[].Registry | logout --dry-run", "all of them"),
        ])

    @Argument(help: "registry, or namespace on one; none means Docker Hub") package var registry: [String] = []
    @Flag(help: "remove nothing; say what would be removed") package var dryRun = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        var registries = registry
        while let value = try await context.input?.next() {
            if let name = value["Registry"]?.stringValue {
                registries.append(name)
            } else {
                try ArgumentText.append(value, to: &registries)
            }
        }
        if registries.isEmpty, context.input == nil { registries = [""] }
        var failures: [ShellError] = []
        for name in registries {
            do {
                let (removed, problems) = try await context.registries.logout(name, dryRun: dryRun)
                failures += problems.map { ShellError($0).about(name) }
                // Where something could not be looked into, nobody knows whether there was a login.
                if removed.isEmpty, problems.isEmpty { throw notLoggedIn(name) }
                for login in removed {
                    var row = login.row
                    row["Status"] = dryRun ? "planned" : "removed"
                    try await context.emit(.object(row))
                }
            } catch let error as BackendError where error.code != .interrupted {
                failures.append(ShellError(error))
            } catch let error as ShellError where error.code == .notFound {
                failures.append(error)
            }
        }
        guard var first = failures.first else { return }
        first.others = Array(failures.dropFirst())
        throw first
    }

    private func notLoggedIn(_ name: String) -> ShellError {
        var error = ShellError(
            .notFound, "not logged in to \(name.isEmpty ? "docker.io" : name)", hint: "`logins` shows what there is")
        if !name.isEmpty { error.argument = name }
        return error
    }
}
