/// Finds where jq text ends and which variables it leaves free, by jq's own lexical rules and as much of its grammar as
/// has a scope: brackets, strings with nested `\( … )`, comments, `if … end`, `def f: …;`, `reduce`, `foreach`, `as`,
/// `label`. Whether the text is right in all else is for jq to say.
///
/// One pass, no recursion: nesting lives in `frames`.
struct FilterScanner {
    enum Mode {
        /// A stage: ends before a top-level `|` that a command follows, `;`, a closing bracket, or the end of the line.
        case stage(newlineEnds: Bool)
        /// `\( … )`, from its `(` to the `)` that closes it.
        case interpolation
        /// `[ … ]` behind a variable.
        case brackets
        /// `NAME(params): body;`
        case definition
        /// All of the text.
        case whole
    }

    enum FrameKind { case paren, bracket, brace, interpolation, conditional, definition, reduction }

    struct Frame {
        var kind: FrameKind
        var open: Int
        /// How many bindings there were outside.
        var bindings: Int
        /// In a pattern, or in the head of a `def`: variables are bound here, not used.
        var binds: Bool
        /// `reduction`: its pattern was seen, so the next `( … )` ends it.
        var patternSeen = false
        /// `interpolation`: where the string around it starts.
        var quote = 0
    }

    /// What the last token was, as far as the next one's meaning hangs on it.
    enum Last { case start, term, needsMore, pattern, patternEnd, label, jump, keyStart }

    static let maximumDepth = 1000

    let text: Bytes
    let mode: Mode
    var position: Int
    var frames: [Frame] = []
    var last = Last.start
    /// The end of the last token: what comes after it (blanks, comments) is not part of the text.
    var lastEnd: Int
    var lastStart: Int
    var variables: [(name: String, start: Int, end: Int)] = []
    /// Comments and line continuations, to be blanked.
    var gaps: [Range<Int>] = []
    var comments: [Range<Int>] = []
    var bindings: [String] = []
    var bindingCounts: [String: Int] = [:]
    var isFinished = false
    /// What the token that touches the end of the text is; for completion.
    var endKind = FilterEnd.none

    init(_ text: Bytes, at position: Int, mode: Mode) {
        self.text = text
        self.mode = mode
        self.position = position
        lastEnd = position
        lastStart = position
    }

    /// Runs to the end of the jq text. `splits` tells whether a command starts at an offset behind a `|`.
    mutating func run(splits: (Int) -> Bool) throws(FilterProblem) {
        switch mode {
        case .interpolation: try openFrame(.paren, length: 1)
        case .brackets: try openFrame(.bracket, length: 1)
        case .definition:
            frames.append(Frame(kind: .definition, open: position, bindings: 0, binds: true))
        case .stage, .whole: break
        }
        while !isFinished {
            guard position < text.end else { return try finishAtEnd() }
            try step(splits)
        }
    }

    private mutating func step(_ splits: (Int) -> Bool) throws(FilterProblem) {
        let byte = text[position]
        switch byte {
        case Byte.space, Byte.tab, Byte.carriageReturn:
            position += 1
        case Byte.newline:
            lineEnds()
        case Byte.hash:
            skipComment()
        case Byte.backslash where text.continuationLength(position) > 0:
            let length = text.continuationLength(position)
            gaps.append(position..<position + 1)
            position += length
        case Byte.backslash:
            throw FilterProblem(
                kind: .backslash, start: position, end: position + 1, atEnd: position + 1 >= text.end)
        case Byte.doubleQuote:
            lastStart = position
            try string(from: position, openedAt: position)
        case Byte.singleQuote:
            throw FilterProblem(kind: .singleQuote, start: position, end: position + 1)
        case Byte.openParen:
            try openFrame(.paren, length: 1)
        case Byte.openBracket:
            try openFrame(.bracket, length: 1)
        case Byte.openBrace:
            try openFrame(.brace, length: 1)
        case Byte.closeParen, Byte.closeBracket, Byte.closeBrace:
            try closeFrame(byte)
        case Byte.dollar:
            variable()
        case Byte.dot:
            dot()
        case Byte.at:
            token(to: max(text.nameEnd(position + 1), position + 1), .term)
        case Byte.pipe:
            try pipe(splits)
        case Byte.semicolon:
            try semicolon()
        case Byte.question:
            question()
        default:
            try other(byte)
        }
    }

    private mutating func other(_ byte: UInt8) throws(FilterProblem) {
        if Byte.isNameStart(byte) { return try name() }
        if Byte.isDigit(byte) { return number() }
        switch byte {
        case UInt8(ascii: "+"), Byte.hyphen, UInt8(ascii: "*"), Byte.slash, UInt8(ascii: "%"), Byte.equals, Byte.bang,
            UInt8(ascii: "<"), UInt8(ascii: ">"), Byte.comma:
            token(to: position + 1, byte == Byte.comma && frames.last?.kind == .brace ? .keyStart : .needsMore)
        case Byte.colon:
            if let top = frames.indices.last, frames[top].kind == .definition { frames[top].binds = false }
            token(to: position + 1, frames.last?.binds == true ? .pattern : .needsMore)
        default:
            // No character of jq's: it goes along, so that jq's own message shows it.
            token(to: position + 1, .term)
        }
    }

    mutating func token(to end: Int, _ kind: Last) {
        lastStart = position
        position = end
        lastEnd = end
        last = kind
    }

    private mutating func skipComment() {
        let end = text.lineEnd(position)
        comments.append(position..<end)
        gaps.append(position..<end)
        position = end
    }

    /// A line end ends a stage where nothing is open, nothing is missing, and the next line does not go on with `|`.
    private mutating func lineEnds() {
        guard case .stage(newlineEnds: true) = mode, frames.isEmpty, last == .term else {
            position += 1
            return
        }
        let next = text.skipSpace(position)
        guard text[next] == Byte.pipe else {
            isFinished = true
            return
        }
        while position < next {
            if text[position] == Byte.hash { skipComment() } else { position += 1 }
        }
    }

    private mutating func number() {
        var end = position
        while Byte.isDigit(text[end]) || text[end] == Byte.dot { end += 1 }
        if text[end] | 0x20 == UInt8(ascii: "e") {
            let sign = text[end + 1] == Byte.hyphen || text[end + 1] == UInt8(ascii: "+") ? 1 : 0
            if Byte.isDigit(text[end + 1 + sign]) {
                end += 1 + sign
                while Byte.isDigit(text[end]) { end += 1 }
            }
        }
        token(to: end, .term)
    }

    private mutating func dot() {
        if Byte.isDigit(text[position + 1]) {
            position += 1
            return number()
        }
        let end = max(text.nameEnd(position + 1), position + 1)
        if end == text.end { endKind = .field(start: position) }
        token(to: end, .term)
    }

    private mutating func pipe(_ splits: (Int) -> Bool) throws(FilterProblem) {
        if text[position + 1] == Byte.equals { return token(to: position + 2, .needsMore) }
        if frames.isEmpty, case .stage = mode {
            let next = text.skipSpace(position + 1)
            if splits(next) {
                if last == .patternEnd { throw FilterProblem(kind: .commandInScope, start: next, end: next) }
                isFinished = true
                return
            }
        }
        token(to: position + 1, .needsMore)
    }

    private mutating func question() {
        if text[position + 1] == Byte.slash, text[position + 2] == Byte.slash {
            return token(to: position + 3, last == .patternEnd ? .pattern : .needsMore)
        }
        token(to: position + 1, .term)
    }

    private mutating func semicolon() throws(FilterProblem) {
        guard let top = frames.last else {
            if case .whole = mode { return token(to: position + 1, .needsMore) }
            isFinished = true
            return
        }
        switch top.kind {
        case .definition:
            popFrame()
            token(to: position + 1, .needsMore)
            if frames.isEmpty, case .definition = mode { isFinished = true }
        case .paren, .interpolation:
            if !top.binds { unbind(to: top.bindings) }
            token(to: position + 1, .needsMore)
        case .bracket, .brace, .conditional, .reduction:
            throw FilterProblem(kind: .unexpected(open: top), start: position, end: position + 1)
        }
    }
}

/// What is being typed where the text ends inside jq text.
enum FilterEnd {
    case none
    /// `.fie`: from its dot.
    case field(start: Int)
    case variable(start: Int)
    case function(start: Int)
    case string(start: Int)
}

/// What is wrong in jq text, before it becomes a diagnostic.
struct FilterProblem: Error {
    enum Kind {
        /// The text ends with this frame open.
        case unclosed(FilterScanner.Frame)
        case unclosedString
        /// A closing bracket or `;` where this frame is open.
        case unexpected(open: FilterScanner.Frame)
        case singleQuote
        /// One that no line end follows.
        case backslash
        case tooDeep
        /// A command right behind `as $x |`, where only jq can stand.
        case commandInScope
        /// The text ends behind a token that something has to follow.
        case endsAfter
    }

    var kind: Kind
    var start: Int
    var end: Int
    /// True where the text itself was over.
    var atEnd = false
}
