import Backend
import Commands
import Glibc
import Shell
import Terminal

// The three doors onto one engine: the prompt, a script, one line.

let environment = Locations.processEnvironment()

do {
    let invocation = try Invocation(Array(CommandLine.arguments.dropFirst()))
    switch invocation.door {
    case .version: StandardStreams.print("dsh \(Version.current)\n")
    case .help: StandardStreams.print(Invocation.help + "\n")
    case .completions(let shell): StandardStreams.print((ShellCompletions.script(for: shell) ?? "") + "\n")
    case .check(let files): exit(try Doors(invocation, environment).check(files))
    case .text(let text): exit(try Doors(invocation, environment).run(text: text))
    case .script(let path): exit(try Doors(invocation, environment).run(script: path))
    case .prompt:
        guard isatty(STDIN_FILENO) == 1 else {
            // A pipe into dsh is a script.
            exit(try Doors(invocation, environment).run(script: "-"))
        }
        exit(Prompt(try Doors(invocation, environment), invocation).run())
    }
} catch {
    StandardStreams.note("error[usage]: \(error.message)\n" + (error.hint.map { "  = help: \($0)\n" } ?? ""))
    exit(2)
}
