import Fixtures
import Foundation
import JSON
import Testing

/// The other two doors: `-c` and script files.
@Suite struct ScriptTests {
    private func images() throws -> Sandbox {
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull -q nginx:1.25 nginx:alpine alpine:3.19")
        try #require(pulled.code == 0, "\(pulled)")
        return sandbox
    }

    @Test func theIssuesOwnLinesRun() throws {
        let sandbox = try images()
        #expect(Int(sandbox.dsh("images | map(.Size) | add").text) ?? 0 > 1_000_000)
        #expect(sandbox.dsh("images nginx | sort_by(-.Size) | .[0].Reference").text == "\"nginx:1.25\"")
        #expect(sandbox.dsh("inspect nginx:1.25 | .[0].RootFS.Layers | length").text == "3")
        #expect(sandbox.dsh("inspect nginx:1.25 | .[0].Config.Cmd | join(\" \")").text == "\"nginx -g daemon off;\"")
        #expect(sandbox.dsh("history nginx:1.25 | length").text == "9")
        #expect(sandbox.dsh("tag nginx:1.25 myuser/my-app:v2.0").code == 0)
        let plan = sandbox.dsh("rmi nginx:1.25 myuser/my-app:v2.0 --dry-run")
        #expect(plan.code == 0, "\(plan)")
        #expect(value(sandbox.dsh("images")).arrayValue?.count == 4)
        let done = sandbox.dsh("rmi nginx:1.25 myuser/my-app:v2.0")
        #expect(done.output == plan.output, "a dry run and the run tell the same story")
        #expect(value(sandbox.dsh("images | map(.Reference) | sort")) == ["alpine:3.19", "nginx:alpine"])
        #expect(expectValidStore(sandbox.store).unreferenced.isEmpty)
    }

    @Test func aScriptHasLetForAndArguments() throws {
        let sandbox = try images()
        let result = sandbox.script(
            """
            # What the images given weigh.
            let limit = 1000
            for reference in ($args) {
                let document = inspect $reference
                $document[0] | {name: .RepoTags[0], large: (.Size > $limit)}
            }
            images | length
            """, "nginx:1.25", "alpine:3.19")
        #expect(result.code == 0, "\(result)")
        #expect(
            result.output.filter { !$0.isWhitespace }
                == #"{"name":"nginx:1.25","large":true}{"name":"alpine:3.19","large":true}3"#, "\(result)")
    }

    @Test func anErrorInAScriptNamesItsPlace() {
        let sandbox = Sandbox(registry: nil)
        let result = sandbox.script("let a = 1\n\ninspect no-such-image\n\"not reached\"\n")
        expectFailure(result, code: "not_found")
        #expect(result.errors.contains("script.dsh:3:"), "\(result)")
        #expect(result.errors.contains("^"), "\(result)")
        #expect(!result.output.contains("not reached"))
    }

    @Test(arguments: ["images | map(", "let = 3", "for x in (1 {", "\"open", "images | )"])
    func aSyntaxErrorIsFoundBeforeAnythingRuns(text: String) {
        let sandbox = Sandbox(registry: nil)
        let result = sandbox.script("\"ran\"\n" + text + "\n")
        #expect(result.code == 2, "\(result)")
        #expect(!result.output.contains("ran"), "\(result)")
        #expect(result.errors.contains("script.dsh:2:"), "\(result)")
    }

    @Test func aFilterErrorHasItsCode() {
        expectFailure(Sandbox(registry: nil).dsh("1 | error(\"mine\")"), code: "filter")
        expectFailure(Sandbox(registry: nil).dsh("{} | .a.b.c | keys"), code: "filter")
    }

    @Test(arguments: [
        ("1, 2", "-o jsonl", "1\n2\n"), ("\"a\\nb\"", "-r", "a\nb\n"),
        ("[1,{a:null}]", "-o jsonl", "[1,{\"a\":null}]\n"),
        ("{a: [1]}", "-o json", "{\n  \"a\": [\n    1\n  ]\n}\n"), ("\"x\"", "-o raw", "x\n"),
    ])
    func outputHasTheShapeAskedFor(text: String, options: String, expected: String) {
        let sandbox = Sandbox(registry: nil)
        let arguments = options.split(separator: " ").map(String.init) + ["-c", text]
        #expect(sandbox.start(arguments).wait().output == expected)
    }

    @Test func aPipeThatClosesEarlyIsNoError() throws {
        let sandbox = Sandbox(registry: nil)
        let result = sandbox.tool(
            "bash", "-c", "set -o pipefail; \"$0\" -o jsonl -c '[range(200000)] | .[]' | head -n 2", Sandbox.binary)
        #expect(result.output == "0\n1\n", "\(result)")
        #expect(result.errors.isEmpty, "\(result)")
    }

    /// What comes slowly is seen before the rest is made.
    @Test func slowResultsAreWrittenAsTheyCome() {
        let sandbox = Sandbox(registry: nil)
        let start = ContinuousClock.now
        // The reader leaves after the first line; what dsh waits for then is nobody's business here.
        let result = sandbox.tool(
            "bash", "-c",
            "exec {dsh}< <(exec \"$0\" -c '1; !sleep 20'); read -t 10 -u $dsh line; kill $!; echo \"got $line\"",
            Sandbox.binary)
        #expect(result.output == "got 1\n", "\(result)")
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func nothingOfTheUsersHomeIsTouchedByAFilter() {
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.write("home/.jq", "syntax error here (")
        #expect(sandbox.dsh("1 + 1").text == "2")
    }

    @Test(arguments: [
        "1e18 | todate", "[limit(100000; repeat(1))] | length", "reduce range(100000) as $i (0; [.]) | 1",
        "import \"x\" as x; 1", "\"abcdefghij\" * 1000 | length",
    ])
    func noFilterBringsTheShellDown(filter: String) {
        let result = Sandbox(registry: nil).dsh(filter)
        #expect([0, 1, 2].contains(result.code), "\(result)")
        #expect(!result.timedOut)
    }

    @Test func checkingRunsNothingAndTellsAll() {
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.write("good.dsh", "params name\n!touch ran\nimages $name | map(.Size | human)\n")
        sandbox.directory.write("bad.dsh", "!touch ran\nimags\nlet = 1\n")
        sandbox.directory.write("worse.dsh", "!touch ran\nimages --nope\n1 | nosuch\n$nobody\n")
        sandbox.directory.write("typo.dsh", "images | map(.Szie)\n")
        let files = { (names: [String]) in names.map { sandbox.directory.path + "/" + $0 } }
        let good = sandbox.start(["--check"] + files(["good.dsh"])).wait()
        #expect(good.code == 0 && good.errors.isEmpty && good.output.isEmpty, "\(good)")
        let warned = sandbox.start(["--check"] + files(["typo.dsh"])).wait()
        #expect(warned.code == 0 && warned.errors.contains("did you mean .Size?"), "\(warned)")
        let bad = sandbox.start(["--check"] + files(["bad.dsh", "good.dsh", "worse.dsh"])).wait()
        #expect(bad.code == 2, "\(bad)")
        for place in ["bad.dsh:3:5", "worse.dsh:2:8", "worse.dsh:3:5", "worse.dsh:4:1", "3 errors"] {
            #expect(bad.errors.contains(place), "\(place) in \(bad)")
        }
        #expect(!FileManager.default.fileExists(atPath: sandbox.directory.path + "/ran"))
        #expect(sandbox.start(["--check"] + files(["none.dsh"])).wait().code == 1)
    }

    @Test func formattingPrintsOrRewrites() throws {
        let sandbox = Sandbox(registry: nil)
        let ragged = "images|length;  let x=1 # one\n"
        let laid = "images | length\nlet x = 1  # one\n"
        let path = sandbox.directory.write("work/a.dsh", ragged)
        let link = sandbox.directory.path + "/work/link.dsh"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a.dsh")
        try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: path)
        #expect(sandbox.run("--fmt", path).output == laid)
        #expect(sandbox.run("--fmt", "-", input: Array(ragged.utf8)).output == laid)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == ragged)
        let bad = sandbox.directory.write("work/bad.dsh", "let = 1\n")
        let mixed = sandbox.run("--fmt", "--write", bad, link)
        #expect(mixed.code == 2 && mixed.errors.contains("bad.dsh:1:5") && mixed.output.isEmpty, "\(mixed)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == laid)
        #expect(try String(contentsOfFile: bad, encoding: .utf8) == "let = 1\n")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "a.dsh")
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o750)
        #expect(sandbox.run("--fmt").code == 2 && sandbox.run("--fmt", "--write", "-").code == 2)
        #expect(sandbox.run("--fmt", "none.dsh").code == 1)
    }

    @Test func theVersionIsTold() {
        let sandbox = Sandbox(registry: nil)
        let version = sandbox.run("--version")
        #expect(version.code == 0 && !version.text.isEmpty, "\(version)")
        #expect(sandbox.run("--help").code == 0)
        #expect(sandbox.dsh("help").code == 0)
        #expect(sandbox.dsh("help pull").code == 0)
        #expect(sandbox.dsh("version").code == 0)
        expectFailure(sandbox.run("--no-such-option"), code: "usage", exit: 2)
    }

    @Test func aScriptComesFromStandardInputToo() {
        let result = Sandbox(registry: nil).run(input: Array("let a = 20\n$a * 2 + 2\n".utf8))
        #expect(result.text == "42", "\(result)")
    }
}
