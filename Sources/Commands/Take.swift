package import ArgumentParser
import JSON
package import Shell

/// `… | take N`: the first N values of a stream.
package struct Take: Command {
    package static let declaration = CommandDeclaration(
        name: "take", category: .shell, summary: "take the first values from the pipe, and stop what makes them",
        discussion: """
            An array that comes is walked, as `each` and `for` do: `images | take 5` is five images. jq's `limit` takes from
            what one filter makes; `take` stops the stages before it, commands too.
            """,
        arguments: .text, input: .values, result: ResultShape(.any, passes: .elements),
        examples: [
            Example("range(1; infinite) | take 3", "the first three of values without end"),
            Example("images | sort_by(-.Size) | take 5", "the five largest images"),
        ])

    @Argument(help: "how many values to take") package var count: Int

    package init() {}

    package func validate() throws {
        guard count >= 0 else { throw ValidationError("take needs a number from 0 on, not \(count)") }
    }

    package func run(_ context: CommandContext) async throws {
        var left = count
        while left > 0, let value = try await context.input?.next() {
            for item in (value.arrayValue ?? [value]).prefix(left) {
                left -= 1
                try await context.emit(item)
            }
        }
    }
}
