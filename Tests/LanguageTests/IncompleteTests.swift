import Testing

@testable import Language

struct IncompleteTests {
    static let incomplete = [
        "images |", "images |  ", "images | # c", "echo 'a", "echo \"a", "echo \"a \\(.b", "echo (", "echo (images",
        "echo $(",
        "echo \\", "echo a \\", "images \\\n", "each {", "each { echo a", "each { images |", "if (.a) {", "if (.a)",
        "if (",
        "if (.a) { .b } else", "if (.a) { .b } else if (.c) {", "for x in (.a)", "for x in (", "for x in (.a) {",
        "while (.a) {", "def f(a) {", "def f(a", "def f {", "try {", "try { .a } catch e", "try { .a } catch e {",
        ".a |",
        ".a +", ".a,", ".a as $x", ".a as $x |", "[1,", "{a:", "(.a", "\"abc", "\"a\\(.b", "if .a then",
        "if .a then .b",
        "def f: .x", "def f: .x;", "reduce .[] as $x", "reduce .[] as $x (0;", "label $x |", "try", "filter f:",
        "filter f: .a |", "!echo 'a", "!(ls", "!echo \"a", "params a,", "let x = (", "let x = [", "return (",
        "echo $x[",
        "images | map(", "\"a\nb", "jq '.a", "let x = .a |", ".a and", ".a //", "each { if (.a) { .b }", "$x |",
        "let x = (images | length",
    ]

    static let whole = [
        "", " ", "# c", "images", "images nginx", ".a", "let x = 1", "each { .a }", "if (.a) { .b }",
        "if .a then .b else .c end",
        "!ls", "echo a;", "def f { .a }", "filter f: .a;", "images\n", "echo ()", "}", "let", "let x", "let x =", "jq",
        "jq '('",
        "for x of", "for x in y", "fail", "source", "echo )", "| images", "images | | x", "echo > x", "!",
        "images | ) (",
        "each { ) {", ".a) + (", "{a: (]", "params", "params a b", "return", "exit 3", "break", "echo $", "echo $x",
        "'a",
    ]

    @Test(arguments: incomplete) func asksForMore(_ text: String) {
        #expect(Parser.isIncomplete(Source(name: "p", text: text)) { Dump.commands.contains($0) })
        // In a file a `\` before the last line end does no harm.
        #expect(!Dump.parse(text).1.isEmpty || text.hasSuffix("\\\n"))
    }

    @Test(arguments: whole) func isDone(_ text: String) {
        #expect(!Parser.isIncomplete(Source(name: "p", text: text)) { Dump.commands.contains($0) })
    }
}
