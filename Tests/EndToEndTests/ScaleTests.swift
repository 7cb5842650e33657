import Fixtures
import Foundation
import JSON
import Testing

/// Registries of many tags and many repositories: a bounded number of connections and a bounded memory, an end at once on
/// Ctrl-C, and single failures that stop nothing.
@Suite(.serialized) struct ScaleTests {
    private static let memory = 64 << 20
    /// As many requests as a command has on their way.
    private static let connections = 16

    private let registry = StubRegistry()
    private let sandbox = Sandbox(registry: nil)

    private func lineCount(_ text: String) -> Int { text.utf8.count { $0 == UInt8(ascii: "\n") } }

    /// Runs a line to its end; the result, and the most memory that it had.
    private func run(_ line: String) -> (result: ProcessResult, memory: Int) {
        let child = sandbox.start(["-o", "jsonl", "-c", line])
        var memory = 0
        while true {
            let now = child.peakMemory
            if now == 0 { return (child.wait(), memory) }
            memory = max(memory, now)
            usleep(20_000)
        }
    }

    @Test func tenThousandTags() throws {
        defer { registry.stop() }
        let image = StandardImages.alpine(label: "a").build()
        registry.add(image, "lab/app", tags: (0..<10_000).map { "1.\($0)" })
        registry.rule("/manifests/1.5000", .status(403))
        registry.rule("/manifests/1.7777", times: 2, .status(503))
        registry.rule("/manifests/1.9000", .status(418))
        let (result, memory) = run("tags --detail \(registry.host)/lab/app | [.Tag, .Digest]")
        #expect(lineCount(result.output) == 9998)
        #expect(result.code == 1)
        let errors = result.errors.split(separator: "\n").filter { $0.hasPrefix("error[") }
        #expect(errors.count == 2 && result.errors.contains("1.5000") && result.errors.contains("1.9000"), "\(errors)")
        #expect(memory > 1 << 20 && memory <= Self.memory, "\(memory)")
        #expect(registry.connections <= Self.connections, "\(registry.connections)")
        // Each was asked for once, in the order of versions.
        #expect(result.output.hasPrefix("[\"1.0\",\"\(image.root.digest)\"]\n[\"1.1\","))

        // Stopped in the middle, it ends at once.
        let child = sandbox.start(["-o", "jsonl", "-c", "tags --detail \(registry.host)/lab/app | .Tag"])
        while lineCount(child.outputSoFar) < 500 { usleep(5000) }
        let start = ContinuousClock.now
        kill(child.id, SIGINT)
        let stopped = child.wait()
        #expect(ContinuousClock.now - start < .seconds(1))
        #expect(stopped.code == 130 && (500..<9998).contains(lineCount(stopped.output)))
        #expect(stopped.errors == "interrupted\n")
    }

    @Test func aThousandRepositories() throws {
        defer { registry.stop() }
        let names = (0..<1000).map { "lab/app\($0)" }
        let image = StandardImages.alpine(label: "a").build()
        for name in names { registry.add(image, name, tags: ["1", "2"]) }
        registry.serveCatalog(names, page: 100)
        registry.rule("lab/app50/tags", .status(403))
        let (result, memory) = run("catalog \(registry.host) | tags | .Reference")
        #expect(lineCount(result.output) == 1998)
        expectFailure(result, code: "denied")
        #expect(memory > 1 << 20 && memory <= Self.memory, "\(memory)")
        #expect(registry.connections <= Self.connections, "\(registry.connections)")

        let target = StubRegistry()
        defer { target.stop() }
        let (synced, most) = run("catalog \(registry.host) | take 200 | sync -q \(target.host)/all | .Status")
        #expect(lineCount(synced.output) == 398, "\(synced.errors)")
        #expect(synced.errors.contains("\(registry.host)/lab/app50 -> \(target.host)/all/lab/app50: "))
        #expect(most <= Self.memory, "\(most)")
        #expect(target.connections <= 2 * Self.connections, "\(target.connections)")
    }
}
