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
