#if !FUZZ
    @testable import Language
#endif

/// What holds for every text, right or wrong. The fuzzer is compiled with it, too, and then within Language itself.
enum LanguageFuzz {
    private static let commands: Set<String> = [
        "images", "pull", "rmi", "inspect", "tag", "echo", "each", "time", "collect",
    ]

    /// Traps where something does not hold.
    static func check(_ bytes: [UInt8]) {
        let source = Source(name: "fuzz", bytes: bytes)
        let (script, diagnostics) = Parser.parse(source) { commands.contains($0) }
        for diagnostic in diagnostics {
            precondition(!diagnostic.render().isEmpty)
            if let span = diagnostic.span { precondition(span.end <= source.bytes.count) }
        }
        for (one, next) in zip(script.comments, script.comments.dropFirst()) {
            precondition(one.span.end <= next.span.start, "comments overlap")
        }
        for statement in script.statements { precondition(statement.span.end <= source.bytes.count) }
        _ = Parser.isIncomplete(source) { commands.contains($0) }
        _ = CompletionContext.at(source.text, offset: bytes.count / 2) { commands.contains($0) }
        split(source)
        lay(source, isRight: diagnostics.isEmpty)
    }

    /// The splitter of jq text alone: it comes to an end, inside the text, and each of its marks is in order.
    private static func split(_ source: Source) {
        for mode in [FilterScanner.Mode.stage(newlineEnds: true), .whole] {
            var scanner = FilterScanner(Bytes(source.bytes), at: 0, mode: mode)
            let isRight = (try? scanner.run { $0 % 3 == 0 }) != nil
            precondition(scanner.lastEnd <= source.bytes.count)
            // A problem may be in the midst of a token.
            precondition(!isRight || scanner.lastStart <= scanner.lastEnd)
            for gap in scanner.gaps { precondition(gap.upperBound <= source.bytes.count) }
            for variable in scanner.variables { precondition(variable.start < variable.end) }
        }
    }

    /// Only a right script has a layout, and the layout's layout is itself. That there is none is allowed: the layout of a
    /// word that would become a statement (`filter#c`) is held back.
    private static func lay(_ source: Source, isRight: Bool) {
        let text = ScriptFormat.text(of: source) { commands.contains($0) }
        precondition(isRight || text == nil, "a layout for what is wrong")
        guard let text else { return }
        let again = ScriptFormat.text(of: Source(name: "fuzz", text: text)) { commands.contains($0) }
        precondition(text == again, "the layout is not stable")
    }
}
