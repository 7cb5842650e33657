import Shell
import Testing

@Suite struct InterpreterTests {
    struct Case: Sendable {
        let script: String
        var arguments: [String] = []
        let output: [String]
    }

    static let runs: [Case] = [
        Case(script: "1 + 1", output: ["2"]),
        Case(script: "1, 2 | . * 10", output: ["10", "20"]),
        Case(script: "images | length", output: ["3"]),
        Case(script: "images | map(.Size) | add", output: ["6000"]),
        Case(script: "images nginx | .[0].Reference", output: [#""nginx:1.25""#]),
        Case(script: "images nginx | sort_by(-.Size) | .[0].Reference", output: [#""nginx:1.25""#]),
        Case(script: "let a = 1\nlet b = $a + 1\n$b", output: ["2"]),
        Case(script: "let a = empty\n$a", output: ["null"]),
        Case(script: "let a = [1,2]; $a | length", output: ["2"]),
        Case(script: "for x in ([1,2,3]) { $x * $x }", output: ["1", "4", "9"]),
        Case(script: "for x in (1, 2) { $x }", output: ["1", "2"]),
        Case(script: "for x in ([1,2,3]) { if ($x == 2) { continue }\n$x }", output: ["1", "3"]),
        Case(script: "for x in ([1,2,3]) { if ($x == 2) { break }\n$x }", output: ["1"]),
        Case(script: "let n = 0\nwhile ($n < 3) { let n = $n + 1 }\n$n", output: ["3"]),
        Case(script: "if (1 > 2) { 1 } else if (false) { 2 } else { 3 }", output: ["3"]),
        Case(script: "if (empty) { 1 } else { 2 }", output: ["2"]),
        Case(script: "def twice(x) { $x * 2 }\ntwice (21)", output: ["42"]),
        Case(
            script: #"""
                def greet(name = "you", --loud) { if ($loud) { "HEY \($name)" } else { "hi \($name)" } }
                greet; greet me --loud
                """#,
            output: [#""hi you""#, #""HEY me""#]),
        Case(script: "def half() { . / 2 }\n10, 20 | half", output: ["5", "10"]),
        Case(script: "def f(n) { if ($n > 0) { $n; f ($n - 1) } }\nf (3)", output: ["3", "2", "1"]),
        Case(script: "def f() { return (7); 8 }\nf", output: ["7"]),
        Case(script: "later\ndef later() { 5 }", output: ["5"]),
        Case(script: "try { fail \"no\" } catch e { $e.code, $e.message }", output: [#""failed""#, #""no""#]),
        Case(
            script: "try { inspect ghost } catch e { $e.code, $e.command }", output: [#""not_found""#, #""inspect""#]),
        Case(script: "try { error({a: 1}) } catch e { $e.value }", output: [#"{"a":1}"#]),
        Case(script: "assert (1 == 1) \"fine\"; 1", output: ["1"]),
        Case(script: "$args", arguments: ["a", "b"], output: [#"["a","b"]"#]),
        Case(
            script: "params first, rest…\n$first, $rest", arguments: ["a", "b", "c"], output: [#""a""#, #"["b","c"]"#]),
        Case(
            script: "params --flag, --option = 'x'\n$flag, $option", arguments: ["--flag"], output: ["true", #""x""#]),
        Case(script: "tag nginx:1.25 \"my/\\(\"a\" + \"b\"):v1\" | .Reference", output: [#""my/ab:v1""#]),
        Case(script: "let t = \"v2\"\ntag nginx:1.25 app:$t | .Reference", output: [#""app:v2""#]),
        Case(script: "let r = images | .[0]\ntag $r.Reference app | .Reference", output: [#""app:latest""#]),
        Case(
            script: "images | map(select(.Size > 1500)) | rmi --dry-run | map(.Subject)",
            output: [#"["nginx:1.25","node:20"]"#]),
        Case(script: "images | .[].Reference | rmi | length\nimages | length", output: ["3", "0"]),
        Case(script: "rmi (images | .[0]) | map(.Subject)", output: [#"["alpine:3.19"]"#]),
        Case(script: "rmi $(images | .[:2]) | length", output: ["2"]),
        Case(script: "images | .[].Repository | collect", output: [#"["alpine","nginx","node"]"#]),
        Case(script: "!echo hello", output: [#""hello""#]),
        Case(script: "{a: [1, 2]} | !cat | fromjson | .a[1]", output: ["2"]),
        Case(script: "let odd = \"it's \\\"odd\\\"\"\n!printf %s \\($odd)", output: [#""it's \"odd\"""#]),
        Case(script: "jq '. + 1' ", output: ["1"]),
        Case(script: "filter double(f): f * 2;\n4 | double(.)", output: ["8"]),
        Case(script: "images -q=true | length", output: ["3"]),
        Case(script: "images --quiet=false | .[0] | type", output: [#""object""#]),
        Case(script: "history -H=false nginx:1.25 | length", output: ["0"]),
        Case(script: "history --human=true --no-trunc=0 nginx:1.25 | length", output: ["0"]),
        Case(script: "images -- --quiet=false | length", output: ["0"]),
        Case(script: "images # all of them\n| length  # three", output: ["3"]),
        Case(script: "images |\n  length", output: ["3"]),
        Case(script: "", output: []),
        Case(script: "exit", output: []),
    ]

    @Test(arguments: runs) func gives(_ item: Case) async {
        let outcome = await run(item.script, arguments: item.arguments)
        let failure = outcome.error == "exit 0" ? nil : outcome.error
        #expect(failure == nil)
        #expect(outcome.output == item.output)
    }

    struct Failure: Sendable {
        let script: String
        let error: String
        let position: String
    }

    static let failures: [Failure] = [
        Failure(script: "1\nfail \"stop here\"", error: "failed: stop here", position: "2:1"),
        Failure(script: "let a = 1, 2", error: "usage: a takes one value, and the pipeline gave 2", position: "1:9"),
        Failure(script: "let a = 1\n$b", error: "usage: unknown variable $b", position: "2:1"),
        Failure(script: "inspect ghost", error: "not_found: no such image: ghost", position: "1:1"),
        Failure(
            script: "images --surprise", error: "usage: images has no option --surprise", position: "1:8"),
        Failure(script: "images --quiet=x", error: "usage: --quiet takes no value", position: "1:8"),
        Failure(script: "rmi", error: "usage: rmi needs at least one image", position: "1:1"),
        Failure(script: "images | version", error: "usage: version takes nothing from the pipe", position: "1:10"),
        Failure(script: "null | rmi", error: "usage: null cannot be an argument", position: "1:8"),
        Failure(
            script: "def f() { f }\nf", error: "failed: f calls itself more than 200 levels deep", position: "1:11"),
        Failure(script: "def f(a) { $a }\nf", error: "usage: f needs a", position: "2:1"),
        Failure(script: "def f(a) { $a }\nf 1 2", error: "usage: f takes 1 argument, not 2", position: "2:1"),
        Failure(script: "def f(--loud) { 1 }\nf --lout", error: "usage: f has no option --lout", position: "2:1"),
        Failure(script: "assert (1 == 2) \"sums\"", error: "failed: sums", position: "1:8"),
        Failure(script: "!exit 3", error: "external: !exit 3 failed with exit status 3", position: "1:1"),
        Failure(script: "exit (300)", error: "usage: exit takes a number from 0 to 255, not 300", position: "1:1"),
        Failure(script: "tag a 'UPPER'", error: "invalid_reference: invalid", position: "1:1"),
    ]

    @Test(arguments: failures) func fails(_ item: Failure) async {
        let outcome = await run(item.script)
        #expect(outcome.error == item.error)
        #expect(outcome.position == item.position)
    }

    @Test func aMistakeAnywhereStopsBeforeTheFirstStatement() async {
        let outcome = await run("images | rmi\n.a[")
        #expect(outcome.output == [])
        #expect(outcome.error?.hasPrefix("syntax") == true)
    }

    /// The usual slip with commands that list: `images` gives one array, not its elements.
    @Test func anArrayTakenForItsElementsIsExplained() async {
        let error = await runScript("images | select(.Size > 1)").error as? ShellError
        #expect(error?.message == "Cannot index array with string \"Size\"")
        #expect(error?.hint?.contains("map(…)") == true)
    }
}
