package import ArgumentParser
import JSON
package import Shell
import Synchronization

/// `watch INTERVAL { … }`: runs a block again and again.
package struct Watch: Command {
    package static let declaration = CommandDeclaration(
        name: "watch", category: .shell, summary: "run a block again and again, and show what it gives each time",
        discussion: """
            On a terminal each turn takes the place of the one before; elsewhere each turn is one value: what the block
            gave, as an array where it gave several values. The interval is from the end of a turn to the next. Ctrl-C
            ends it, as do `break` in the block, an error, and --count.
            """,
        arguments: .text, block: .required, result: ResultShape(.any),
        examples: [
            Example("watch 10ms --count 2 { images | map({Reference, Size}) }", "a table that keeps itself up to date"),
            Example("watch 10ms { images | length; break }", "until something happens"),
        ])

    @Argument(help: "the pause between two turns: 500ms, 2s, 1m") package var interval: String
    @Option(name: [.short, .long], help: "end after so many turns") package var count: Int?

    package init() {}

    package func run(_ context: CommandContext) async throws {
        guard let block = context.block else { return }
        let pause = try DurationArgument.parse(interval)
        if let count, count < 1 { throw ShellError(.usage, "--count takes a number from 1, not \(count)") }
        var turns = 0
        while true {
            let turn = Mutex<(values: [JSONValue], shape: ResultShape?)>(([], nil))
            let goesOn = try await block.turn { value, shape in
                turn.withLock {
                    $0.values.append(value)
                    $0.shape = shape
                }
            }
            let (values, shape) = turn.withLock { $0 }
            // Several values are shown together, so only a turn of one has a shape that the command inside declared.
            var shown = (values.count == 1 ? shape : nil) ?? ResultShape(.any)
            shown.replaces = true
            context.view.shape = shown
            try await context.emit(values.count == 1 ? values[0] : .array(values))
            turns += 1
            if !goesOn || turns == count { return }
            try await Task.sleep(for: pause)
        }
    }
}
