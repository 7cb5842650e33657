import Commands
import Fixtures
import Glibc
import JSON
import Language
import Shell
import Synchronization

/// A folder of plugins, and sessions that use it.
final class PluginFixture: Sendable {
    let directory = TemporaryDirectory()
    /// What plugins said to people.
    let notes = Mutex<[String]>([])
    let progress = Mutex<[PluginProgress]>([])

    var folder: String { directory.path + "/data/plugins" }
    var cache: String { directory.path + "/cache/dsh/plugins.json" }

    /// Limits short enough for a test, long enough for a busy machine.
    static var limits: PluginLimits {
        var limits = PluginLimits()
        limits.metadata = .seconds(3)
        limits.hello = .seconds(3)
        limits.cancel = .milliseconds(200)
        limits.terminate = .milliseconds(500)
        limits.exit = .milliseconds(500)
        limits.line = 64 << 10
        return limits
    }

    /// Writes an executable, by default into the plugin folder.
    @discardableResult
    func program(_ name: String, _ text: String, in folder: String = "data/plugins") -> String {
        let path = directory.write("\(folder)/dsh-\(name)", text)
        chmod(path, 0o755)
        return path
    }

    /// An `sh` plugin with some metadata, whose `run` does `body`; `hello` says hello and reads dsh's and the call.
    @discardableResult
    func shell(_ name: String, metadata: String = "", _ body: String) -> String {
        program(
            name,
            """
            #!/bin/sh
            if [ "$1" = metadata ]; then
                echo '{"protocol":1,"name":"\(name)","summary":"a test"\(metadata.isEmpty ? "" : "," + metadata)}'
                exit
            fi
            hello() { read -r line; echo '{"type":"hello","protocol":1}'; read -r call; }
            \(body)
            """)
    }

    /// A Python plugin whose `run(call)` is `body`, with `say(type, **members)` and `hear()`.
    @discardableResult
    func python(_ name: String, metadata: String = "{}", _ body: String) -> String {
        program(
            name,
            """
            #!/usr/bin/env python3
            import json, os, sys, time
            if sys.argv[1] == "metadata":
                print(json.dumps({"protocol": 1, "name": "\(name)", "summary": "a test", **\(metadata)}))
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
    }

    /// A session of its own, with the cache on disk.
    func session(limits: PluginLimits = PluginFixture.limits, environment: [String: String] = [:]) -> Session {
        let catalog = PluginCatalog(
            search: PluginSearchPath(environment: environment, userDirectory: folder), cacheFile: cache,
            commands: Builtins.table, version: "test", store: "/the/store", limits: limits,
            makeDisplay: { Display(fixture: self) })
        return Session(
            backend: FakeBackend(), commands: Builtins.table, environment: [:], pullEvents: { SilentDisplay() },
            note: { _ in }, plugins: catalog)
    }

    /// Runs a script; each value goes to `output`, by default nowhere else.
    func run(
        _ text: String, in session: Session? = nil,
        output: @escaping @Sendable (JSONValue) async throws -> Void = { _ in }
    ) async -> Outcome {
        let session = session ?? self.session()
        let lines = Mutex<[String]>([])
        do {
            let script = try ScriptLoader(session: session).load(Source(name: "test.dsh", text: text))
            try await Interpreter(session: session).run(script) { value, _ in
                lines.withLock { $0.append(value.compact) }
                try await output(value)
            }
            return Outcome(output: lines.withLock { $0 })
        } catch let error as ShellError {
            let place = error.span.map { "\($0.position.line):\($0.position.column)" }
            return Outcome(
                output: lines.withLock { $0 }, error: "\(error.code.rawValue): \(error.message)", position: place)
        } catch {
            return Outcome(output: lines.withLock { $0 }, error: "\(error)")
        }
    }

    private struct Display: PluginDisplay {
        let fixture: PluginFixture
        func show(_ progress: PluginProgress) { fixture.progress.withLock { $0.append(progress) } }
        func note(_ line: String) { fixture.notes.withLock { $0.append(line) } }
        func hide() {}
    }
}
