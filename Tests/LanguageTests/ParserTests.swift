import Testing

@testable import Language

struct ParserTests {
    @Test(arguments: Case.all(in: splitterCases) + Case.all(in: wordsCases) + Case.all(in: statementsCases))
    func parses(_ example: Case) {
        #expect(Dump.text(example.input) == example.expected)
    }

    @Test(arguments: Case.all(in: errorCases))
    func explains(_ example: Case) {
        let (_, diagnostics) = Dump.parse(example.input)
        #expect(diagnostics.map { $0.render() }.joined(separator: "\n") == example.expected)
    }

    /// The text of a filter is as long as its span, and equal to it but for what is blanked, so that jq's positions are
    /// the script's.
    @Test(arguments: Case.all(in: splitterCases) + Case.all(in: wordsCases) + Case.all(in: statementsCases))
    func filtersKeepTheirPlaces(_ example: Case) {
        let (script, _) = Dump.parse(example.input)
        for filter in Filters.all(in: script.statements) {
            #expect(filter.text.utf8.count == filter.span.end - filter.span.start)
            for variable in filter.variables {
                #expect(variable.span.text.hasPrefix("$"))
                #expect(variable.span.text.hasSuffix(variable.text))
                #expect(filter.span.start <= variable.span.start && variable.span.end <= filter.span.end)
            }
        }
    }

    @Test func lineEndsOfOtherSystems() {
        #expect(Dump.text("images -q\r\nlet x = .a\r\n") == "(images -q)\n(let x <.a>)")
        #expect(Dump.text("\u{FEFF}images\n") == "(images)")
        #expect(Dump.text("images \\\r\n -q") == "(images -q)")
    }

    @Test func refusesWhatNoScriptHolds() {
        let (_, nul) = Dump.parse("images\u{0}")
        #expect(nul.map(\.message) == ["the text holds a NUL byte"])
        let (script, invalid) = Parser.parse(Source(name: "x", bytes: [0x61, 0xFF, 0x62])) { _ in false }
        #expect(script.statements.isEmpty)
        #expect(invalid.map(\.message) == ["the text is not UTF-8"])
        #expect(invalid.first?.span?.start == 1)
    }

    @Test func keepsCommentsAndDocumentation() {
        let text = "#!/usr/bin/env dsh\n# Head\n# more\n\nimages | # in between\n  .a # end\n# last"
        let (script, _) = Dump.parse(text)
        #expect(script.documentation == "Head\nmore")
        #expect(
            script.comments.map(\.text) == [
                "#!/usr/bin/env dsh", "# Head", "# more", "# in between", "# end", "# last",
            ])
        #expect(script.comments.map(\.ownLine) == [true, true, true, false, false, true])
    }

    @Test func manyErrorsAreCapped() {
        let text = String(repeating: "let\n", count: 1000)
        #expect(Dump.parse(text).1.count == Parser.maximumDiagnostics)
    }

    @Test func outlineFindsWhatAFileGives() {
        let text = """
            source 'a.dsh'; source b.dsh
            source $x
            def one { def inner { .a } }
            # def no { }
            let x = "def no { }"
            def two(a = "{") { 'def no { }' }; def f: .x;
            def three { }
            """
        let outline = Outline(Source(name: "x", text: text))
        #expect(outline.definitions == ["one", "two", "three"])
        #expect(outline.sourcedPaths == ["a.dsh", "b.dsh"])
    }

    @Test func wordsTellTheirText() throws {
        let (script, _) = Dump.parse("echo --a 'b'c \"d\" $x (.a) e$x \"\\(.a)\" \\(.b)")
        guard case .pipeline(let pipeline) = try #require(script.statements.first),
            case .command(let call) = try #require(pipeline.stages.first)
        else {
            Issue.record("no command")
            return
        }
        #expect(call.arguments.map(\.constantText) == ["--a", "bc", "d", nil, nil, nil, nil, nil])
        #expect(call.arguments.map(\.bareText) == ["--a", nil, nil, nil, nil, nil, nil, nil])
        #expect(call.arguments.map { $0.onlyValue != nil } == [false, false, false, true, true, false, false, true])
    }
}

/// Every filter of a tree.
private enum Filters {
    static func all(in statements: [Statement]) -> [FilterText] { statements.flatMap(of) }

    private static func of(_ statement: Statement) -> [FilterText] {
        switch statement {
        case .pipeline(let pipeline), .let(_, let pipeline, _): of(pipeline)
        case .if(let clauses, let otherwise, _):
            clauses.flatMap { of($0.condition) + all(in: $0.body.statements) } + all(in: otherwise?.statements ?? [])
        case .for(_, let values, let parallel, let body, _):
            of(values) + (parallel.map { of($0.count) } ?? []) + all(in: body.statements)
        case .while(let condition, let body, _): of(condition) + all(in: body.statements)
        case .def(let definition):
            definition.parameters.compactMap(\.defaultValue).flatMap(of) + all(in: definition.body.statements)
        case .params(let declaration): declaration.parameters.compactMap(\.defaultValue).flatMap(of)
        case .filter(let definition): [definition.text]
        case .try(let body, let handler, _): all(in: body.statements) + all(in: handler?.body.statements ?? [])
        case .assert(let condition, let message, _): of(condition) + (message.map(of) ?? [])
        case .fail(let word, _), .source(let word, _): of(word)
        case .return(let value, _), .exit(let value, _): value.map(of) ?? []
        case .break, .continue: []
        }
    }

    private static func of(_ pipeline: Pipeline) -> [FilterText] {
        pipeline.stages.flatMap { stage -> [FilterText] in
            switch stage {
            case .filter(let text): return [text]
            case .command(let call): return call.arguments.flatMap(of) + all(in: call.block?.statements ?? [])
            // A filter with escapes in it has no exact places.
            case .explicitFilter(let filter): return filter.options.flatMap(of)
            case .external(let call):
                return call.parts.compactMap { if case .interpolation(let text, _) = $0 { text } else { nil } }
            }
        }
    }

    private static func of(_ word: Word) -> [FilterText] {
        word.parts.flatMap { part -> [FilterText] in
            switch part {
            case .literal: []
            case .interpolation(let text, _), .variable(let text): [text]
            case .pipeline(let pipeline): of(pipeline)
            }
        }
    }
}
