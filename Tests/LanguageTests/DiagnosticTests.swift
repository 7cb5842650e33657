import Testing

@testable import Language

struct DiagnosticTests {
    private func render(_ text: String, _ start: Int, _ end: Int, label: String? = nil, help: [String] = []) -> String {
        Diagnostic(
            code: "syntax", message: "m", span: Span(source: Source(name: "f", text: text), start: start, end: end),
            label: label, help: help
        ).render(width: 40)
    }

    @Test func plain() {
        #expect(
            render("a\nbcd e", 2, 5, label: "here", help: ["one", "two"]) == """
                error[syntax]: m
                  --> f:2:1
                 2 | bcd e
                   | ^^^ here
                   = help: one
                   = help: two
                """)
    }

    @Test func tabsAndWideCharacters() {
        #expect(
            render("\té日本x", 6, 9) == """
                error[syntax]: m
                  --> f:1:4
                 1 |     é日本x
                   |        ^^
                """)
        let line = render("日本x", 6, 7).split(separator: "\n").last
        #expect(line == "   |     ^")
    }

    @Test func controlCharactersAreEscaped() {
        #expect(
            render("a\u{1B}[31mb", 1, 2) == """
                error[syntax]: m
                  --> f:1:2
                 1 | a\\u{1b}[31mb
                   |  ^^^^^^
                """)
        let message = Diagnostic(code: "x", message: "a\u{7}\u{202E}b", span: nil).render()
        #expect(message == "error[x]: a\\u{7}\\u{202e}b")
    }

    @Test func longLinesAreClippedAroundTheSpan() {
        let text = String(repeating: "a", count: 500) + "XYZ" + String(repeating: "b", count: 500)
        let lines = render(text, 500, 503).split(separator: "\n")
        #expect(lines[1] == "  --> f:1:501")
        #expect(lines[2].count < 50)
        #expect(lines[2].contains("…") && lines[2].contains("aXYZb"))
        let column = lines[2].firstRange(of: "XYZ").map {
            lines[2].distance(from: lines[2].startIndex, to: $0.lowerBound)
        }
        let caret = lines[3].firstRange(of: "^^^").map {
            lines[3].distance(from: lines[3].startIndex, to: $0.lowerBound)
        }
        #expect(column == caret)
    }

    @Test func wholeLinesAndSeveralLines() {
        #expect(render("", 0, 0).hasSuffix(" 1 |\n   | ^"))
        #expect(render("ab\ncd\n", 1, 5).hasSuffix(" 1 | ab\n   |  ^…"))
        #expect(render("ab\n", 3, 3).hasSuffix("--> f:2:1\n 2 |\n   | ^"))
        #expect(render("x\n", 900, 990).contains("f:2:1"))
    }

    @Test func sourcesFindLinesAndColumns() {
        let source = Source(name: "f", text: "ab\né日x\r\n\nend")
        #expect(source.position(at: 0) == SourcePosition(line: 1, column: 1))
        #expect(source.position(at: 8) == SourcePosition(line: 2, column: 3))
        #expect(source.position(at: 11) == SourcePosition(line: 3, column: 1))
        #expect(source.position(at: 14) == SourcePosition(line: 4, column: 3))
        #expect(source.position(at: 99) == SourcePosition(line: 4, column: 4))
        #expect(source.lineRange(1) == 3..<9)
        let span = Span(source: source, start: 3, end: 9)
        #expect(span.part(2..<5).text == "日")
        #expect(span.part(5..<90).end == 9)
    }
}
