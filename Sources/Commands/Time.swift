import ArgumentParser
import Glibc
import JSON
package import Shell

/// `time PIPELINE`, `time { … }`: says how long it took.
package struct Time: Command {
    package static let declaration = CommandDeclaration(
        name: "time", category: .shell, summary: "run a pipeline or a block and say how long it took",
        discussion: """
            `time` stands before a pipeline and takes all of it; statements go into a block. The values come through
            as they are; the times go to standard error: the clock's, and the processor's for dsh and the programs it ran.
            """,
        block: .required, result: ResultShape(.any),
        examples: [
            Example("time images | length", "one pipeline"),
            Example("time { images | length; images | map(.Size) | add }", "several statements"),
        ])

    package init() {}

    package func run(_ context: CommandContext) async throws {
        guard let block = context.block else { return }
        let clock = ContinuousClock()
        let start = clock.now
        let before = ProcessorTime.now
        defer {
            let spent = ProcessorTime.now
            let wall = clock.now - start
            context.session.console.tell(
                "time: \(wall.inSeconds) wall, \((spent.user - before.user).inSeconds) user, "
                    + "\((spent.system - before.system).inSeconds) system")
        }
        try await block.run { value, shape in
            context.view.shape = shape
            try await context.emit(value)
        }
    }
}

/// What the processor did so far, for this process and the children it waited for.
private struct ProcessorTime {
    var user: Duration
    var system: Duration

    static var now: ProcessorTime {
        var total = ProcessorTime(user: .zero, system: .zero)
        for who in [RUSAGE_SELF, RUSAGE_CHILDREN] {
            var usage = rusage()
            guard getrusage(__rusage_who_t(who.rawValue), &usage) == 0 else { continue }
            total.user += Duration(usage.ru_utime)
            total.system += Duration(usage.ru_stime)
        }
        return total
    }
}

extension Duration {
    fileprivate init(_ time: timeval) {
        self = .seconds(time.tv_sec) + .microseconds(time.tv_usec)
    }

    /// `1.234 s`
    fileprivate var inSeconds: String {
        let (seconds, attoseconds) = components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        let digits = String(milliseconds)
        return "\(seconds).\(String(repeating: "0", count: max(0, 3 - digits.count)))\(digits) s"
    }
}
