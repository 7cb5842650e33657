import ArgumentParser
import JSON
package import Shell

/// `version`: what this dsh is.
package struct Version: Command {
    package static let current = "0.1.0"

    package static let declaration = CommandDeclaration(
        name: "version", category: .shell, summary: "tell dsh's version",
        result: ResultShape(
            .object,
            [
                Field("Version", .text, "dsh's own version", column: "VERSION"),
                Field("Platform", .text, "what it was built for, and pulls by default", column: "PLATFORM"),
            ]),
        examples: [Example("version | .Version", "only the number")])

    package init() {}

    package func run(_ context: CommandContext) async throws {
        try await context.emit([
            "Version": .string(Version.current), "Platform": .string(hostPlatform),
        ])
    }
}
