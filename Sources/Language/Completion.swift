/// What stands at the cursor, for completion. `start` is the offset from which the completion replaces.
package enum CompletionContext: Sendable, Hashable {
    package enum Quote: Sendable, Hashable {
        case single, double
    }

    /// Nothing to complete: behind a whole term, or in a comment.
    case none
    /// A stage or a statement starts here: a command, a statement word or a jq function.
    case stageHead(prefix: String, start: Int)
    /// A word of a command; `words` are those before it, `prefix` what there is of it, its quotes and escapes undone, and
    /// `upstream` the command whose result is piped in.
    case argument(command: String, words: [String], prefix: String, quote: Quote?, start: Int, upstream: String? = nil)
    /// A field in jq text or behind a variable: `path` is what it hangs on (`.Config`, `$e`, empty for the input), and
    /// `upstream` the command whose result the jq text gets.
    case field(path: String, prefix: String, start: Int, upstream: String?)
    /// A variable, the prefix without its `$`; `start` is the `$`.
    case variable(prefix: String, start: Int)
    /// A jq function.
    case function(prefix: String, start: Int)
    /// Inside a string of jq text.
    case filterString(prefix: String, start: Int)

    /// jq text that is being typed behind a command.
    package struct OpenFilter: Sendable {
        /// From the start of the stage to the cursor.
        package let text: String
        /// The words of the command whose result it gets, nil for one that is computed.
        package let words: [String?]
    }

    /// The jq text of a stage that a byte offset of a text is in; nil where it is in none.
    package static func filter(_ text: String, offset: Int, isCommand: (String) -> Bool) -> OpenFilter? {
        let source = Source(name: "", bytes: Array(text.utf8.prefix(max(offset, 0))))
        return withoutActuallyEscaping(isCommand) { isCommand in
            let parser = Parser(source, isCommand: isCommand)
            _ = parser.parseScript()
            return parser.filterAtEnd
        }
    }

    /// What stands at a byte offset of a text: everything behind it does not count.
    package static func at(_ text: String, offset: Int, isCommand: (String) -> Bool) -> CompletionContext {
        let source = Source(name: "", bytes: Array(text.utf8.prefix(max(offset, 0))))
        return withoutActuallyEscaping(isCommand) { isCommand in
            let parser = Parser(source, isCommand: isCommand)
            _ = parser.parseScript()
            if let comment = parser.comments.last, comment.span.end == source.bytes.count { return .none }
            return parser.atEnd ?? .none
        }
    }
}
