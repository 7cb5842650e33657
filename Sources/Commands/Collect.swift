import ArgumentParser
import JSON
package import Shell

/// `… | collect`: gathers a stream into one array.
package struct Collect: Command {
    package static let declaration = CommandDeclaration(
        name: "collect", category: .shell, summary: "gather all values from the pipe into one array", input: .values,
        result: ResultShape(.any, passes: .gathered),
        examples: [Example("images | .[].Repository | collect | unique", "from many values to one array")])

    package init() {}

    package func run(_ context: CommandContext) async throws {
        var values: [JSONValue] = []
        while let value = try await context.input?.next() { values.append(value) }
        try await context.emit(.array(values))
    }
}
