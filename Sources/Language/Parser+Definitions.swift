// `def`, `params`, `filter`, and the comments that document them.
extension Parser {
    func parseDef(_ start: Int) throws(SyntaxFailure) -> Statement {
        skipBlanks()
        let end = text.nameEnd(position, hyphens: true)
        let name = Name(text: text.text(position, end), span: span(position, end))
        if Self.statementWords.contains(name.text) || FilterScanner.keywords.contains(name.text) || name.text == "jq" {
            throw SyntaxFailure(
                "`\(name.text)` is a word of the language", name.span, help: "give the command another name")
        }
        position = end
        skipBlanks()
        var parameters: [Parameter] = []
        if byte == Byte.openParen {
            let open = position
            position += 1
            let outer = try descend(at: open)
            defer { ascend(to: outer) }
            enclosure.newlineEnds = false
            parameters = try parseParameters { $0.byte == Byte.closeParen }
            guard byte == Byte.closeParen else { throw unclosedParen(open) }
            position += 1
        }
        let body = try parseBlock(after: "`def \(name.text)`")
        return .def(
            Definition(
                name: name, parameters: parameters, body: body, documentation: documentation(above: start),
                span: span(start, position)))
    }

    func parseParams(_ start: Int) throws(SyntaxFailure) -> ParametersDeclaration {
        let parameters = try parseParameters { $0.isAtStatementEnd }
        return ParametersDeclaration(
            parameters: parameters, documentation: documentation(above: start) ?? leadingComment,
            span: span(start, max(parameters.last?.span.end ?? 0, start + "params".utf8.count)))
    }

    private func parseParameters(
        until isEnd: (Parser) -> Bool
    ) throws(SyntaxFailure) -> [Parameter] {
        var parameters: [Parameter] = []
        skipBlanks()
        while !isEnd(self) {
            if isAtEnd { break }
            let parameter = try parseParameter()
            if let other = parameters.first(where: { $0.variableName == parameter.variableName }) {
                throw SyntaxFailure(
                    "two parameters are called `\(other.variableName)`", parameter.name.span,
                    help: "as variables `-` and `_` are the same")
            }
            if parameter.kind == .positional || parameter.kind == .rest,
                let rest = parameters.first(where: { $0.kind == .rest })
            {
                throw SyntaxFailure(
                    "no parameter can follow `\(rest.name.text)…`", parameter.name.span,
                    help: "`\(rest.name.text)…` takes all that is left: put it last")
            }
            if parameter.kind == .positional, parameter.defaultValue == nil,
                let earlier = parameters.first(where: { $0.kind == .positional && $0.defaultValue != nil })
            {
                throw SyntaxFailure(
                    "`\(parameter.name.text)` needs a default too", parameter.name.span,
                    help: "`\(earlier.name.text)` before it has one, so it could never be left out")
            }
            parameters.append(parameter)
            skipBlanks()
            if isEnd(self) { break }
            guard byte == Byte.comma else { throw expectedComma(after: parameter) }
            position += 1
            // The list goes on behind a comma, also on the next line.
            skipBlanks()
            document(&parameters)
            skipSpace()
            if isAtEnd { throw expected("a parameter", after: "`,`", onAnyLine: true) }
        }
        document(&parameters)
        return parameters
    }

    /// `--n 3` is how an option is given, and `--n = 3` how it is declared.
    private func expectedComma(after parameter: Parameter) -> SyntaxFailure {
        let name = parameter.name.text
        let found = shown(position, itemEnd(position))
        let isDefault = parameter.kind == .flag && !isAtEnd && byte != Byte.hyphen && !Byte.isSpace(byte)
        return expected(
            "`,`", after: "`\(name)`",
            help: isDefault ? "an option with a default is `--\(name) = \(found)`" : "commas part parameters")
    }

    /// The comment that ends a parameter's line is its documentation.
    private func document(_ parameters: inout [Parameter]) {
        guard let last = parameters.indices.last, let comment = comments.last, !comment.ownLine else { return }
        let end = parameters[last].span.end
        guard comment.span.start >= end, source.lineIndex(at: comment.span.start) == source.lineIndex(at: end) else {
            return
        }
        parameters[last].documentation = Self.uncommented(comment.text)
    }

    private func parseParameter() throws(SyntaxFailure) -> Parameter {
        let start = position
        let isOption = byte == Byte.hyphen && text[position + 1] == Byte.hyphen
        if isOption { position += 2 }
        if byte == Byte.dollar {
            throw SyntaxFailure(
                "a parameter is named without `$`", span(start, max(text.nameEnd(position + 1), position + 1)))
        }
        let nameStart = position
        let end = text.nameEnd(position, hyphens: isOption)
        guard end > position else {
            throw expected(
                "a parameter", after: "the list's start or `,`",
                help: "`name`, `name = default`, `rest…`, `--flag`, `--option = default`", onAnyLine: true)
        }
        if !isOption, text[end] == Byte.hyphen {
            throw SyntaxFailure(
                "a parameter's name has no `-`", span(position, text.nameEnd(position, hyphens: true)),
                help: "use letters, digits and `_`; an option starts with `--`")
        }
        let name = Name(text: text.text(position, end), span: span(position, end))
        position = end
        var kind = isOption ? Parameter.Kind.flag : .positional
        for ellipsis in ["…", "..."] where !isOption {
            let length = ellipsis.utf8.count
            if text.text(position, min(position + length, text.end)) == ellipsis {
                position += length
                kind = .rest
            }
        }
        var last = position
        let next = text.skipBlanks(position)
        var value: Word?
        if text[next] == Byte.equals {
            if kind == .rest {
                throw SyntaxFailure("`\(name.text)…` has no default", span(nameStart, next + 1))
            }
            position = next + 1
            value = try parseDefault(of: name)
            last = position
            if isOption { kind = .option }
        }
        return Parameter(
            kind: kind, name: name, defaultValue: value, documentation: nil, span: span(start, last))
    }

    private func parseDefault(of name: Name) throws(SyntaxFailure) -> Word {
        skipBlanks()
        let start = position
        let word = isAtStatementEnd ? nil : try parseWord(stopsAtComma: true)
        guard let word, position > start else { throw expected("a default", after: "`\(name.text) =`") }
        return word
    }

    /// `filter NAME(params): body;`: kept as the jq `def` that it is, as long as the statement.
    func parseFilterDefinition(_ start: Int) throws(SyntaxFailure) -> FilterDefinition {
        skipBlanks()
        let end = text.nameEnd(position)
        guard end > position else { throw expected("a name", after: "`filter`") }
        let name = Name(text: text.text(position, end), span: span(position, end))
        if isCommand(name.text) {
            throw SyntaxFailure(
                "`\(name.text)` is a command already", name.span, help: "give the filter another name")
        }
        let next = text.skipBlanks(end)
        guard text[next] == Byte.colon || text[next] == Byte.openParen else {
            position = next
            throw expected("`:`", after: "`filter \(name.text)`", help: "write `filter \(name.text): jq body;`")
        }
        let body = try scanFilter(.definition)
        let keyword = "filter"
        let padded = "def" + String(repeating: " ", count: keyword.utf8.count - 3)
        let gap = String(repeating: " ", count: name.span.start - start - keyword.utf8.count)
        let whole = span(start, position)
        let text = FilterText(text: padded + gap + body.text, span: whole, variables: body.variables)
        return FilterDefinition(
            name: name, parameters: parameterNames(end, next), text: text,
            documentation: documentation(above: start), span: whole)
    }

    private func parameterNames(_ end: Int, _ next: Int) -> [String] {
        guard text[next] == Byte.openParen else { return [] }
        var close = next + 1
        while close < position, text[close] != Byte.closeParen { close += 1 }
        return text.text(next + 1, close).split(separator: ";").map { part in
            String(part.drop { $0.isWhitespace }.prefix { !$0.isWhitespace })
        }
    }

    // MARK: Documentation

    /// The comment lines directly above an offset's line.
    func documentation(above offset: Int) -> String? {
        var line = source.lineIndex(at: offset)
        var lines: [String] = []
        for comment in comments.reversed() {
            let at = source.lineIndex(at: comment.span.start)
            if at >= line { continue }
            guard at == line - 1, comment.ownLine, !comment.text.hasPrefix("#!") else { break }
            lines.append(Self.uncommented(comment.text))
            line = at
        }
        return lines.isEmpty ? nil : lines.reversed().joined(separator: "\n")
    }

    /// The comment block that the file starts with, after its `#!` line.
    func scriptDocumentation() -> String? {
        var lines: [String] = []
        var start = text[0] == 0xEF ? 3 : 0
        if text[start] == Byte.hash, text[start + 1] == Byte.bang { start = text.lineEnd(start) + 1 }
        while Byte.isSpace(text[start]) { start += 1 }
        while text[start] == Byte.hash {
            let end = text.lineEnd(start)
            lines.append(Self.uncommented(text.text(start, end)))
            start = text.skipBlanks(end + 1)
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    /// The text of a comment without `#` and one blank.
    static func uncommented(_ comment: String) -> String {
        var text = comment.drop { $0 == "#" }
        if text.first == " " { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}
