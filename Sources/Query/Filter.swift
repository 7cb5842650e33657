import CJq
import Glibc
package import JSON
import Synchronization
import Threads

/// What filters may use, and where what they say on the side goes.
package struct FilterSettings: Sendable {
    /// Bytes that one evaluation may add to the process before it is stopped. One long C call inside libjq (sorting a huge
    /// array, a long regular expression) can pass it before it can be stopped.
    package var memoryLimit = Self.defaultMemoryLimit
    /// Asked every 5 ms, on another thread, while a filter runs; true stops it. The task's own cancellation does so too.
    package var isCancelled: @Sendable () -> Bool = { false }
    /// Gets what `debug` and `stderr` say, on the evaluating thread.
    package var onTrace: @Sendable (FilterTrace) -> Void = { _ in }

    package init() {}

    /// 1 GB, or half of the machine's memory where that is less.
    package static let defaultMemoryLimit: Int = {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let size = sysconf(Int32(_SC_PAGESIZE))
        return pages > 0 && size > 0 ? min(1 << 30, pages / 2 * size) : 1 << 30
    }()
}

/// A jq filter: its syntax is checked at once, it is compiled when it first runs or earlier (`FilterLibrary`), and runs any
/// number of times.
///
/// Evaluating is synchronous, on the caller's thread, which should have a big stack (`EvaluationThread`). Several
/// evaluations of the same filter may be under way, on one thread (one inside the `emit` of another) or on many.
package final class Filter: Sendable {
    package let text: String
    /// The variables that the text mentions of those it was given: only their values need to be passed.
    package let variables: [String]
    package let settings: FilterSettings

    private let unit: FilterUnit
    private let number: Int
    /// States for this filter alone, made when it is asked for while its unit's are busy.
    private let spare: FilterUnit
    private let spareStates = JQStatePool()

    /// Throws where the syntax of `text` is wrong, at bytes of it. `definitions` are jq functions that it may use.
    package convenience init(
        _ text: String, variables: [String] = [], definitions: String = "", settings: FilterSettings = .init()
    ) throws(FilterError) {
        let unit = FilterUnit(definitions: definitions)
        try self.init(text, variables: variables, settings: settings, unit: { unit }, limit: 1)
    }

    /// `unit` is asked for a unit to be part of until one has room.
    init(
        _ text: String, variables: [String], settings: FilterSettings, unit: () -> FilterUnit, limit: Int
    ) throws(FilterError) {
        let checked = try FilterSyntax.check(text)
        let info = FilterText(checked)
        let used = variables.filter { info.variables.contains($0) && Self.isName($0) }
        var home = unit()
        var number = home.add(checked, info: info, variables: used, known: variables, limit: limit)
        while number == nil {
            home = unit()
            number = home.add(checked, info: info, variables: used, known: variables, limit: limit)
        }
        self.text = text
        self.variables = used
        self.settings = settings
        self.unit = home
        self.number = number ?? 0
        spare = FilterUnit(definitions: home.definitions)
        _ = spare.add(checked, info: info, variables: used, known: variables, limit: 1)
    }

    /// Throws where the syntax is wrong; takes some 20 µs. Names that nobody defined are found by compiling only.
    package static func checkSyntax(_ text: String) throws(FilterError) {
        _ = try FilterSyntax.check(text)
    }

    /// Compiles the filter where that has not happened. Throws what is wrong with it.
    package func compile() throws(FilterError) {
        _ = try unit.ready(number)
    }

    /// Whether `name` can be a variable: jq's keywords cannot in 1.6.
    private static func isName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return !bytes.isEmpty && endOfWord(bytes, from: 0) == bytes.count && !name.contains(":")
            && !keywords.contains(name)
    }

    private static let keywords: Set<String> = [
        "def", "if", "then", "elif", "else", "end", "as", "reduce", "foreach", "try", "catch", "label", "import",
        "include",
        "and", "or", "not", "module", "__loc__",
    ]

    // MARK: Evaluation

    /// Runs the filter on `input` and calls `emit` with each output, in order. A variable that is not given is null.
    ///
    /// Outputs are handed over in batches: at the end, every 512, or every 50 ms. Throws a FilterError, after the
    /// outputs before the error were emitted, or what `emit` throws, which ends the evaluation. `halt` ends it quietly.
    package func run(
        _ input: JSONValue, variables values: [String: JSONValue] = [:], emit: (JSONValue) throws -> Void
    ) throws {
        let (lent, argument) = try begin(input, values)
        defer { lent.giveBack() }
        try withUnsafeCurrentTask { task in
            var evaluation = try evaluation(lent, argument) { task?.isCancelled == true }
            defer { evaluation.finish() }
            try evaluation.run(emit)
        }
    }

    /// The same where handing on an output may take its time: the filter goes on when `emit` comes back.
    package func run(
        _ input: JSONValue, variables values: [String: JSONValue] = [:], emit: (JSONValue) async throws -> Void
    ) async throws {
        let (lent, argument) = try begin(input, values)
        var isLent = true
        defer { if isLent { lent.giveBack() } }
        let flag = CancellationFlag()
        try await withTaskCancellationHandler {
            var evaluation = try evaluation(lent, argument) { flag.isCancelled }
            defer { evaluation.finish() }
            try await evaluation.stream(
                whenOver: {
                    lent.giveBack()
                    isLent = false
                }, emit)
        } onCancel: {
            flag.cancel()
        }
    }

    /// A compiled state for one evaluation.
    private struct Lent {
        let ready: FilterUnit.Ready
        let state: JQState
        let pool: JQStatePool

        func giveBack() { pool.giveBack(state) }
    }

    private func borrow() throws(FilterError) -> Lent {
        let ready = try unit.ready(number)
        if let state = ready.pool.take() { return Lent(ready: ready, state: state, pool: ready.pool) }
        // All states of the unit are in the midst of evaluations further up this thread's stack, or on other threads.
        let alone = try spare.ready(0)
        if let state = alone.pool.take() ?? spareStates.take() ?? Self.compiled(alone.program) {
            return Lent(ready: alone, state: state, pool: spareStates)
        }
        throw FilterError(.filter, "jq ran out of memory")
    }

    private static func compiled(_ program: FilterProgram) -> JQState? {
        guard let state = JQState(), state.compile(program.text).isEmpty else { return nil }
        return state
    }

    /// All outputs.
    package func outputs(
        _ input: JSONValue, variables values: [String: JSONValue] = [:]
    ) throws(FilterError) -> [JSONValue] {
        var outputs: [JSONValue] = []
        do {
            try run(input, variables: values) { outputs.append($0) }
        } catch let error as FilterError {
            throw error
        } catch {
            throw FilterError(.filter, "\(error)")
        }
        return outputs
    }

    /// What a program takes.
    private struct Argument {
        let value: jv
        /// Whether freeing it takes longer than handing it to another thread.
        let isLarge: Bool
    }

    private static let manyValues = 10_000

    /// A state, and what its program takes. The values are built before the state is waited for: compiling, on another
    /// thread, takes about as long as building a large list.
    private func begin(
        _ input: JSONValue, _ values: [String: JSONValue]
    ) throws(FilterError) -> (lent: Lent, argument: Argument) {
        var builder = JQValueBuilder()
        defer { builder.finish() }
        let input = try builder.build(input)
        var given = jv_object()
        do throws(FilterError) {
            for name in variables {
                let value = try builder.build(values[name] ?? .null)
                given = jv_object_set(given, try JQValueBuilder.string(name), value)
            }
            let lent = try borrow()
            return (lent, Argument(value: argument(input, given, lent.ready), isLarge: builder.count > Self.manyValues))
        } catch {
            jv_free(given)
            jv_free(input)
            throw error
        }
    }

    /// Consumes `argument`.
    private func evaluation(
        _ lent: Lent, _ argument: Argument, isCancelled: @escaping () -> Bool
    ) throws(FilterError) -> Evaluation {
        let settings = settings
        var evaluation = Evaluation(state: lent.state, memoryLimit: settings.memoryLimit) {
            settings.isCancelled() || isCancelled()
        }
        lent.state.onTrace(settings.onTrace)
        try evaluation.start(argument.value, keeping: argument.isLarge)
        return evaluation
    }

    /// What the program takes: see FilterProgram. Consumes both values.
    private func argument(_ input: jv, _ given: jv, _ ready: FilterUnit.Ready) -> jv {
        if ready.program.isPlain {
            jv_free(given)
            return input
        }
        var argument = jv_array_append(jv_array_append(jv_array(), input), given)
        for bit in ready.program.choice(ready.index) {
            argument = jv_array_append(argument, bit ? jv_true() : jv_false())
        }
        return argument
    }
}
