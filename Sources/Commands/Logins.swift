import ArgumentParser
import Backend
import JSON
package import Shell

/// `logins`: who is logged in where.
package struct Logins: Command {
    package static let declaration = CommandDeclaration(
        name: "logins", category: .registries, summary: "list the logins to registries, and where they are kept",
        discussion: """
            Of Docker's config.json, podman's auth.json and the credential helpers that they name, in the order in which they
            are looked for: the first for a registry counts. Passwords and tokens are never shown.
            """,
        result: ResultShape(.array, Login.fields),
        examples: [Example("logins | map(select(.Storage == \"file\"))", "those that stand unencrypted in a file")])

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let (logins, failures) = try await context.registries.logins()
        try await context.emit(.array(logins.map { .object($0.row) }))
        guard var first = failures.first else { return }
        first.others = Array(failures.dropFirst())
        throw first
    }
}
