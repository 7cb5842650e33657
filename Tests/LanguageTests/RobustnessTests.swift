import Foundation
import Testing

@testable import Language

struct RobustnessTests {
    static let pieces = [
        "if (.a) {", "}", "{", "(", ")", "[", "]", "\"", "'", "\\(", "\\", "|", ";", "\n", " ", "#", "$x", "$", "$(",
        "let x =",
        "for x in (.a) {", "def f(a, b = 1) {", "def f: .x;", "filter f:", "try {", "catch e {", "else {", "images",
        "echo",
        "if . then", "end", "reduce .[] as $x (", "as [$a, {b: $c}]", "?//", "label $x |", "!", "!ls", "params a, --b",
        "each {", "{{", "}}", "é", "日", "\u{1F600}", "\r\n", "\t", "--x", "0", ".a", "..", "@base64", ",", ":", "=",
        "jq '",
        "assert (", "fail", "return (", "exit", "source", "while (", "parallel", "--keep-going", "…", "\u{0}", "`",
    ]

    /// Random strings of the grammar's own pieces, and of bytes: every result has spans within the text, in order.
    @Test(arguments: 0..<8) func neverTraps(seed: Int) {
        var generator = Generator(state: UInt64(seed) &* 7919 &+ 1)
        for round in 0..<400 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<60, using: &generator) {
                if round % 4 == 3 {
                    bytes.append(UInt8.random(in: 0...255, using: &generator))
                } else {
                    bytes += Array(Self.pieces.randomElement(using: &generator)!.utf8)
                    if Bool.random(using: &generator) { bytes.append(0x20) }
                }
            }
            let source = Source(name: "random", bytes: bytes)
            let (script, diagnostics) = Parser.parse(source) { Dump.commands.contains($0) }
            for statement in script.statements {
                #expect(statement.span.start >= 0 && statement.span.end <= source.bytes.count)
                _ = Dump.statement(statement)
            }
            for diagnostic in diagnostics { #expect(!diagnostic.render().isEmpty) }
            #expect(diagnostics.count <= Parser.maximumDiagnostics + Parser.maximumDepth + 1)
            let text = source.text
            let offset = Int.random(in: 0...text.utf8.count, using: &generator)
            _ = CompletionContext.at(text, offset: offset) { Dump.commands.contains($0) }
        }
    }

    /// Every prefix of a script that is right is right or incomplete, never a trap.
    @Test func prefixesOfScripts() {
        let script = """
            # Doc
            params a, b = "x \\(.y)", --c
            def f(x) { images | map(.a | {b: "c\\(.d)"}) | each { echo $x.y[0] 'q' (.z) } }
            if (images | length > 0) { for x in (.a) parallel 2 { try { f $x } catch e { fail "$e" } } } else { !ls "\\(.b)" }
            """
        let bytes = Array(script.utf8)
        for end in 0...bytes.count {
            let source = Source(name: "prefix", bytes: Array(bytes[..<end]))
            _ = Parser.parse(source) { Dump.commands.contains($0) }
            _ = Parser.isIncomplete(source) { Dump.commands.contains($0) }
        }
        #expect(Dump.parse(script).1.isEmpty)
    }

    static let deep: [(String, String)] = [
        ("(", ")"), ("[", "]"), ("{a:", "}"), ("each { ", " }"), ("echo (", ")"), ("echo $(", ")"),
        ("if (.a) { ", " }"),
        ("\"\\(", ")\""), ("echo \"\\(", ")\""), ("if . then ", " end"), ("def f: ", "; f"), ("let x = (", ")"),
        ("try { ", " }"), ("def f { ", " }"), ("{", "}"), ("for x in (echo ", ") { .a }"), ("!(", ")"), ("$x[", "]"),
        ("echo $x[", "]"), ("images | (", ")"), ("return (images | each { ", " })"), ("echo \\(", ")"),
        ("reduce .[] as [$x] (0; ", ")"), ("time ", ""), ("time images | ", ""), ("if (echo (", ")) { }"),
    ]

    /// Nesting is an error long before it is a stack overflow, on a stack of 512 KB.
    @Test(arguments: deep) func boundsNesting(open: String, close: String) async {
        for count in [20, 49, 5000, 50_000] {
            let text =
                String(repeating: open, count: count) + "images"
                + (count == 50_000 ? "" : String(repeating: close, count: count))
            await withCheckedContinuation { continuation in
                let thread = Thread {
                    _ = Parser.parse(Source(name: "deep", text: text)) { Dump.commands.contains($0) }
                    continuation.resume()
                }
                thread.stackSize = 512 << 10
                thread.start()
            }
        }
    }

    static let long = [
        "let x = (\n", "images | map(.a) | tags\n", "if (.a) { echo \"b\\(.c)\" }\n", "{", "}", "(", ")", "'", "\"",
        "\\(",
        "{{", "{{a ", "echo {{a ", "if (", "if (.a) ", "def f(", "def f(\n", ".a as $x | ", ".[0] | ", "echo a | ",
        "# c\n",
        "# c\nparams a\n", "\n", ";", " ", "\\\n", "a ", "$x ", "$x[", "!a ", "!\n", "!(", "[", "as ", "def ", "|",
        "| ",
        "try { .a }\n", "each { .a }\n", "each { ", "filter f: .a;\n", "else\n", "let x = (.a) +\n", "\"\\(.a)\" ", "`",
        "echo \"a\nimages\n", "(images) | ", "images\n# c\n", "let x = (images | length)\n", "echo a\\\n", "a-",
        "a ($x) ",
        ".a | (", ".a\n# c\n\n", ". as [$a] ?// ", "if . then ", "x::", "\u{1F600}", "é", "--", "echo --a=",
        "let x = (';\n",
    ]

    /// Ten times the text takes about ten times as long, whatever it is made of.
    @Test(arguments: long) func isLinear(piece: String) {
        func time(_ size: Int) -> Double {
            let text = String(repeating: piece, count: size / piece.utf8.count)
            let source = Source(name: "long", text: text)
            var best = Double.infinity
            for _ in 0..<3 {
                let start = Self.cpuTime()
                _ = Parser.parse(source) { Dump.commands.contains($0) }
                best = min(best, Self.cpuTime() - start)
            }
            return best
        }
        let small = time(10_000)
        let large = time(100_000)
        // Linear is 10, quadratic 100; the constant keeps timer noise out.
        #expect(large < small * 40 + 0.05, "\(piece.debugDescription): \(small) s and \(large) s")
    }

    /// Seconds that this thread has run: other tests beside this one do not count.
    private static func cpuTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}
