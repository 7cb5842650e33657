package import JSON

/// Why a filter did not compile or did not finish.
package struct FilterError: Error, Sendable, CustomStringConvertible {
    /// Stable words (design.md §3).
    package enum Code: String, Sendable {
        /// The filter does not compile: it is no jq, or it uses a name that nobody defined.
        case syntax
        /// It ended with an error.
        case filter
        /// It was cancelled.
        case interrupted
    }

    /// Which text `range` is in.
    package enum Source: Sendable {
        case filter
        /// The jq definitions that the filter was given.
        case definitions
    }

    package let code: Code
    /// In jq's own words where they are jq's; one line or more, no place in it.
    package let message: String
    /// What to try instead.
    package var hint: String?
    /// The offending bytes (UTF-8) of the text that `source` names, where known.
    package var range: Range<Int>?
    package var source = Source.filter
    /// The function (without its number of arguments) or `$variable` that nobody defined, where that is what is wrong.
    package var undefined: String?
    /// Further names that nobody defined.
    package var others: [FilterError] = []
    /// What `error(…)` or `halt_error` was given; nil for errors that jq raised itself when compiling.
    package var value: JSONValue?

    package init(
        _ code: Code, _ message: String, hint: String? = nil, range: Range<Int>? = nil, value: JSONValue? = nil
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.range = range
        self.value = value
    }

    package var description: String {
        let place = range.map { " at bytes \($0.lowerBound)..<\($0.upperBound)" } ?? ""
        return message + place + (hint.map { " (\($0))" } ?? "")
    }
}
