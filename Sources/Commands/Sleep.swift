package import ArgumentParser
package import Shell

/// `sleep DURATION`: waits.
package struct Sleep: Command {
    package static let declaration = CommandDeclaration(
        name: "sleep", category: .shell, summary: "wait for a while", arguments: .text, result: ResultShape(.none),
        examples: [
            Example("sleep 500ms", "half a second; also 2s, 1m30s, 1.5h, and a number of seconds"),
            Example("for turn in ([1, 2]) { echo $turn; sleep 10ms }", "between the turns of a loop"),
        ])

    @Argument(help: "how long: 500ms, 2s, 1m30s, 1h") package var duration: String

    package init() {}

    package func run(_ context: CommandContext) async throws {
        try await Task.sleep(for: try DurationArgument.parse(duration))
    }
}
