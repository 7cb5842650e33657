import Shell
import Synchronization
import Terminal

/// Shows on standard error how many things are done: `tags: 120 of 1,200`.
final class CountStatus: CountDisplay {
    private let name: String
    private let line = StatusLine()
    private let output: ResultOutput
    private let counts = Mutex((done: 0, expected: 0))

    init(_ name: String, output: ResultOutput) {
        self.name = name
        self.output = output
        output.makeRoom(of: line)
    }

    func add(_ count: Int) { show { $0.done += count } }

    func expect(_ count: Int) { show { $0.expected += count } }

    func finish() {
        line.hide()
        output.forget(line)
    }

    private func show(_ change: (inout (done: Int, expected: Int)) -> Void) {
        let (done, expected) = counts.withLock { counts in
            change(&counts)
            return counts
        }
        let total = expected > done ? " of \(CountStatus.text(expected))" : ""
        line.show("\(name): \(CountStatus.text(done))\(total)")
    }

    /// With a comma between thousands.
    private static func text(_ number: Int) -> String {
        var text = String(number)
        var place = text.count - 3
        while place > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: place))
            place -= 3
        }
        return text
    }
}
