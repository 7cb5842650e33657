package import JSON
import Language
import Query
import Synchronization

/// The filters of a session, each compiled once: in batches beside what runs, or when one is first needed.
package final class FilterCache: Sendable {
    private struct State {
        /// jq functions of the session's `filter` statements, which every later filter may use.
        var definitions = ""
        var filters: [String: Filter] = [:]
    }

    private let library: FilterLibrary
    private let state = Mutex(State())

    init(note: @escaping @Sendable (String) -> Void) {
        var settings = FilterSettings()
        settings.onTrace = { trace in
            switch trace {
            case .debug(let value): note("debug: \(value.compact)")
            case .standardError(let value): note(value.stringValue ?? value.compact)
            }
        }
        library = FilterLibrary(settings: settings)
    }

    /// Adds jq definitions, `def NAME(…): …;` each, for every filter that is compiled from now on.
    func define(_ definitions: [String]) {
        guard !definitions.isEmpty else { return }
        state.withLock { state in
            state.definitions += definitions.map { $0 + "\n" }.joined()
            // A filter that was compiled before may mean another function by the same name.
            state.filters.removeAll()
        }
    }

    /// Makes filters known whose syntax was checked, and begins to compile them on another thread.
    func prepare(_ filters: [(text: String, variables: [String])]) {
        for filter in filters { _ = try? self.filter(filter.text, variables: filter.variables) }
        library.compileInBackground()
    }

    /// Compiles what is not compiled yet of `texts`. Throws the first mistake.
    func compile(_ text: String, variables: [String]) throws(FilterError) {
        try filter(text, variables: variables).compile()
    }

    /// Runs a filter over one input and hands on each output.
    package func evaluate(
        _ text: String, input: JSONValue, variables: [String: JSONValue], emit: Emit
    ) async throws {
        let filter = try filter(text, variables: variables.keys.sorted())
        try await filter.run(input, variables: variables) { value in try await emit(value) }
    }

    private func filter(_ text: String, variables: [String]) throws(FilterError) -> Filter {
        let outcome = state.withLock { state -> Result<Filter, FilterError> in
            if let known = state.filters[text] { return .success(known) }
            do throws(FilterError) {
                let filter = try library.add(text, variables: variables, definitions: state.definitions)
                state.filters[text] = filter
                return .success(filter)
            } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}

extension ShellError {
    /// A filter's error at its place in the script. A name that jq does not know may be a mistyped command.
    init(_ error: FilterError, in span: Span, commands: [String]) {
        let isFilter = if case .filter = error.source { true } else { false }
        let place = error.range.flatMap { isFilter ? span.part($0) : nil } ?? span
        self.init(Code(error.code), error.message, hint: error.hint, span: place, value: error.value)
        // The commands that list give one array: to look at its elements as if it were one is the usual slip.
        if hint == nil, code == .filter, message.hasPrefix("Cannot index array with string") {
            hint = "it is an array: `map(…)` does it for each of its elements, `.[]` gives them one by one"
        }
        if hint == nil, code == .filter, message.hasPrefix("Cannot index object with number") {
            hint = "it is an object: `collect | .[0]` takes one of several that come one by one"
        }
        if isFilter, code == .filter || error.undefined != nil, let advice = OtherShells.assignment(span.text),
            span.text.trimmingPrefix(while: \.isWhitespace).hasPrefix(error.undefined ?? "$")
        {
            hint = advice
            return
        }
        if hint == nil, code == .syntax, message.contains("'`'") {
            hint = "backticks run nothing here: `( … )` puts the values of a pipeline in"
        }
        if isFilter, code == .syntax, takeWordOfOtherShell(error, span) { return }
        guard let name = error.undefined, !name.hasPrefix("$"), !commands.isEmpty else { return }
        if commands.contains(name) {
            hint = "`\(name)` is a command, and this is jq: keep its result with `let x = \(name)` and use `$x`"
            return
        }
        // A stage that is one word and nothing more was most likely meant as a command.
        let isWord = span.text.trimmingPrefix(while: \.isWhitespace).prefix { !$0.isWhitespace } == name
        let near = nearest(name, in: commands).map { "did you mean the command `\($0)`?" }
        if isWord, span.text.split(whereSeparator: \.isWhitespace).count == 1 {
            code = .usage
            message = "unknown command \(name)"
            hint = near ?? hint ?? "`help` lists the commands"
        } else {
            hint = hint ?? near
        }
    }
}

extension ShellError {
    /// `head -1`, `grep -i x`, `wc`: what reads as jq by accident, and fails. True where it is that.
    private mutating func takeWordOfOtherShell(_ error: FilterError, _ span: Span) -> Bool {
        let line = span.text.prefix { $0 != "|" }
        let word = String(line.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        let rest = line.dropFirst(word.count)
        // Where that word is not what jq stumbles over, an option behind it tells.
        let next = rest.trimmingPrefix(while: { $0 == " " })
        let isOption = rest.first == " " && next.hasPrefix("-") && next.dropFirst().first.map { $0 != " " } == true
        guard error.undefined == word || isOption, let advice = OtherShells.hint(String(line)) else { return false }
        hint = advice
        if !ReservedNames.contains(word) { message = "unknown command \(word)" }
        code = .usage
        self.span = span.part(0..<word.utf8.count)
        return true
    }
}

extension ShellError.Code {
    fileprivate init(_ code: FilterError.Code) {
        switch code {
        case .syntax: self = .syntax
        case .filter: self = .filter
        case .interrupted: self = .interrupted
        }
    }
}
