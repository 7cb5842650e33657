import Fixtures
import Foundation
import JSON
import Shell
import Synchronization
import Testing

/// Whatever a plugin does wrong is a clear error of its own, in bounded time, and the shell goes on.
@Suite struct MisbehavingPluginTests {
    struct Case: Sendable {
        let name: String
        let body: String
        /// After `the plugin bad `.
        let error: String
        var output: [String] = []
        var metadata = ""
    }

    static let cases: [Case] = [
        Case(name: "ends at once", body: "exit 3", error: "ended with exit status 3"),
        Case(name: "ends in the call", body: "hello; exit 0", error: "ended without saying that it was done"),
        Case(name: "crashes", body: "hello; kill -SEGV $$", error: "was ended by SIGSEGV"),
        Case(
            name: "crashes after a value", body: #"hello; echo '{"type":"value","value":1}'; kill -KILL $$"#,
            error: "was ended by SIGKILL", output: ["1"]),
        Case(
            name: "prints for people", body: "hello; echo 'Traceback (most recent call last):'",
            error: "wrote what is not JSON, in line 2 of its output: Traceback (most recent call last):"),
        Case(
            name: "half a line", body: #"hello; printf '{"type":"val'"#,
            error: "ended in the middle of a line without saying that it was done"),
        Case(
            name: "a long line", body: "hello; head -c 100000 /dev/zero | tr '\\0' x; echo",
            error: "wrote a line of more than 64 KiB"),
        Case(
            name: "an endless line", body: "hello; tr '\\0' x </dev/zero",
            error: "wrote a line of more than 64 KiB"),
        Case(
            name: "no UTF-8", body: #"hello; printf '{"type":"value","value":"\377"}\n'"#,
            error: "wrote what is not UTF-8, in line 2 of its output"),
        Case(
            name: "too deep", body: "hello; printf '%0300d\\n' 0 | tr 0 '['",
            error: "wrote what is not JSON, in line 2 of its output: " + String(repeating: "[", count: 120) + "…"),
        Case(
            name: "no message", body: "hello; echo '[1]'",
            error: "wrote what is no message, in line 2 of its output: [1]"),
        Case(
            name: "an unknown message", body: #"hello; echo '{"type":"sing"}'"#,
            error: "wrote a message of unknown type, in line 2 of its output: sing"),
        Case(
            name: "no value", body: #"hello; echo '{"type":"value"}'"#,
            error: "wrote a value message without `value`, in line 2 of its output"),
        Case(name: "no hello", body: #"echo '{"type":"done"}'"#, error: "did not say hello first"),
        Case(name: "two hellos", body: #"hello; echo '{"type":"hello","protocol":1}'"#, error: "said hello twice"),
        Case(name: "hangs before hello", body: "sleep 60", error: "did not answer within 3 s of its start"),
        Case(
            name: "hangs in the call", body: "hello; sleep 60", error: "has said nothing for 1 s",
            metadata: #""silence":1"#),
        Case(
            name: "hangs and ignores signals", body: "trap '' TERM INT; hello; while :; do sleep 1; done",
            error: "has said nothing for 1 s", metadata: #""silence":1"#),
        Case(
            name: "closes its output", body: "hello; exec 1>&-; sleep 60",
            error: "closed its output without saying that it was done"),
        Case(
            name: "asks for no pipeline", body: #"hello; echo '{"type":"run"}'"#,
            error: "asked to run what is no pipeline, in line 2 of its output"),
        Case(
            name: "wrong answer", body: #"hello; echo '{"type":"candidates"}'"#, error: "offered completions in a call"),
    ]

    @Test(arguments: cases) func isAnErrorOfItsOwn(_ item: Case) async {
        let fixture = PluginFixture()
        fixture.shell("bad", metadata: item.metadata, item.body)
        let session = fixture.session()
        let start = ContinuousClock.now
        let outcome = await fixture.run("bad", in: session)
        #expect(outcome.error == "external: the plugin bad " + item.error, "\(item.name)")
        #expect(outcome.output == item.output, "\(item.name)")
        #expect(outcome.position == "1:1")
        #expect(ContinuousClock.now - start < .seconds(30), "\(item.name)")
        let after = await fixture.run("try { bad } catch e { $e.command }\n40 + 2", in: session)
        #expect(after.output.suffix(2) == [#""bad""#, "42"], "\(item.name)")
    }

    @Test func anotherVersionIsToldApart() async {
        let fixture = PluginFixture()
        fixture.shell("new", #"read -r line; echo '{"type":"hello","protocol":7}'"#)
        #expect(
            await fixture.run("new").error
                == "unsupported: the plugin new speaks version 7 of the protocol, and this dsh version 1")
    }

    static let starts: [(text: String, error: String)] = [
        ("#!/no/such/interpreter\n", "cannot be started: No such file or directory: "),
        ("\u{7F}ELF nonsense", "cannot be started: Exec format error: "),
        ("#!/bin/sh\nexit 4\n", "fails with exit status 4 when asked for its metadata"),
        ("#!/bin/sh\nkill -SEGV $$\n", "was ended by SIGSEGV when asked for its metadata"),
        ("#!/bin/sh\nsleep 60\n", "did not give its metadata within 3 s"),
        ("#!/bin/sh\necho oops\n", "has metadata that is not JSON: "),
        ("#!/bin/sh\nprintf '\"\\377\"'\n", "has metadata that is not UTF-8"),
        ("#!/bin/sh\nyes\n", "has metadata of more than 1024 KiB"),
        ("#!/bin/sh\ntr '\\0' x </dev/zero\n", "has metadata of more than 1024 KiB"),
        ("#!/bin/sh\necho '[]'\n", "has metadata of no use: it is an array, not an object"),
        (
            "#!/bin/sh\necho '{\"name\":\"other\"}'\n",
            "has metadata of no use: it names it `other`; the file's name says `bad`"
        ),
    ]

    @Test(arguments: starts.indices) func badMetadataIsAnErrorOfItsOwn(_ index: Int) async {
        let (text, error) = Self.starts[index]
        let fixture = PluginFixture()
        fixture.program("bad", text)
        let outcome = await fixture.run("bad")
        #expect(outcome.error?.hasPrefix("external: the plugin bad " + error) == true, "\(outcome)")
    }

    @Test func itsOwnErrorKeepsItsCode() async {
        let fixture = PluginFixture()
        fixture.python("own", #"say("error", code="not_found", message="no\nsuch", hint="look")"#)
        let outcome = await fixture.run("try { own } catch e { $e.code, $e.message, $e.hint, $e.command }")
        #expect(outcome.output == [#""not_found""#, #""no such""#, #""look""#, #""own""#])
    }

    @Test(arguments: ["interrupted", "broken_pipe", "Not A Word", ""])
    func aCodeThatIsNoneOfAPluginsIsExternal(code: String) async {
        let fixture = PluginFixture()
        fixture.shell("own", #"hello; echo '{"type":"error","code":"\#(code)","message":"no"}'"#)
        #expect(await fixture.run("own").error == "external: no")
    }

    @Test func standardErrorIsShownLineByLineAndExplainsAnEnd() async {
        let fixture = PluginFixture()
        fixture.shell("loud", "hello; echo one >&2; echo; printf 'two\\nthree' >&2; exit 1")
        let outcome = await fixture.run("try { loud } catch e { $e.hint }")
        #expect(outcome.output == [#""it said: three""#])
        #expect(fixture.notes.withLock { $0 } == ["loud: one", "loud: two", "loud: three"])
    }

    @Test func whatItLeavesRunningEndsWithIt() async throws {
        let fixture = PluginFixture()
        let path = fixture.directory.path + "/pid"
        fixture.shell("parent", #"hello; sleep 600 & echo $! > '\#(path)'; echo '{"type":"done"}'"#)
        let outcome = await fixture.run("parent")
        #expect(outcome.error == nil)
        let bytes = try #require(readFile(path))
        let process = try #require(
            pid_t(String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)))
        // Gone, or a zombie that its new parent has not taken yet.
        let status = readFile("/proc/\(process)/stat").map { String(decoding: $0, as: UTF8.self) } ?? ""
        #expect(status.split(separator: ")").last?.hasPrefix(" Z") ?? true, "\(status)")
    }
}
