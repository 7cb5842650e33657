import JSON
import Shell
import Synchronization

/// What is to be copied where, one pair after the other: the arguments, or what is piped in.
final class WorkList: Sendable {
    struct Pair: Sendable {
        let source: String
        let target: String
        /// The record itself said where to.
        var namesTarget = false
    }

    private let target: String?
    private let command: String
    private let input: ValueStream?
    private let waiting: Mutex<[Pair]>
    private let isStopped = Atomic<Bool>(false)
    private let isAtEnd = Atomic<Bool>(false)

    /// The last of `arguments` is where to, and those before it are what. Where something is piped in it may be the only
    /// one, and where that says itself where to (records with Source and Target) there may be none.
    ///
    /// Throws a usage error for another number of arguments; `several` allows more than one source.
    init(
        _ arguments: [String], _ context: CommandContext, command: String, several: Bool = false
    ) throws(ShellError) {
        input = context.input
        self.command = command
        target = arguments.last
        let sources = arguments.dropLast()
        guard input != nil ? arguments.count <= 1 : several ? !sources.isEmpty : sources.count == 1 else {
            throw ShellError(
                .usage,
                input != nil
                    ? "\(command) takes one argument where sources are piped in: where to"
                    : "\(command) takes what is to be copied, and where to",
                hint: "as in `\(command) nginx:1.25 registry.example.com/nginx`; `help \(command)` tells more")
        }
        let last = target ?? ""
        waiting = Mutex(sources.reversed().map { Pair(source: $0, target: last) })
    }

    /// The next pair, nil at the end. One reader at a time. Throws what the stages before threw, and a usage error for a
    /// value that is no work.
    @Sendable func next() async throws -> Pair? {
        while true {
            if let pair = waiting.withLock({ $0.popLast() }) { return pair }
            guard let value = try await input?.next() else {
                isAtEnd.store(!isStopped.load(ordering: .acquiring), ordering: .releasing)
                return nil
            }
            let pairs = try pairs(value)
            waiting.withLock { $0 = pairs.reversed() }
        }
    }

    @Sendable func stop() {
        isStopped.store(true, ordering: .releasing)
        input?.stop()
    }

    /// Whether there may be more than was taken.
    var mayHaveMore: Bool {
        waiting.withLock { !$0.isEmpty } || (input != nil && !isAtEnd.load(ordering: .acquiring))
    }

    private func pairs(_ value: JSONValue) throws(ShellError) -> [Pair] {
        if case .array(let items) = value {
            var all: [Pair] = []
            for item in items { all += try pairs(item) }
            return all
        }
        if let source = value["Source"]?.stringValue, let target = value["Target"]?.stringValue {
            return [Pair(source: source, target: target, namesTarget: true)]
        }
        var words: [String] = []
        try ArgumentText.append(value, to: &words)
        guard let target else {
            throw ShellError(
                .usage, "\(command) is not told where to copy \(words.first ?? "it")",
                hint: "name it as the argument, or pipe in records with Source and Target")
        }
        return words.map { Pair(source: $0, target: target) }
    }
}
