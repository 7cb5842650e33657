import Backend
import Commands
import JSON
import Language
import Shell
import Synchronization
import Testing

/// What a line gave, said and failed with.
struct Outcome: Equatable, Sendable {
    /// Its values, compact.
    var values: [String] = []
    /// What it told people.
    var told: [String] = []
    /// `code: message`
    var error: String?
    var hint: String?
    /// What the last value is to be shown as.
    var shape: ResultShape?

    static func == (left: Outcome, right: Outcome) -> Bool {
        left.values == right.values && left.told == right.told && left.error == right.error
    }
}

/// A person who answers what the test says, or no terminal at all.
final class ScriptedConsole: Console {
    private let answers: Mutex<[String?]?>
    private let heard = Mutex<[String]>([])

    /// - Parameter answers: nil where there is no terminal.
    init(answers: [String?]?) { self.answers = Mutex(answers) }

    var told: [String] { heard.withLock { $0 } }

    func tell(_ text: String) { heard.withLock { $0.append(text) } }

    func write(_ text: String) { heard.withLock { $0.append(text) } }

    var showsOutput: Bool { false }

    var inputWidth: Int? { nil }

    func ask(_ question: String) async throws -> String? {
        let (hasTerminal, answer) = answers.withLock { answers -> (Bool, String?) in
            guard answers != nil else { return (false, nil) }
            return (true, answers?.isEmpty == false ? answers?.removeFirst() : nil)
        }
        guard hasTerminal else { throw ShellError(.unsupported, "there is no terminal to ask at") }
        heard.withLock { $0.append("? " + question) }
        return answer
    }

    func askSecret(_ question: String) async throws -> String? { try await ask("(hidden) " + question) }
}

struct SilentDisplay: PullDisplay {
    func report(_ event: PullEvent) {}
    func finish() {}
}

/// Runs a script in a session of its own, on a store that does not exist and so is empty.
func run(
    _ text: String, answers: [String?]? = nil, settings: Settings = Settings(), environment: [String: String] = [:]
) async -> Outcome {
    let console = ScriptedConsole(answers: answers)
    let outcome = Mutex(Outcome())
    do {
        let backend = try LocalBackend.open(storePath: "/nonexistent/store", environment: [:], version: "test")
        let session = Session(
            backend: backend, registries: backend.registries, commands: Builtins.table, environment: environment,
            settings: settings, console: console,
            pullEvents: { SilentDisplay() }, note: { _ in })
        let loader = ScriptLoader(session: session)
        let script = try loader.load(Source(name: "test.dsh", text: text))
        try await loader.bind([], to: script)
        try await Interpreter(session: session).run(script) { value, shape in
            outcome.withLock {
                $0.values.append(value.compact)
                $0.shape = shape
            }
        }
    } catch let error as ShellError {
        outcome.withLock {
            $0.error = "\(error.code.rawValue): \(error.message)"
            $0.hint = error.hint
        }
    } catch is CancellationError {
        outcome.withLock { $0.error = "interrupted: interrupted" }
    } catch {
        outcome.withLock { $0.error = "\(error)" }
    }
    var result = outcome.withLock { $0 }
    result.told = console.told
    return result
}

/// A line of a table of cases: what it gives or fails with.
struct Line: Sendable, CustomTestStringConvertible {
    let text: String
    var values: [String] = []
    var error: String?

    var testDescription: String { text }

    init(_ text: String, _ values: String...) {
        self.text = text
        self.values = values
    }

    init(_ text: String, _ values: String..., error: String) {
        self.text = text
        self.values = values
        self.error = error
    }
}

/// The same, throwing what the script failed with.
func runThrowing(_ text: String) async throws {
    let backend = try LocalBackend.open(storePath: "/nonexistent/store", environment: [:], version: "test")
    let session = Session(
        backend: backend, registries: backend.registries, commands: Builtins.table, environment: [:],
        console: ScriptedConsole(answers: nil),
        pullEvents: { SilentDisplay() }, note: { _ in })
    let script = try ScriptLoader(session: session).load(Source(name: "test.dsh", text: text))
    try await Interpreter(session: session).run(script) { _, _ in }
}
