/// Script text to syntax tree. Pure: it reads nothing but the text and asks nobody but `isCommand`.
///
/// A recursive descent over the bytes, without a token list, because what a byte means hangs on where it stands: in a
/// command's words, in jq text or in a program's text. Its nesting is bounded by `maximumDepth`, and every byte is looked
/// at a bounded number of times.
package final class Parser {
    /// How deep blocks and parentheses nest at most. A level takes up to 9 KB of stack in a debug build and a third of it
    /// in a release, so that a stack of 512 KB is enough. jq text is bounded apart: its nesting takes no stack.
    static let maximumDepth = 50
    /// After so many errors the rest is noise.
    static let maximumDiagnostics = 30

    /// Parses a whole script. Every syntax error that was found is a diagnostic; the tree holds the statements that
    /// were understood. `isCommand` tells which words are commands besides the `def`s of the text itself.
    package static func parse(_ source: Source, isCommand: (String) -> Bool) -> (Script, [Diagnostic]) {
        withoutActuallyEscaping(isCommand) { isCommand in
            let parser = Parser(source, isCommand: isCommand)
            let script = parser.parseScript()
            let inOrder = parser.diagnostics.enumerated().sorted {
                ($0.element.span?.start ?? 0, $0.offset) < ($1.element.span?.start ?? 0, $1.offset)
            }
            return (script, inOrder.map(\.element))
        }
    }

    /// True where the text is right so far but not whole: an open bracket, quote or block, a `|`, an operator or a
    /// backslash at its end. The prompt then asks for another line.
    package static func isIncomplete(_ source: Source, isCommand: (String) -> Bool) -> Bool {
        withoutActuallyEscaping(isCommand) { isCommand in
            let parser = Parser(source, isCommand: isCommand)
            _ = parser.parseScript()
            // In the order they were found: what comes after an unclosed quote is guesswork.
            return parser.diagnostics.first?.isIncomplete ?? parser.endsInContinuation
        }
    }

    /// What is around the place being parsed.
    struct Enclosure {
        /// False inside parentheses, where a line end is a blank.
        var newlineEnds = true
        /// Inside `{ … }`, so that a `}` closes it.
        var inBlock = false
    }

    let source: Source
    let text: Bytes
    let isKnownCommand: (String) -> Bool
    let outline: Outline
    var lookahead: Lookahead
    var position = 0
    var enclosure = Enclosure()
    var depth = 0
    /// How many of the open blocks define a name.
    var definedNames: [String: Int] = [:]
    var diagnostics: [Diagnostic] = []
    /// The statements that were not understood.
    var skipped: [Span] = []
    var comments: [Comment] = []
    var leadingComment: String?
    var hasStopped = false
    /// The last command of the pipeline being parsed, whose result the jq text behind it gets.
    var upstream: String?
    /// Its words; nil for one that is computed.
    var upstreamWords: [String?] = []
    /// For each command being parsed, the command whose result it gets; empty for none.
    var upstreams: [String] = []
    /// Whether the word being parsed is one of a line of Docker's, quoted as `sh` has it.
    var quotesAsPOSIX = false
    /// The string that the text ends in.
    var openQuote: (quote: UInt8, text: String, start: Int)?
    /// What stands where the text ends: the first to get there says.
    var atEnd: CompletionContext?
    /// The jq text of a stage that the text ends in, and the words of the command in front of it.
    var filterAtEnd: CompletionContext.OpenFilter?

    init(_ source: Source, isCommand: @escaping (String) -> Bool) {
        self.source = source
        text = Bytes(source.bytes)
        isKnownCommand = isCommand
        outline = Outline(source)
        lookahead = Lookahead(text)
    }

    func parseScript() -> Script {
        if source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        guard checkBytes() else {
            return Script(source: source, statements: [], documentation: nil, comments: [])
        }
        leadingComment = scriptDocumentation()
        enter(scopeAt: Outline.topLevel)
        let statements = parseStatements()
        return Script(
            source: source, statements: statements, documentation: leadingComment, comments: comments, skipped: skipped)
    }

    /// Bytes that no script may hold: jq takes C strings, so that a NUL would cut a filter short.
    private func checkBytes() -> Bool {
        if let offset = source.firstInvalidOffset {
            diagnostics.append(
                Diagnostic(
                    code: "syntax", message: "the text is not UTF-8", span: span(offset, offset + 3),
                    help: ["save the file as UTF-8"]))
            return false
        }
        if let offset = source.bytes.firstIndex(of: 0) {
            diagnostics.append(
                Diagnostic(code: "syntax", message: "the text holds a NUL byte", span: span(offset, offset + 1)))
            return false
        }
        return true
    }

    /// A `\` before the last line end, not in a comment.
    private var endsInContinuation: Bool {
        let start = text.end - 2
        return text.continuationLength(start) > 0 && comments.last?.span.end ?? 0 <= start
    }

    // MARK: Places

    func span(_ start: Int, _ end: Int) -> Span { Span(source: source, start: start, end: min(end, text.end)) }

    var byte: UInt8 { text[position] }
    var isAtEnd: Bool { position >= text.end }

    /// Over blanks and comments, and over line ends where they do not count.
    func skipBlanks() {
        while true {
            position = text.skipBlanks(position)
            if byte == Byte.hash {
                takeComment()
            } else if byte == Byte.newline, !enclosure.newlineEnds {
                position += 1
            } else {
                return
            }
        }
    }

    /// Over blanks, comments and line ends.
    func skipSpace() {
        let saved = enclosure.newlineEnds
        enclosure.newlineEnds = false
        skipBlanks()
        enclosure.newlineEnds = saved
    }

    private func takeComment() {
        let end = text.lineEnd(position)
        record(comment: position..<end)
        position = end
    }

    func record(comment range: Range<Int>) {
        guard range.lowerBound >= comments.last?.span.end ?? 0 else { return }
        var end = range.upperBound
        while end > range.lowerBound, Byte.isBlank(text[end - 1]) { end -= 1 }
        var before = range.lowerBound - 1
        while before >= 0, Byte.isBlank(text[before]) { before -= 1 }
        comments.append(
            Comment(
                text: text.text(range.lowerBound, end), span: span(range.lowerBound, end),
                ownLine: before < 0 || text[before] == Byte.newline))
    }

    // MARK: Scopes

    /// Makes the `def`s of the block that opens at an offset visible in all of it.
    func enter(scopeAt offset: Int) {
        for name in outline.names[offset] ?? [] { definedNames[name, default: 0] += 1 }
    }

    func leave(scopeAt offset: Int) {
        for name in outline.names[offset] ?? [] { definedNames[name, default: 1] -= 1 }
    }

    func isCommand(_ name: String) -> Bool { definedNames[name, default: 0] > 0 || isKnownCommand(name) }

    /// Goes into a part that may nest, one level deeper; `ascend` takes what it returns.
    func descend(at start: Int) throws(SyntaxFailure) -> Enclosure {
        guard depth < Self.maximumDepth else {
            hasStopped = true
            throw SyntaxFailure(
                "this nests more than \(Self.maximumDepth) levels deep", span(start, start + 1),
                help: "move an inner part into a `def`")
        }
        depth += 1
        return enclosure
    }

    func ascend(to outer: Enclosure) {
        depth -= 1
        enclosure = outer
    }
}

/// Ends the parse of one statement; the statement list records it and goes on behind it. A class, because every call
/// that may throw keeps room for what it throws on the stack.
final class SyntaxFailure: Error {
    let diagnostic: Diagnostic
    /// Where the statements go on; nil where that is to be found out.
    let resume: Int?

    init(
        _ message: String, _ span: Span, label: String? = nil, help: String? = nil, isIncomplete: Bool = false,
        resume: Int? = nil
    ) {
        self.resume = resume
        diagnostic = Diagnostic(
            code: "syntax", message: message, span: span, label: label, help: help.map { [$0] } ?? [],
            isIncomplete: isIncomplete)
    }
}
