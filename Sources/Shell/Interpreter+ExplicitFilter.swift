import JSON
import Language

// `jq [options] 'text'`.
extension Interpreter {
    /// The options of the `jq` program that mean something inside a pipeline.
    private struct Options {
        /// `-n`: the filter runs once, on null.
        var nullInput = false
        /// `-s`: the filter runs once, on an array of all values.
        var slurp = false
        /// `-r`, `-j`: texts are shown without quotes.
        var raw = false

        init(_ words: [Word]) throws(ShellError) {
            for word in words {
                let text = word.constantText ?? ""
                let names = text.hasPrefix("--") ? [String(text.dropFirst(2))] : text.dropFirst().map { String($0) }
                for name in names {
                    switch name {
                    case "n", "null-input": nullInput = true
                    case "s", "slurp": slurp = true
                    case "r", "raw-output", "j", "join-output": raw = true
                    // How JSON is laid out is for `-o`.
                    case "c", "compact-output", "M", "monochrome-output", "C", "color-output": break
                    default:
                        throw ShellError(
                            .usage, "jq has no option \(text) here",
                            hint: "there are -n, -s and -r; dsh -o says how results are laid out", command: "jq",
                            span: word.span)
                    }
                }
            }
        }
    }

    func explicit(
        _ explicit: ExplicitFilter, after before: ArraySlice<Stage>, view: ResultView, emit: @escaping Emit
    ) async throws {
        let options = try Options(explicit.options)
        let program = try await program(explicit)
        if options.raw { view.shape = ResultShape(.text) }
        if options.slurp {
            let values = before.isEmpty ? [head] : try await values(of: before)
            return try await evaluate(program, input: .array(values), emit: emit)
        }
        guard options.nullInput else { return try await filter(program, after: before, emit: emit) }
        // What comes before is run for what it does.
        if !before.isEmpty { try await produce(before) { _ in } }
        try await evaluate(program, input: .null, emit: emit)
    }

    private func program(_ explicit: ExplicitFilter) async throws -> Program {
        if let filter = explicit.filter {
            return Program(text: filter.text, span: filter.span, variables: try variables(of: filter))
        }
        return Program(text: try await text(of: explicit.text), span: explicit.text.span, variables: [:])
    }
}
