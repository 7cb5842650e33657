import Fixtures
import Foundation
import JSON
import Testing

/// Plugins through the built dsh: found, called, completed, interrupted; and those that ship with it.
@Suite struct PluginTests {
    /// `scripts/` of the tree that the tests were built from.
    private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scripts").path

    private func sandbox() -> Sandbox { Sandbox(registry: nil) }

    @discardableResult
    private func install(_ sandbox: Sandbox, _ name: String, metadata: String = "{}", _ body: String) -> String {
        let path = sandbox.directory.write(
            "home/data/dsh/plugins/dsh-\(name)",
            """
            #!/usr/bin/env python3
            import json, os, signal, sys, time
            if sys.argv[1] == "metadata":
                print(json.dumps({"protocol": 1, "name": "\(name)", "summary": "made for a test", **\(metadata)}))
                sys.exit()
            def say(kind, **members):
                sys.stdout.write(json.dumps({"type": kind, **members}) + "\\n")
                sys.stdout.flush()
            def hear():
                line = sys.stdin.readline()
                return json.loads(line) if line else None
            assert hear()["type"] == "hello"
            say("hello", protocol=1)
            call = hear()
            \(body)
            """)
        chmod(path, 0o755)
        return path
    }

    private func file(_ sandbox: Sandbox, _ name: String) -> String {
        readFile(sandbox.directory.path + "/" + name).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func isRunning(_ process: pid_t) -> Bool {
        let status = readFile("/proc/\(process)/stat").map { String(decoding: $0, as: UTF8.self) } ?? ""
        // `PID (name) state …`; a zombie only waits to be taken.
        return status.split(separator: ")").last.map { !$0.hasPrefix(" Z") } ?? false
    }

    private func slow(_ sandbox: Sandbox, stubborn: Bool = false) {
        let root = sandbox.directory.path
        install(
            sandbox, "slow",
            """
            \(stubborn ? "for number in (signal.SIGTERM, signal.SIGINT): signal.signal(number, signal.SIG_IGN)" : "")
            open("\(root)/pid", "w").write(str(os.getpid()))
            for number in range(10000):
                say("value", value={"Number": number})
                open("\(root)/made", "w").write(str(number + 1))
                time.sleep(0.01)
            say("done")
            """)
    }

    @Test func aPluginIsACommandLikeAnyOther() {
        let sandbox = sandbox()
        install(
            sandbox, "greet",
            metadata:
                #"{"options": [{"name": "name", "summary": "whom"}], "result": {"kind": "stream", "fields": [{"name": "Text", "column": "TEXT"}]}}"#,
            #"say("value", value={"Text": "hello " + (call["options"]["name"] or "you"), "More": 1}); say("done")"#)
        #expect(sandbox.dsh("greet --name me | .Text").text == "\"hello me\"")
        #expect(
            sandbox.start(["-o", "table", "-c", "greet"]).wait().output.split(separator: "\n").map {
                $0.trimmingCharacters(in: .whitespaces)
            } == ["TEXT", "hello you"])
        #expect(sandbox.dsh("help greet").output.contains("--name TEXT  whom"))
        #expect(sandbox.dsh("help | map(select(.Category == \"Plugins\")) | .[0].Name").text == "\"greet\"")
        #expect(sandbox.dsh("which greet | .[0].Kind").text == "\"plugin\"")
        #expect(sandbox.dsh("help plugins").output.hasPrefix("PLUGINS"))
        let wrong = sandbox.dsh("greet --nmae me")
        expectFailure(wrong, code: "usage", exit: 2)
        #expect(wrong.errors.contains("did you mean --name?"), "\(wrong)")
    }

    @Test func whatItSaysCannotDriveTheTerminal() {
        let sandbox = sandbox()
        install(
            sandbox, "rude",
            #"""
            sys.stderr.write("on \x1b[31mred\x07\n"); sys.stderr.flush()
            say("log", message="log \x1b]0;title\x07")
            say("error", code="failed", message="error \x1b[2J", hint="hint \u202e")
            """#)
        let result = sandbox.dsh("rude")
        #expect(result.code == 1)
        #expect(!result.errors.contains("\u{1B}") && !result.errors.contains("\u{202E}"), "\(result)")
        for text in [
            #"rude: on \x1b[31mred\x07"#, #"rude: log \x1b]0;title\x07"#, #"error \u{1b}[2J"#, #"hint \u{202e}"#,
        ] {
            #expect(result.errors.contains(text), "\(text) in \(result)")
        }
    }

    @Test func aPipeThatClosesEarlyEndsThePlugin() throws {
        let sandbox = sandbox()
        slow(sandbox)
        let start = ContinuousClock.now
        let result = sandbox.tool(
            "bash", "-c", "\"$0\" -o jsonl -c 'slow | select(.Number % 2 == 0)' | head -n 3", Sandbox.binary)
        #expect(result.output == "{\"Number\":0}\n{\"Number\":2}\n{\"Number\":4}\n", "\(result)")
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(try #require(Int(file(sandbox, "made"))) < 3000)
        #expect(!isRunning(try #require(pid_t(file(sandbox, "pid")))))
    }

    @Test(arguments: [false, true]) func controlCEndsThePluginAndNotTheShell(stubborn: Bool) throws {
        let sandbox = sandbox()
        slow(sandbox, stubborn: stubborn)
        let terminal = sandbox.terminal()
        try #require(terminal.expect("dsh>"), "\(terminal.history)")
        terminal.send("slow | .Number | select(. < 0)\r")
        let end = ContinuousClock.now + .seconds(15)
        while Int(file(sandbox, "made")) ?? 0 < 3, ContinuousClock.now < end { usleep(20_000) }
        terminal.send("\u{3}")
        #expect(terminal.expect("interrupted"), "\(terminal.history)")
        #expect(!isRunning(try #require(pid_t(file(sandbox, "pid")))))
        terminal.send("40 + 2\r")
        #expect(terminal.expect("\n42"), "\(terminal.history)")
        terminal.send("exit\r")
        #expect(terminal.waitForEnd() == 0)
    }

    @Test func terminationEndsThePluginWithAnExitStatus() throws {
        let sandbox = sandbox()
        slow(sandbox)
        let child = sandbox.start(["-c", "try { slow } catch e { \"caught\" }"])
        let end = ContinuousClock.now + .seconds(15)
        while Int(file(sandbox, "made")) ?? 0 < 3, ContinuousClock.now < end { usleep(20_000) }
        kill(child.id, SIGTERM)
        let result = child.wait()
        #expect(result.code == 143, "\(result)")
        #expect(!result.output.contains("caught"))
        #expect(!isRunning(try #require(pid_t(file(sandbox, "pid")))))
    }

    @Test func tabCompletesNamesOptionsChoicesAndWhatThePluginOffers() throws {
        let sandbox = sandbox()
        install(
            sandbox, "greeting",
            metadata: """
                {"completes": True, "options": [{"name": "language", "choices": ["german", "french"]}, {"name": "person"}]}
                """,
            """
            if call["type"] == "complete":
                say("candidates", candidates=[name for name in ["grace", "ada"] if name.startswith(call["prefix"])])
            else:
                say("value", value=call["options"]); say("done")
            """)
        #expect(sandbox.dsh("help greeting").code == 0)
        let terminal = sandbox.terminal()
        try #require(terminal.expect("dsh>"), "\(terminal.history)")
        terminal.send("gree\t")
        #expect(terminal.expect("dsh> greeting"), "\(terminal.history)")
        terminal.send("--la\t")
        #expect(terminal.expect("greeting --language"), "\(terminal.history)")
        terminal.send("fr\t")
        #expect(terminal.expect("--language french"), "\(terminal.history)")
        terminal.send("--person gr\t")
        #expect(terminal.expect("--person grace"), "\(terminal.history)")
        terminal.send("| .language\r")
        #expect(terminal.expect("\nfrench"), "\(terminal.history)")
        terminal.send("plugin in\tgreet\t\r")
        #expect(terminal.expect("made for a test"), "\(terminal.history)")
    }

    @Test func progressIsShownOnATerminalAndGoesAway() throws {
        let sandbox = sandbox()
        install(
            sandbox, "long",
            """
            say("progress", label="reading", done=3, total=4)
            time.sleep(0.5)
            say("value", value="ready")
            say("done")
            """)
        let terminal = sandbox.terminal()
        try #require(terminal.expect("dsh>"), "\(terminal.history)")
        terminal.send("long\r")
        #expect(terminal.expect("long: reading 3/4 (75%)"), "\(terminal.history)")
        #expect(terminal.expect("\nready"), "\(terminal.history)")
        #expect(!terminal.screen.contains("75%"), "\(terminal.screen)")
    }

    /// A shell that needs no plugin looks for none.
    @Test func knownWordsTouchNoPluginFolder() throws {
        let sandbox = sandbox()
        try #require(runTool("sh", "-c", "command -v strace").code == 0, "strace is needed")
        let log = sandbox.directory.path + "/trace"
        let result = sandbox.tool(
            "strace", "-f", "-e", "trace=%file", "-o", log, Sandbox.binary, "-c",
            "images | map(.Size) | add // 0 | length")
        try #require(result.code == 0, "\(result)")
        #expect(!file(sandbox, "trace").contains("home/data/dsh"))
        #expect(!file(sandbox, "trace").contains("bin/dsh-"))
    }

    // MARK: Those that ship

    @Test func packagesListsWhatIsInAnImage() throws {
        let sandbox = sandbox()
        let root = sandbox.directory.path + "/root"
        sandbox.directory.write("root/etc/os-release", "NAME=x\nID=debian\nVERSION_ID=\"12\"\n")
        sandbox.directory.write(
            "root/var/lib/dpkg/status",
            """
            Package: libssl3
            Status: install ok installed
            Installed-Size: 6021
            Architecture: amd64
            Source: openssl (3.0.1)
            Version: 3.0.11-1~deb12u2
            Description: a library
             of several lines

            Package: removed
            Status: deinstall ok config-files
            Version: 1

            Package: zlib1g
            Status: install ok installed
            Architecture: amd64
            Version: 1:1.2.13
            """)
        sandbox.directory.write("alpine/etc/os-release", "ID=alpine\nVERSION_ID=3.19.1\n")
        sandbox.directory.write(
            "alpine/lib/apk/db/installed",
            "P:musl\nV:1.2.4-r2\nA:x86_64\nI:634880\no:musl\nF:lib\nR:libc.so\n\nP:busybox\nV:1.36.1\nA:x86_64\nI:1\n")
        #expect(sandbox.dsh("import '\(root)' debian:12\nimport '\(sandbox.directory.path)/alpine' alpine:3").code == 0)
        #expect(sandbox.dsh("plugin add '\(Self.scripts)/plugins/dsh-packages'").code == 0)
        let found = value(sandbox.dsh("packages debian:12 | collect"))
        #expect(found.arrayValue?.map { $0["Package"] ?? .null } == ["libssl3", "zlib1g"])
        #expect(found[0]?["Version"] == "3.0.11-1~deb12u2")
        #expect(found[0]?["Size"] == .number(6_165_504))
        #expect(found[0]?["Source"] == "openssl")
        #expect(found[0]?["Distribution"] == "debian-12")
        #expect(found[1]?["Purl"] == "pkg:deb/debian/zlib1g@1%3A1.2.13?arch=amd64&distro=debian-12")
        #expect(
            value(
                sandbox.dsh(
                    "images | packages --type apk --files | select(.Package == \"musl\") | [.Image, .Size, .Files]"))
                == ["alpine:3", 634_880, ["/lib/libc.so"]])
        #expect(sandbox.dsh("images | packages -n '*ss*' | .Package").text == "\"libssl3\"")
        expectFailure(sandbox.dsh("packages ghost"), code: "not_found")
        expectFailure(sandbox.dsh("packages debian:12 --type rpm"), code: "usage", exit: 2)
        expectFailure(
            sandbox.dsh("packages debian:12 --platform linux/s390x; packages debian:12 --platform no"),
            code: "no_matching_platform")
    }

    @Test func basesTellsWhatIsBuiltOnWhat() throws {
        let sandbox = Sandbox()
        #expect(sandbox.dsh("plugin add '\(Self.scripts)/plugins/bases.dsh' | map(.Name)").text.contains("bases"))
        #expect(sandbox.dsh("bases").output == "")
        #expect(sandbox.dsh("pull -q node:20-alpine lab/big:1 alpine:3.19").code == 0)
        let all = value(sandbox.dsh("bases | [.Reference, .Base, .Layers - .Own] | collect"))
        #expect(
            sorted(all) == [
                ["alpine:3.19", .null, 0], ["lab/big:1", .null, 0], ["node:20-alpine", "alpine:3.19", 1],
            ])
        #expect(value(sandbox.dsh("bases 'node*' | [.Reference]")) == ["node:20-alpine"])
        #expect(sandbox.dsh("help bases").output.contains("built on which others"))
    }
}
