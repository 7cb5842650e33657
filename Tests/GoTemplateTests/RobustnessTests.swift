import JSON
import Testing

@testable import GoTemplate

/// Whatever the text, a template gives output or an error, soon, and never ends the process.
@Suite("Template robustness")
struct RobustnessTests {
    /// SplitMix64: the same cases in every run.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let pieces: [String] = [
        "{{", "}}", "{{-", "-}}", " ", "(", ")", "|", ".", "$", "$x", ":=", "=", ",", "\"a\"", "`r`", "'c'", "0", "1",
        "-1", "1.5", "0x1p-2", "9223372036854775807", "1e308", "nil", "true", "if", "else", "end", "range", "with",
        "define", "template", "block", "break", "continue", "printf", "print", "println", "index", "slice", "len",
        "eq", "lt", "and", "or", "not", "html", "js", "urlquery", "call", "json", "split", "join", "title", "lower",
        "upper", "pad", "truncate", "\"%[3]*.[2]*[1]f%d%v%#v%+q%x%U%c%t%p\"", ".Config", ".Config.Env", ".Size",
        ".Config.Labels", ".Metadata.LastTagTime", ".Config.Healthcheck", ".Id", "/*", "*/", "\n", "\u{FFFD}", "é",
    ]

    private func survives(_ text: [UInt8], _ document: JSONValue) {
        var options = Template.Options()
        options.maximumOutput = 1 << 16
        options.maximumSteps = 2000
        guard let template = try? Template(bytes: text) else { return }
        let output = try? template.inspect(document, as: DockerTypes.imageInspect, options)
        #expect((output?.count ?? 0) <= options.maximumOutput)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func randomBytes(_ seed: UInt64) {
        var generator = Generator(state: seed)
        for _ in 0..<1500 {
            let length = Int.random(in: 0..<40, using: &generator)
            var text = Array("{{".utf8)
            for _ in 0..<length { text.append(UInt8.random(in: 0...255, using: &generator)) }
            survives(text + Array("}}".utf8), .null)
        }
    }

    @Test(arguments: [UInt64(5), 6, 7, 8])
    func randomPieces(_ seed: UInt64) throws {
        var generator = Generator(state: seed)
        let document = try #require(Golden.inspect.json["documents"]?["app"])
        for _ in 0..<1500 {
            var text = "{{"
            for _ in 0..<Int.random(in: 1..<14, using: &generator) {
                text += Self.pieces.randomElement(using: &generator) ?? ""
                if Bool.random(using: &generator) { text += " " }
            }
            survives(Array((text + "}}").utf8), document)
        }
    }

    @Test(arguments: [UInt64(9), 10, 11, 12])
    func mutatedTemplates(_ seed: UInt64) throws {
        var generator = Generator(state: seed)
        let document = try #require(Golden.inspect.json["documents"]?["bare"])
        let alphabet = Array(" {}|().$\"'`:=-+\n,%0x_e/*\\a[]#".utf8)
        for _ in 0..<1500 {
            let base = Golden.inspect.cases.randomElement(using: &generator)?.template ?? ""
            var text = Array(base.utf8)
            for _ in 0..<Int.random(in: 1..<5, using: &generator) {
                let place = Int.random(in: 0...text.count, using: &generator)
                let byte = alphabet.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: text.insert(byte, at: place)
                case 1 where place < text.count: text.remove(at: place)
                default: if place < text.count { text[place] = byte }
                }
            }
            survives(text, document)
        }
    }
}
