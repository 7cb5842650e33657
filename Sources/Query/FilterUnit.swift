import Glibc
import Synchronization
import Threads

/// Filters that are compiled together, and the states that run them.
final class FilterUnit: Sendable {
    /// The bytecode of one program is limited (a thousand small filters are too many), and so is the time to the first result.
    static let capacity = 100

    let definitions: String

    private enum Phase { case open, compiling, done }

    private struct Member {
        let text: String
        let info: FilterText
        let variables: [String]
        /// All variables there are, for suggestions.
        let known: [String]
        var outcome: Outcome = .pending
    }

    private enum Outcome {
        case pending
        case ready(ready: Ready)
        case failed(FilterError)
    }

    /// Where a filter of the unit ended up.
    struct Ready: Sendable {
        let program: FilterProgram
        let index: Int
        let pool: JQStatePool
    }

    private let phase = Mutex(Phase.open)
    private let members = Mutex<[Member]>([])
    private let finished = Signal()

    init(definitions: String) { self.definitions = definitions }

    /// Adds a filter; its number in the unit, or nil where the unit is full or being compiled already.
    func add(
        _ text: String, info: FilterText, variables: [String], known: [String], limit: Int
    ) -> Int? {
        phase.withLock { phase in
            guard case .open = phase else { return nil }
            return members.withLock { members in
                guard members.count < limit else { return nil }
                members.append(Member(text: text, info: info, variables: variables, known: known))
                return members.count - 1
            }
        }
    }

    /// Filter `number`, compiled: here and now with all of the unit where nobody has begun to, else once that is done.
    func ready(_ number: Int) throws(FilterError) -> Ready {
        compile()
        let outcome = members.withLock { $0.indices.contains(number) ? $0[number].outcome : .pending }
        switch outcome {
        case .ready(let ready): return ready
        case .failed(let error): throw error
        case .pending: throw FilterError(.filter, "the filter was not compiled")
        }
    }

    /// Compiles the unit, or waits for whoever does.
    func compile() {
        let isMine = phase.withLock { phase in
            guard case .open = phase else { return false }
            phase = .compiling
            return true
        }
        guard isMine else { return finished.wait() }
        let all = members.withLock { Array($0.indices) }
        compile(all)
        phase.withLock { $0 = .done }
        finished.set()
    }

    private func compile(_ numbers: [Int]) {
        guard !numbers.isEmpty else { return }
        let members = members.withLock { members in numbers.map { members[$0] } }
        let infos = members.map(\.info) + [FilterText(definitions)]
        let prelude = Prelude.definitions(for: infos)
        let program = FilterProgram(
            definitions: definitions, parts: members.map { .init(text: $0.text, variables: $0.variables) },
            guards: FilterGuards.definitions(for: infos + [FilterText(prelude).wordsOnly]) + prelude)
        guard let state = JQState() else {
            return fail(numbers, FilterError(.filter, "jq ran out of memory"))
        }
        let messages = state.compile(program.text)
        guard !messages.isEmpty else {
            let pool = JQStatePool(state)
            self.members.withLock { members in
                for (index, number) in numbers.enumerated() {
                    members[number].outcome = .ready(ready: Ready(program: program, index: index, pool: pool))
                }
            }
            return
        }
        settle(numbers, CompileErrors(messages, program: program))
    }

    /// Gives the errors to the filters that they are about and compiles the rest again; where an error is nobody's, halves.
    private func settle(_ numbers: [Int], _ errors: CompileErrors) {
        if let error = errors.inDefinitions { return fail(numbers, error) }
        if errors.byPart.isEmpty {
            let error = errors.elsewhere ?? FilterError(.syntax, "the filter does not compile")
            guard numbers.count > 1 else { return fail(numbers, error) }
            compile(Array(numbers[..<(numbers.count / 2)]))
            compile(Array(numbers[(numbers.count / 2)...]))
            return
        }
        var rest: [Int] = []
        for (index, number) in numbers.enumerated() {
            guard let error = errors.byPart[index] else {
                rest.append(number)
                continue
            }
            let (info, known) = members.withLock { ($0[number].info, $0[number].known) }
            fail([number], FilterHint.add(to: error, info: info, definitions: definitions, variables: known))
        }
        compile(rest)
    }

    private func fail(_ numbers: [Int], _ error: FilterError) {
        members.withLock { members in
            for number in numbers { members[number].outcome = .failed(error) }
        }
    }
}

/// States of one program. A state can be in the midst of only one evaluation, so who finds none makes another.
final class JQStatePool: Sendable {
    private let idle: Mutex<[JQState]>

    init(_ state: JQState? = nil) { idle = Mutex(state.map { [$0] } ?? []) }

    func take() -> JQState? { idle.withLock { $0.popLast() } }

    func giveBack(_ state: JQState) {
        guard !state.isLost else { return }
        idle.withLock { states in
            if states.count < 4 { states.append(state) }
        }
    }
}
