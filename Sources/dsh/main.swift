import Backend
import Commands
import Glibc
import Shell
import Terminal

// The three doors onto one engine: the prompt, a script, one line.

StandardStreams.reserve()

let environment = Locations.processEnvironment()

/// Ends at once: everything is written out, and the libraries' own clean-up must not run under threads that still are.
func end(_ status: Int32) -> Never { _exit(status) }

do {
    // A link named docker: the words are a line of Docker's client.
    if CommandLine.arguments.first?.split(separator: "/").last == "docker" {
        let words = Array(CommandLine.arguments.dropFirst())
        end(try Doors(try Invocation([]), environment).run("docker", words: words))
    }
    let invocation = try Invocation(Array(CommandLine.arguments.dropFirst()))
    switch invocation.door {
    case .version: try StandardStreams.print("dsh \(Version.current)\n")
    case .help: try StandardStreams.print(Invocation.help + "\n")
    case .completions(let shell): try StandardStreams.print((ShellCompletions.script(for: shell) ?? "") + "\n")
    case .check(let files): end(try Doors(invocation, environment).check(files))
    case .format(let files, let writes): end(try Doors(invocation, environment).format(files, writes: writes))
    case .text(let text): end(try Doors(invocation, environment).run(text: text))
    case .script(let path): end(try Doors(invocation, environment).run(script: path))
    case .prompt:
        guard isatty(STDIN_FILENO) == 1 else {
            // A pipe into dsh is a script.
            end(try Doors(invocation, environment).run(script: "-"))
        }
        end(Prompt(try Doors(invocation, environment), invocation).run())
    }
} catch let mistake as UsageMistake {
    StandardStreams.note("error[usage]: \(mistake.message)\n" + (mistake.hint.map { "  = help: \($0)\n" } ?? ""))
    end(2)
} catch let error as ShellError {
    StandardStreams.note(error.render())
    end(error.exitStatus)
}
