import JSON
import Testing

@testable import GoTemplate

/// What Docker's client cannot be asked for: options, bounds, and types that no image has.
@Suite("Template")
struct TemplateTests {
    private func run(
        _ text: String, _ value: TemplateValue?, _ change: (inout Template.Options) -> Void = { _ in }
    ) throws(TemplateError) -> String {
        var options = Template.Options()
        change(&options)
        return try Template(text).execute(value, options)
    }

    private static let numbers: JSONValue = ["Size": 1_000_000, "Ratio": 0.5, "Big": 9_007_199_254_740_992]

    @Test(arguments: [
        (TemplateType.NumberStyle.text, "1000000 0.5 json.Number"),
        (.float64, "1e+06 0.5 float64"),
        (.natural, "1000000 0.5 int64"),
    ])
    func untypedNumbersPrintAsTold(_ style: TemplateType.NumberStyle, _ expected: String) throws {
        let output = try run(#"{{.Size}} {{.Ratio}} {{printf "%T" .Size}}"#, .raw(Self.numbers, numbers: style))
        #expect(output == expected)
    }

    @Test(arguments: [
        (Template.Options.MissingKey.noValue, "<no value>|<no value>"), (.zero, "|0"),
    ])
    func aMissingKey(_ style: Template.Options.MissingKey, _ expected: String) throws {
        let strings = TemplateValue(["a": "b"], as: .map(.string))
        let integers = TemplateValue(["a": 1], as: .map(.int))
        let outputs = try [strings, integers].map { value in try run("{{.x}}", value) { $0.missingKey = style } }
        #expect(outputs.joined(separator: "|") == expected)
    }

    @Test func aMissingKeyCanBeAnError() {
        #expect(
            throws: TemplateError(.execution, #"template: :1:2: executing "" at <.x>: map has no entry for key "x""#)
        ) {
            try run("{{.x}}", .raw(["a": 1])) { $0.missingKey = .error }
        }
    }

    private static let foo = TemplateType.pointer(
        .structure(
            TemplateType.Structure(
                "types.Foo",
                [
                    .init("Name", .string), .init("Ports", .map(.empty)), .init("List", .strings),
                    .init("Next", .pointer(.structure(TemplateType.Structure("types.Bar", [.init("X", .int)])))),
                    .init("Unsigned", .integer(.uint8)),
                ])))

    @Test(arguments: [
        ("{{.Name}}|{{.Ports}}|{{.List}}|{{.Next}}|{{.Unsigned}}", "|map[]|[]|<nil>|0"),
        (#"{{printf "%T %v %+v" . .Ports .List}}"#, "*types.Foo map[] []"),
        (#"{{printf "%#v" .Unsigned}}"#, "0x0"),
        ("{{.Foo}}", #"template: :1:2: executing "" at <.Foo>: can't evaluate field Foo in type *types.Foo"#),
        ("{{.Next.X}}", #"template: :1:7: executing "" at <.Next.X>: nil pointer evaluating *types.Bar.X"#),
        ("{{.Next.Y}}", #"template: :1:7: executing "" at <.Next.Y>: can't evaluate field Y in type *types.Bar"#),
        (
            "{{.Name 1}}",
            #"template: :1:2: executing "" at <.Name>: Name has arguments but cannot be invoked as function"#
        ),
    ])
    func aStructIsTyped(_ text: String, _ expected: String) {
        do throws(TemplateError) {
            #expect(try run(text, TemplateValue(.object([:]), as: Self.foo)) == expected)
        } catch {
            #expect(error.message == expected)
            #expect(error.phase == .execution && error.code == "usage")
        }
    }

    @Test func headersKeepTheirNames() throws {
        let header = TemplateValue(["ID": "IMAGE ID", "Tag": "TAG"], as: DockerTypes.header)
        let text = #"{{upper .ID}} {{json .Tag}} {{truncate .ID 3}} {{join (split .Tag ",") ","}} {{pad .Tag 1 1}}|"#
        #expect(try run(text, header) { $0.functions = .header } == "IMAGE ID TAG IMAGE ID TAG  TAG |")
    }

    @Test func noDataAtAll() throws {
        #expect(try run("{{.}} {{.X.Y}} {{len \"ab\"}}", nil) == "<no value> <no value> 2")
    }

    @Test func theNameStandsInErrors() {
        #expect(throws: TemplateError(.parse, "template: mine:2: unclosed action")) {
            try Template("\n{{", name: "mine")
        }
        #expect(throws: TemplateError(.parse, "template: :1: complex constants are not supported: \"1i\"")) {
            try Template("{{1i}}")
        }
    }

    @Test(arguments: [
        ("{{range 9223372036854775807}}xxxxxxxx{{end}}", "the template writes more than 1000 bytes"),
        ("{{range 9223372036854775807}}{{end}}", "the template takes too long"),
        (#"{{$x := "aaaaaaaaaa"}}{{range 64}}{{$x = print $x $x}}{{end}}"#, "a template's function returns too much"),
        (#"{{pad "x" 2000000000 2000000000}}"#, "a template's function returns too much"),
        (#"{{printf "%999999d%999999d%999999d" 1 2 3}}"#, "a template's function returns too much"),
    ])
    func boundsHold(_ text: String, _ message: String) {
        #expect(throws: TemplateError(.limit, message)) {
            try run(text, nil) {
                $0.maximumOutput = 1000
                $0.maximumSteps = 100_000
            }
        }
    }

    @Test func deepNestingEndsInAnError() {
        let expected =
            #"template: :1:25: executing "x" at <{{template "x"}}>: exceeded maximum template depth (100000)"#
        #expect(throws: TemplateError(.execution, expected)) {
            try run(#"{{define "x"}}{{template "x"}}{{end}}{{template "x"}}"#, nil)
        }
        for (open, close) in [("{{if 1}}", "{{end}}"), ("{{(", ")}}"), ("{{if 0}}{{else if 1}}", "{{end}}")] {
            let text = String(repeating: open, count: 100_000) + String(repeating: close, count: 100_000)
            #expect(throws: TemplateError.self) { try Template(text) }
        }
        let parentheses = "{{" + String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000) + "}}"
        #expect(throws: TemplateError(.parse, "template: :1: max expression depth exceeded")) {
            try Template(parentheses)
        }
    }

    @Test func nestingThatPeopleWriteWorks() throws {
        let text = String(repeating: "{{if 1}}", count: 200) + "x" + String(repeating: "{{end}}", count: 200)
        #expect(try run(text, nil) == "x")
        let recursive =
            #"{{define "d"}}{{if lt (len .) 40}}{{template "d" (print . "x")}}{{else}}{{len .}}{{end}}{{end}}{{template "d" ""}}"#
        #expect(try run(recursive, nil) == "40")
    }

    @Test func bytesThatAreNoTextPassThrough() throws {
        let template = try Template(bytes: [0xFF] + Array("{{printf \"%q\" \"".utf8) + [0xFE] + Array("\"}}".utf8))
        #expect(try template.bytes(nil) == [0xFF] + Array(#""\xfe""#.utf8))
    }
}
