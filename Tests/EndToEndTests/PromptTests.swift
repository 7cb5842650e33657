import Fixtures
import Foundation
import Testing

/// dsh at a terminal, with a user's fingers.
@Suite struct PromptTests {
    private let prompt = "dsh>"

    private func shell(_ sandbox: Sandbox, columns: Int = 100) throws -> PseudoTerminal {
        let terminal = sandbox.terminal(columns: columns)
        try #require(terminal.expect(prompt), "no prompt:\n\(terminal.history)")
        return terminal
    }

    private func images() throws -> Sandbox {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull nginx:1.25 alpine:3.19").code == 0)
        return sandbox
    }

    @Test func aResultIsATableAndTheLastResultIsADot() throws {
        let terminal = try shell(images())
        terminal.send("images\r")
        #expect(terminal.expect("1.25"), "\(terminal.history)")
        #expect(terminal.history.contains("nginx"))
        #expect(!terminal.history.contains("\"Reference\""), "JSON where a table was due:\n\(terminal.history)")
        terminal.send("map(.Reference) | sort\r")
        #expect(
            terminal.wait { $0.contains("alpine:3.19") && $0.contains("nginx:1.25") }, "\(terminal.history)")
        terminal.send("inspect nginx:1.25\r")
        terminal.send(".[0].Config.ExposedPorts | keys\r")
        #expect(terminal.expect("80/tcp"), "\(terminal.history)")
        terminal.send("exit\r")
        #expect(terminal.waitForEnd() == 0)
    }

    @Test func controlDEndsTheShell() throws {
        let terminal = try shell(Sandbox(registry: nil))
        terminal.send("\u{4}")
        #expect(terminal.waitForEnd() == 0, "\(terminal.history)")
    }

    @Test func anErrorLeavesTheShellUp() throws {
        let terminal = try shell(Sandbox(registry: nil))
        terminal.send("inspect nothing-here\r")
        #expect(terminal.expect("nothing-here"), "\(terminal.history)")
        terminal.send("40 + 2\r")
        #expect(terminal.expect("\n42"), "\(terminal.history)")
        terminal.send("[1,2\u{3}")
        terminal.send("1 + 1\r")
        #expect(terminal.expect("\n2"), "\(terminal.history)")
    }

    @Test func controlCStopsAFilterAndNotTheShell() throws {
        let terminal = try shell(Sandbox(registry: nil))
        terminal.send("[range(infinite)] | length\r")
        usleep(300_000)
        terminal.send("\u{3}")
        terminal.send("40 + 2\r")
        #expect(terminal.expect("\n42"), "\(terminal.history)")
    }

    @Test func controlCInAPullKeepsTheShellAndTheStore() throws {
        let sandbox = Sandbox()
        let terminal = try shell(sandbox)
        for _ in 1...5 {
            terminal.send("pull lab/big:1\r")
            usleep(UInt32.random(in: 10_000...90_000))
            terminal.send("\u{3}")
            usleep(100_000)
            expectValidStore(sandbox.store)
        }
        terminal.send("40 + 2\r")
        #expect(terminal.expect("\n42"), "\(terminal.history)")
        terminal.send("pull lab/big:1 | collect | length\r")
        #expect(terminal.expect("\n1"), "\(terminal.history)")
        terminal.send("exit\r")
        #expect(terminal.waitForEnd() == 0, "\(terminal.history)")
        #expect(expectValidStore(sandbox.store).references == ["docker.io/lab/big:1"])
    }

    @Test func tabCompletesCommandsAndReferences() throws {
        let terminal = try shell(images())
        terminal.send("hist\t")
        #expect(terminal.expect("dsh> history"), "\(terminal.history)")
        terminal.send("ngi\t")
        #expect(terminal.expect("history nginx"), "\(terminal.history)")
        terminal.send("\r")
        #expect(terminal.expect("STOPSIGNAL"), "\(terminal.history)")
        terminal.send("inspect nginx:1.25 | .[0].Config.Lab\t\r")
        #expect(terminal.expect("maintainer"), "\(terminal.history)")
    }

    /// What is typed, and what stands in the line behind Tab; the line is given up then.
    @Test func tabCompletesWhatCommandsTake() throws {
        let terminal = try shell(images())
        terminal.send("def shout(text, --very-loud) { $text }\r")
        let cases = [
            ("images | .[0].Refe\t", ".[0].Reference"), ("images | map(.Uni\t", "map(.UniqueSize"),
            ("images | sort_by(.Size) | map(select(.Dang\t", "map(select(.Dangling"),
            ("docker images | .[0].Refe\t", ".[0].Reference"),
            ("inspect x | .[] | .Config.Ent\t", ".Config.Entrypoint"),
            ("images | table Ref\tRepo\tSi\t", "images | table Reference Repository Size"),
            ("images | map(.) | table Reference --sort -Uni\t", "--sort -UniqueSize"),
            ("inspect x | table Config.Ent\t", "table Config.Entrypoint"),
            ("set tr\to\t", "set trace o"), ("set col\tnev\t", "set colour never"),
            ("shout --v\tx", "shout --very-loud x"),
            ("docker inspect \"ngi\t", "docker inspect \"nginx:1.25\""),
            ("inspect 'ngi\t", "inspect 'nginx:1.25'"),
            ("docker images -f reference=al\t", "-f reference=alpine:3.19"),
            ("docker images --filter=\"dangling=f\t", "--filter=\"dangling=false\""),
            ("docker images --format 'table {{.Repo\t", "'table {{.Repository"),
        ]
        for (turn, (keys, line)) in cases.enumerated() {
            // Keys that come before the prompt are shown by the terminal itself.
            let isReady = terminal.wait { $0.components(separatedBy: prompt).count == turn + 3 }
            try #require(isReady, "\(terminal.history)")
            terminal.send(keys)
            #expect(terminal.expect(line), "\(keys)\n\(terminal.history)")
            terminal.send("\u{3}")
        }
    }

    @Test func tabEscapesWhatWouldEndAWord() throws {
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.write("work/two words (1).txt", "there\n")
        let terminal = try shell(sandbox)
        terminal.send("read \(sandbox.directory.path)/work/two\t| .\r")
        #expect(terminal.expect("\nthere"), "\(terminal.history)")
    }

    /// What a line of Docker's means is the last result, as that of the command without `docker`.
    @Test func aDockerLineHasValues() throws {
        let sandbox = try images()
        let terminal = try shell(sandbox)
        let lines = [
            ("docker images", "IMAGE ID", ".[0].Tag", "1.25"),
            ("docker images nginx --format '{{.ID}}'", "", "type, length", "\n12"),
            ("docker history nginx:1.25", "CREATED BY", "map(.Size) | add | type", "number"),
            ("docker tag nginx:1.25 spare:1", "", "$last.Reference", "spare:1"),
            ("docker save -o a.tar spare:1", "", ".Status", "created"),
            ("docker rmi spare:1", "Untagged", "map(.Action)", "Untagged"),
            ("docker load -i a.tar", "Loaded", ".Reference", "spare:1"),
            ("docker pull alpine:3.19", "up to date", ".Status", "up_to_date"),
            ("docker image prune -f", "reclaimed", "length", "\n0"),
            ("def mine() { docker images }; mine", "IMAGE ID", "length", "\n3"),
            ("docker images | !cat", "IMAGE ID", "type", "string"),
            ("docker help rmi", "Usage", "split(\"\\n\")[0]", "Usage:  docker rmi [OPTIONS]"),
        ]
        var prompts = 2
        func type(_ text: String) throws -> String {
            let before = terminal.history.count
            terminal.send(text + "\r")
            prompts += 1
            try #require(terminal.wait { $0.components(separatedBy: prompt).count == prompts }, "\(terminal.history)")
            return "\n" + terminal.history.dropFirst(before + text.count)
        }
        _ = try type("cd \(sandbox.directory.path)/work")
        for (line, shown, filter, value) in lines {
            let text = try type(line)
            #expect(shown.isEmpty || text.contains(shown), "\(line)\n\(text)")
            #expect(!text.contains("\"Reference\""), "\(line)\n\(text)")
            let result = try type(filter)
            #expect(result.contains(value), "\(line)\n\(filter)\n\(result)")
        }
    }

    @Test func controlDAtAQuestionEndsItsLine() throws {
        let terminal = try shell(Sandbox(registry: nil))
        for line in ["docker image prune", "confirm Really?"] {
            terminal.send(line + "\r")
            let question = line.hasSuffix("?") ? "Really? [y/N]" : "continue? [y/N]"
            try #require(terminal.expect(question), "\(terminal.history)")
            terminal.send("\u{4}")
            #expect(terminal.wait { $0.contains(question + "\n") }, "\(terminal.history)")
            #expect(!terminal.history.contains(question + " dsh>"), "\(terminal.history)")
        }
    }

    /// What is read of an archive is shown while it comes, and gone at the end.
    @Test(arguments: ["load images.tar", "docker load -i images.tar"]) func aLoadShowsHowFarItIs(line: String) throws {
        let sandbox = try images()
        let work = sandbox.directory.path + "/work"
        try #require(sandbox.dsh("save nginx:1.25 -o whole.tar").code == 0)
        try #require(sandbox.tool("mkfifo", work + "/images.tar").code == 0)
        let terminal = try shell(sandbox)
        terminal.send("cd \(work)\r\(line)\r")
        let feed = "(head -c 100000 whole.tar; sleep 1; tail -c +100001 whole.tar) > images.tar"
        try #require(sandbox.tool("sh", "-c", feed).code == 0)
        #expect(terminal.wait { $0.contains(line.hasPrefix("docker") ? "Loaded image: nginx:1.25" : "up_to_date") })
        #expect(terminal.raw.contains("loading"), "\(terminal.raw)")
        #expect(!terminal.screen.contains("verifying"), "\(terminal.screen)")
    }

    @Test func aResultCutShortIsNotTheLastResult() throws {
        let terminal = try shell(Sandbox(registry: nil))
        terminal.send("40 + 2\r")
        #expect(terminal.expect("\n42"), "\(terminal.history)")
        terminal.send("\"first\"; range(infinite) | empty\r")
        #expect(terminal.expect("\nfirst"), "\(terminal.history)")
        terminal.send("\u{3}")
        #expect(terminal.expect("interrupted"), "\(terminal.history)")
        terminal.send(". + 1\r")
        #expect(terminal.expect("\n43"), "\(terminal.history)")
    }

    @Test func rowsOfASlowStreamAreShownAsTheyCome() throws {
        let terminal = try shell(Sandbox(registry: nil))
        terminal.send("{name: \"early\"}; !sleep 30\r")
        #expect(terminal.expect("\nearly", timeout: 10), "\(terminal.history)")
        terminal.send("\u{3}")
        #expect(terminal.expect("interrupted"), "\(terminal.history)")
    }

    @Test func historySurvivesTheSession() throws {
        let sandbox = Sandbox(registry: nil)
        do {
            let terminal = try shell(sandbox)
            terminal.send("\"remember\" + \" me\"\r")
            #expect(terminal.expect("remember me"), "\(terminal.history)")
            terminal.send("exit\r")
            #expect(terminal.waitForEnd() == 0)
        }
        let terminal = try shell(sandbox)
        // Up twice where the first is `exit`, once where that is not kept: the search finds it either way.
        terminal.send("\u{12}remember\r")
        #expect(terminal.wait { $0.components(separatedBy: "remember me").count > 1 }, "\(terminal.history)")
    }

    @Test func aLineThatIsNotCompleteGoesOn() throws {
        let terminal = try shell(Sandbox(registry: nil))
        terminal.send("[1, 2,\r")
        terminal.send("39] | add\r")
        #expect(terminal.expect("\n42"), "\(terminal.history)")
        terminal.send("1 + 1 |\r")
        terminal.send(". + 100\r")
        #expect(terminal.expect("\n102"), "\(terminal.history)")
    }

    @Test func textFromOutsideCannotDriveTheTerminal() throws {
        let terminal = try shell(Sandbox(registry: nil))
        terminal.send("\"a\\u001b[31mb\\u001b]0;title\\u0007\"\r")
        #expect(terminal.wait { $0.components(separatedBy: prompt).count > 2 }, "\(terminal.history)")
        #expect(!terminal.raw.contains("\u{1b}[31mb"), "\(terminal.raw)")
        #expect(!terminal.raw.contains("\u{1b}]0;title"), "\(terminal.raw)")
    }

    @Test func tablesFitANarrowTerminal() throws {
        let terminal = try shell(images(), columns: 40)
        terminal.send("images\r")
        #expect(terminal.wait { $0.components(separatedBy: prompt).count > 2 }, "\(terminal.history)")
        let rows = terminal.history.split(separator: "\n").filter { $0.contains("nginx") }
        #expect(rows.count == 1, "\(terminal.history)")
    }

    @Test func aPullShowsBarsAndEndsWithAResult() throws {
        let registry = StubRegistry()
        defer { registry.stop() }
        registry.add(StandardImages.named("lab/big", "1"), "lab/big", tags: ["1"])
        registry.rule("blobs/", .delivery(.slow(piece: 200_000, milliseconds: 60)))
        let terminal = try shell(Sandbox(registry: nil))
        terminal.send("pull \(registry.host)/lab/big:1\r")
        #expect(terminal.expect("MB/s"), "no progress:\n\(terminal.raw)")
        #expect(terminal.wait { $0.components(separatedBy: prompt).count > 2 }, "\(terminal.history)")
        #expect(terminal.screen.contains("\(registry.host)/lab/big:1"))
        #expect(!terminal.screen.contains("\"Reference\""), "JSON where a table was due:\n\(terminal.screen)")
        #expect(!terminal.screen.contains("MB/s"), "bars stay behind:\n\(terminal.screen)")
    }
}
