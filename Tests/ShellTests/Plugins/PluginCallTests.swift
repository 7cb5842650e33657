import Fixtures
import Foundation
import JSON
import Shell
import Synchronization
import Testing

/// What goes over the line: options, values in and out, progress, requests; and how fast.
@Suite struct PluginCallTests {
    private static let echo = """
        {"version": "2", "input": "values",
         "arguments": [{"name": "first", "required": True}, {"name": "rest", "repeats": True, "kind": "value"}],
         "options": [{"name": "count", "short": "c", "kind": "number", "default": 3}, {"name": "loud", "short": "l",
                     "kind": "flag"}, {"name": "tag", "repeats": True}, {"name": "way", "choices": ["up", "down"]}]}
        """

    struct Case: Sendable {
        let line: String
        let output: [String]
    }

    static let calls: [Case] = [
        Case(
            line: "show a",
            output: [#"{"options":{"count":3,"loud":false,"tag":[],"way":null},"arguments":{"first":"a","rest":[]}}"#]),
        Case(
            line: "show a --count 5 -l --tag x --tag=y --way up",
            output: [
                #"{"options":{"count":5,"loud":true,"tag":["x","y"],"way":"up"},"arguments":{"first":"a","rest":[]}}"#
            ]),
        Case(
            line: "show -lc7 a b ([1, 2]) ({k: 1, Id: \"i\"}) -- --loud",
            output: [
                #"{"options":{"count":7,"loud":true,"tag":[],"way":null},"arguments":{"first":"a","rest":["b",1,2,{"k":1,"Id":"i"},"--loud"]}}"#
            ]),
        Case(
            line: "let n = 5; show ([\"a\", \"b\"]) --tag ([\"x\", \"y\"]) --count=$n --tag=(7)",
            output: [
                #"{"options":{"count":5,"loud":false,"tag":["x","y","7"],"way":null},"arguments":{"first":"a","rest":["b"]}}"#
            ]),
        Case(
            line: "show \"--loud\" -5",
            output: [
                #"{"options":{"count":3,"loud":false,"tag":[],"way":null},"arguments":{"first":"--loud","rest":["-5"]}}"#
            ]),
    ]

    @Test(arguments: calls) func optionsComeParsed(_ item: Case) async {
        let fixture = PluginFixture()
        fixture.python(
            "show", metadata: Self.echo,
            "say('value', value={key: call[key] for key in ('options', 'arguments')}); say('done')")
        let outcome = await fixture.run(item.line)
        #expect(outcome.error == nil)
        #expect(outcome.output == item.output)
    }

    static let mistakes: [(line: String, error: String)] = [
        ("show", "usage: show needs first"),
        ("show a --lout", "usage: show has no option --lout"),
        ("show a -x", "usage: show has no option -x"),
        ("show a --loud=1", "usage: show takes no value for --loud"),
        ("show a --count", "usage: show needs a value for --count"),
        ("show a --count many", #"usage: show takes a number for --count, not "many""#),
        ("show a --way sideways", "usage: show takes no sideways for --way"),
        ("brief 1", "usage: brief takes 0 arguments, not 1"),
        ("1 | brief", "usage: brief takes nothing from the pipe"),
        ("brief { 1 }", "usage: brief takes no block"),
    ]

    @Test(arguments: mistakes.indices) func mistakesAreUsageErrors(_ index: Int) async {
        let fixture = PluginFixture()
        fixture.python("show", metadata: Self.echo, "say('done')")
        fixture.python("brief", "say('done')")
        let (line, error) = Self.mistakes[index]
        let outcome = await fixture.run(line)
        #expect(outcome.error == error)
        #expect(outcome.output.isEmpty)
    }

    @Test func aMistypedOptionIsNamed() async {
        let fixture = PluginFixture()
        fixture.python("show", metadata: Self.echo, "say('done')")
        let outcome = await fixture.run("try { show a --lout } catch e { $e.hint }")
        #expect(outcome.output == [#""did you mean --loud?""#])
        #expect(await fixture.run("shwo a").error == "usage: unknown command shwo")
        let hint = await fixture.run("try { shwo a } catch e { $e.hint }")
        #expect(hint.output == [#""did you mean `show`?""#])
    }

    private static let doubling = """
        while True:
            message = hear()
            if message["type"] == "end": break
            say("value", value=message["value"] * 2)
        say("done")
        """

    @Test func valuesStreamThrough() async {
        let fixture = PluginFixture()
        fixture.python("double", metadata: #"{"input": "values"}"#, Self.doubling)
        let outcome = await fixture.run("range(3000) | double | select(. % 1000 == 0)")
        #expect(outcome.error == nil)
        #expect(outcome.output == ["0", "1000", "2000", "3000", "4000", "5000"])
        #expect(await fixture.run("[1] | .[] | double | double").output == ["4"])
        #expect(await fixture.run("double").output == [])
    }

    @Test func referencesComeAsTexts() async {
        let fixture = PluginFixture()
        let metadata = #"{"input": "references", "arguments": [{"name": "image", "required": True, "repeats": True}]}"#
        fixture.python(
            "names", metadata: metadata,
            """
            for image in call["arguments"]["image"]: say("value", value="given " + image)
            while True:
                message = hear()
                if message["type"] == "end": break
                say("value", value=message["value"])
            say("done")
            """)
        #expect(
            await fixture.run("images | names").output == [#""alpine:3.19""#, #""nginx:1.25""#, #""node:20""#])
        #expect(await fixture.run("\"b\" | names a").output == [#""given a""#, #""b""#])
        #expect(await fixture.run("null | names").error == "usage: null cannot be an argument")
        #expect(await fixture.run("names").error == "usage: names needs image")
    }

    @Test func whatTheStageBeforeFailsWithIsTheError() async {
        let fixture = PluginFixture()
        fixture.python("double", metadata: #"{"input": "values"}"#, Self.doubling)
        let outcome = await fixture.run("1, error(\"mine\") | double")
        #expect(outcome.error == "filter: mine")
    }

    /// The plugin notes in a file how many values it has written.
    private static func counting(_ path: String, values: Int, bytes: Int, pause: Double) -> String {
        """
        for number in range(\(values)):
            say("value", value={"Number": number, "Text": "x" * \(bytes)})
            with open("\(path)", "w") as file: file.write(str(number + 1))
            time.sleep(\(pause))
        say("done")
        """
    }

    private static func made(_ path: String) -> Int {
        readFile(path).flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    @Test func theFirstRowsComeBeforeTheLastAreMade() async {
        let fixture = PluginFixture()
        let path = fixture.directory.path + "/made"
        fixture.python("slow", Self.counting(path, values: 200, bytes: 10, pause: 0.01))
        let madeAtFirst = Mutex<Int?>(nil)
        let outcome = await fixture.run("slow | select(.Number % 2 == 0) | .Number") { _ in
            madeAtFirst.withLock { $0 = $0 ?? Self.made(path) }
        }
        #expect(outcome.error == nil)
        #expect(outcome.output.count == 100)
        #expect(madeAtFirst.withLock { $0 ?? 1000 } < 50)
    }

    @Test func aSlowReaderHoldsThePluginBack() async {
        let fixture = PluginFixture()
        let path = fixture.directory.path + "/made"
        fixture.python("fast", Self.counting(path, values: 3000, bytes: 1000, pause: 0))
        let madeMeanwhile = Mutex<Int?>(nil)
        let outcome = await fixture.run("fast | .Number") { _ in
            if madeMeanwhile.withLock({ $0 == nil }) {
                try await Task.sleep(for: .milliseconds(700))
                madeMeanwhile.withLock { $0 = Self.made(path) }
            }
        }
        #expect(outcome.output.count == 3000)
        // The pipe holds 64 KiB and our block as much: some 130 values of 1 KB.
        #expect(madeMeanwhile.withLock { $0 ?? 0 } < 400)
    }

    @Test func aSlowPluginHoldsItsInputBack() async {
        let fixture = PluginFixture()
        fixture.python("stuck", metadata: #"{"input": "values"}"#, "time.sleep(0.7); say('done')")
        let made = Mutex(0)
        let text = "\"\(String(repeating: "x", count: 1000))\" as $t | range(100000) | [., $t] | counted | stuck"
        // The `def` before counts what it hands on.
        let session = fixture.session()
        let outcome = await fixture.run(
            "def counted() { let line = . | .[0]; !echo \\($line) >> \(fixture.directory.path)/seen\n. }\n" + text,
            in: session)
        #expect(outcome.error == nil)
        let seen = readFile(fixture.directory.path + "/seen")?.count { $0 == UInt8(ascii: "\n") } ?? 0
        made.withLock { $0 = seen }
        #expect(seen > 0 && seen < 1000, "\(seen)")
    }

    private struct Enough: Error {}

    @Test(arguments: ["", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"])
    func aStageThatStopsEarlyStopsIt(stubborn: String) async throws {
        let fixture = PluginFixture()
        let path = fixture.directory.path + "/made"
        fixture.python("slow", stubborn + Self.counting(path, values: 100_000, bytes: 10, pause: 0.001))
        let start = ContinuousClock.now
        let outcome = await fixture.run("slow") { value in
            if value["Number"]?.intValue == 5 { throw Enough() }
        }
        #expect(outcome.error == "Enough()")
        #expect(ContinuousClock.now - start < .seconds(30))
        let made = Self.made(path)
        try await Task.sleep(for: .milliseconds(300))
        #expect(Self.made(path) == made, "it still runs")
    }

    @Test func anEndInTimeIsHeardByThePlugin() async {
        let fixture = PluginFixture()
        let path = fixture.directory.path + "/heard"
        fixture.python(
            "polite",
            """
            say("value", value=1)
            with open("\(path)", "w") as file: file.write(hear()["type"] + " " + hear()["type"])
            """)
        let outcome = await fixture.run("polite") { _ in throw Enough() }
        #expect(outcome.error == "Enough()")
        #expect(readFile(path).map { String(decoding: $0, as: UTF8.self) } == "end cancel")
    }

    @Test func aCancelledTaskEndsThePluginSoon() async throws {
        let fixture = PluginFixture()
        fixture.python("slow", "say('value', value=1); time.sleep(600)")
        let session = fixture.session()
        let isRunning = Mutex(false)
        let task = Task {
            await fixture.run("try { slow } catch e { 1 }", in: session) { _ in isRunning.withLock { $0 = true } }
        }
        while !isRunning.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(10)) }
        let start = ContinuousClock.now
        task.cancel()
        let outcome = await task.value
        #expect(outcome.output == ["1"])
        #expect(outcome.error?.contains("CancellationError") == true, "\(outcome)")
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func aPluginThatWantsNoMoreInputNeedNotReadIt() async {
        let fixture = PluginFixture()
        fixture.python("head", metadata: #"{"input": "values"}"#, "say('value', value=hear()['value']); say('done')")
        let outcome = await fixture.run("range(infinite) | head")
        #expect(outcome.output == ["0"])
        #expect(outcome.error == nil)
    }

    @Test func slowInputIsNoSilence() async {
        let fixture = PluginFixture()
        fixture.python("double", metadata: #"{"input": "values", "silence": 1}"#, Self.doubling)
        fixture.shell("late", #"hello; sleep 2; echo '{"type":"value","value":1}'; echo '{"type":"done"}'"#)
        let outcome = await fixture.run("late | double")
        #expect(outcome.error == nil)
        #expect(outcome.output == ["2"])
    }

    @Test func itMayRunPipelines() async {
        let fixture = PluginFixture()
        fixture.python(
            "ask", metadata: #"{"arguments": [{"name": "pipeline"}]}"#,
            """
            say("run", id=7, pipeline=call["arguments"]["pipeline"], variables={"name": "it's \\"odd\\""})
            while True:
                message = hear()
                if message["type"] == "result": break
            assert message["id"] == 7
            say("value", value=message.get("values", message.get("error", {}).get("message")))
            say("value", value=call["store"])
            say("done")
            """)
        #expect(await fixture.run("ask 'images | .[].Size'").output == ["[1000,2000,3000]", #""/the/store""#])
        #expect(await fixture.run("ask '$name'").output.first == #"["it's \"odd\""]"#)
        #expect(await fixture.run("ask 'inspect ghost'").output.first == #""no such image: ghost""#)
        #expect(await fixture.run("ask 'images | ['").output.first?.hasPrefix("\"") == true)
        #expect(await fixture.run("ask 'exit 3'").output.first == "[]")
        // What would not fit on a line is refused, and the plugin told.
        #expect(await fixture.run("ask '[range(30000)]'").output.first == #""the result is too large""#)
    }

    @Test func oneThatCallsItselfWithoutEndIsStopped() async {
        let fixture = PluginFixture()
        fixture.python(
            "again",
            """
            say("run", pipeline="again")
            while True:
                message = hear()
                if message["type"] == "result": break
            say("error", **message["error"])
            """)
        let outcome = await fixture.run("again")
        #expect(outcome.error == "failed: again calls itself through pipelines without end")
    }

    @Test func progressAndLogsReachPeople() async {
        let fixture = PluginFixture()
        fixture.python(
            "chatty",
            """
            say("progress", label="layers", done=1, total=2)
            say("log", level="warning", message="two\\nlines")
            say("log", message="plain")
            say("done")
            """)
        #expect(await fixture.run("chatty").error == nil)
        #expect(fixture.notes.withLock { $0 } == ["chatty: warning: two", "chatty: warning: lines", "chatty: plain"])
        let progress = fixture.progress.withLock { $0 }
        #expect(progress.count == 1)
        #expect(progress.first?.label == "layers" && progress.first?.done == 1 && progress.first?.total == 2)
    }

    @Test func aValueTooLargeForALineIsToldAsSuch() async {
        let fixture = PluginFixture()
        fixture.python("double", metadata: #"{"input": "values"}"#, Self.doubling)
        let outcome = await fixture.run("[range(50000)] | double")
        #expect(outcome.error?.hasPrefix("usage: a value of") == true, "\(outcome)")
    }

    @Test func nothingOfTheCallIsInTheArguments() async {
        let fixture = PluginFixture()
        fixture.python(
            "peek", metadata: #"{"arguments": [{"name": "secret"}]}"#,
            """
            text = open(f"/proc/{os.getpid()}/cmdline").read() + json.dumps(dict(os.environ))
            say("value", value="hunter2" in text)
            say("done")
            """)
        #expect(await fixture.run("peek hunter2").output == ["false"])
    }
}
