import Fixtures
import Foundation
import JSON
import Testing

/// What `sync` tells, whatever happens to it: registries that refuse, break off and go away, Ctrl-C, readers that leave; and
/// what it asks before it deletes.
@Suite struct SyncTests {
    private let sandbox = Sandbox(registry: nil)

    /// A stub that has a repository of so many tags, each with an image of its own.
    private func stub(_ repository: String, tags: Int) -> StubRegistry {
        let stub = StubRegistry()
        for number in 0..<tags {
            stub.add(StandardImages.alpine(label: "\(number)").build(), repository, tags: ["1.\(number)"])
        }
        return stub
    }

    private func lines(_ text: String) -> [JSONValue] {
        text.split(separator: "\n").compactMap { try? JSONValue.parse(Array($0.utf8)) }
    }

    private func waits(until condition: () -> Bool) -> Bool {
        for _ in 0..<2000 {
            if condition() { return true }
            usleep(10_000)
        }
        return condition()
    }

    // MARK: Failures

    @Test func everyFailureNamesSourceAndTarget() {
        let source = stub("lab/app", tags: 5)
        let target = RegistryServer(isReadOnly: true)
        defer { source.stop() }
        let result = sandbox.dsh("sync -q \(source.host)/lab/app \(target.host)/m/app")
        expectFailure(result, code: "unsupported")
        for number in 0..<5 {
            let names = "\(source.host)/lab/app:1.\(number) -> \(target.host)/m/app:1.\(number): "
            #expect(result.errors.contains("error[unsupported]: " + names), "\(result)")
        }
        // Of a source that cannot be listed, too.
        let none = sandbox.dsh("sync -q \(source.host)/lab/none \(target.host)/m/none")
        #expect(none.errors.contains(": \(source.host)/lab/none -> \(target.host)/m/none: "), "\(none)")
    }

    @Test func aRegistryThatGoesAwayIsGivenUpAndWhatWasNotTriedIsCounted() throws {
        let source = stub("lab/app", tags: 120)
        let target = StubRegistry()
        defer { source.stop() }
        target.rule("manifests/1.", method: "PUT", .delivery(.slow(piece: 1, milliseconds: 40)))
        let child = sandbox.start(["-o", "jsonl", "-c", "sync -q \(source.host)/lab/app \(target.host)/m/app"])
        try #require(waits { lines(child.outputSoFar).count >= 10 }, "\(child.outputSoFar)")
        target.stop()
        let result = child.wait(timeout: 100)
        #expect(result.code == 1)
        let told = lines(result.output).compactMap { $0["Source"]?.stringValue }
        let errors = result.errors.split(separator: "\n").filter { $0.hasPrefix("error[") }
        let failed = errors.filter { $0.contains("\(source.host)/lab/app:1.") && $0.contains(" -> \(target.host)/m/") }
        #expect((1...60).contains(failed.count) && failed.count == errors.count - 1, "\(result.errors)")
        let skipped = 120 - told.count - failed.count
        #expect(
            errors.last == "error[network]: \(skipped) tags not tried: \(target.host) could not be reached",
            "\(result.errors)")
        #expect(skipped > 0)
    }

    @Test func aRecordThatIsNoneEndsTheStreamAndHidesNothing() {
        let source = stub("lab/app", tags: 2)
        let target = StubRegistry()
        defer {
            source.stop()
            target.stop()
        }
        let work = """
            {Source: "\(source.host)/lab/app:1.0", Target: "\(target.host)/w/a"}, \
            {Source: "\(source.host)/lab/app:none", Target: "\(target.host)/w/b"}, \
            {Source: "alone"}, {Source: "\(source.host)/lab/app:1.1", Target: "\(target.host)/w/c"}
            """
        for command in ["sync -q", "copy -q"] {
            let result = sandbox.start(["-o", "jsonl", "-c", "\(work) | \(command)"]).wait()
            #expect(result.code == 2)
            #expect(lines(result.output).count == 1, "\(result)")
            #expect(result.errors.hasPrefix("error[usage]: "), "\(result)")
            let names = "\(source.host)/lab/app:none -> \(target.host)/w/b"
            #expect(result.errors.contains("error[manifest_unknown]: \(names)"), "\(result)")
        }
        // The same where a stage before fails.
        let result = sandbox.dsh(
            "{Source: \"\(source.host)/lab/app:none\", Target: \"\(target.host)/w/b\"}, error(\"x\") | sync -q")
        expectFailure(result, code: "filter")
        #expect(result.errors.contains("error[manifest_unknown]"), "\(result)")
    }

    @Test func theTagOfATargetIsUsedOrRefused() {
        let source = stub("lab/app", tags: 2)
        let target = StubRegistry()
        defer {
            source.stop()
            target.stop()
        }
        let one = value(
            sandbox.dsh("{Source: \"\(source.host)/lab/app:1.1\", Target: \"\(target.host)/w/b:fix\"} | sync -q"))
        #expect(one["Reference"]?.stringValue == "\(target.host)/w/b:fix")
        target.forgetRequests()
        for line in [
            "{Source: \"\(source.host)/lab/app\", Target: \"\(target.host)/w/b:fix\"} | sync -q",
            "sync -q \(source.host)/lab/app \(target.host)/w/b:fix",
            "sync -q \(source.host)/lab/app:1.1 \(target.host)/w/b@sha256:\(String(repeating: "0", count: 64))",
        ] { expectFailure(sandbox.dsh(line), code: "usage", exit: 2) }
        #expect(target.requests.isEmpty)
        source.forgetRequests()
        expectFailure(
            sandbox.dsh("sync --semver zzz \(source.host)/lab/app \(target.host)/w/b"), code: "usage", exit: 2)
        #expect(source.requests.isEmpty && target.requests.isEmpty)
        // What has a tag is chosen like all else.
        let chosen = sandbox.start([
            "-o", "jsonl", "-c",
            "tags \(source.host)/lab/app | sync -q --match '*.1' --semver '>=1.0' \(target.host)/t",
        ]).wait()
        #expect(lines(chosen.output).map { $0["Source"]?.stringValue } == ["\(source.host)/lab/app:1.1"], "\(chosen)")
    }

    @Test(arguments: [false, true]) func twoSourcesOfOneTagAreAConflict(asRecords: Bool) {
        let sources = [StubRegistry(), StubRegistry()]
        let target = StubRegistry()
        defer { for stub in sources + [target] { stub.stop() } }
        for (number, stub) in sources.enumerated() {
            stub.add(StandardImages.alpine(label: "\(number)").build(), "lab/app", tags: ["shared", "own\(number)"])
            stub.add(StandardImages.alpine(label: "same").build(), "lab/app", tags: ["same"])
        }
        let names = sources.map { "\($0.host)/lab/app" }
        let place = "\(target.host)/k/lab/app"
        let records = names.map { "{Source: \"\($0)\", Target: \"\(place)\"}" }.joined(separator: ", ")
        for (options, status) in [("-q --dry-run", "planned"), ("-q", "copied"), ("-q", "up_to_date")] {
            let line =
                asRecords
                ? "\(records) | sync \(options)"
                : "sync \(options) \(names.joined(separator: " ")) \(target.host)/k"
            let result = sandbox.start(["-o", "jsonl", "-c", line]).wait()
            #expect(result.code == 1)
            let conflict = "\(names[1]):shared -> \(place):shared: \(names[0]):shared goes to the same tag"
            #expect(result.errors.hasPrefix("error[conflict]: \(conflict)"), "\(result)")
            #expect(result.errors.split(separator: "\n").filter { $0.hasPrefix("error[") }.count == 1, "\(result)")
            let rows = lines(result.output)
            let shared = rows.filter { $0["Reference"]?.stringValue == place + ":shared" }
            #expect(shared.map { $0["Source"]?.stringValue } == [names[0] + ":shared"], "\(result)")
            #expect(shared.first?["Status"]?.stringValue == status, "\(result)")
            #expect(Set(rows.compactMap { $0["Reference"]?.stringValue }).count == 4, "\(result)")
        }
    }

    // MARK: What ends it from outside

    @Test func recordsComeAsTagsAreDoneAndCtrlCSaysHowMany() throws {
        let source = stub("lab/app", tags: 40)
        let target = StubRegistry()
        defer {
            source.stop()
            target.stop()
        }
        // The first is never done.
        target.rule("manifests/1.0", method: "PUT", .delivery(.silence))
        let child = sandbox.start(["-o", "jsonl", "-c", "sync -q \(source.host)/lab/app \(target.host)/m/app"])
        #expect(waits { lines(child.outputSoFar).count == 39 }, "\(child.outputSoFar)")
        let start = ContinuousClock.now
        kill(child.id, SIGINT)
        let result = child.wait()
        #expect(ContinuousClock.now - start < .seconds(4))
        #expect(result.code == 130)
        #expect(result.errors == "note: sync: 39 tags done, 1 left\ninterrupted\n", "\(result)")
    }

    @Test func whatWasDoneWhenTheReaderLeavesIsSaid() {
        let source = stub("lab/app", tags: 100)
        let target = StubRegistry()
        defer {
            source.stop()
            target.stop()
        }
        let result = sandbox.start([
            "-o", "jsonl", "-c", "sync -q \(source.host)/lab/app \(target.host)/m/app | take 3",
        ]).wait()
        #expect(result.code == 1 && lines(result.output).count == 3, "\(result)")
        let tags = value(sandbox.dsh("tags \(target.host)/m/app | .Tag | collect | length")).numberValue ?? 0
        #expect(tags < 100)
        #expect(
            result.errors.contains("error[incomplete]: sync: \(Int(tags)) tags done, \(100 - Int(tags)) left"),
            "\(tags)\n\(result)")
        // A plan leaves nothing undone.
        let plan = sandbox.dsh("sync -q --dry-run \(source.host)/lab/app \(target.host)/other/app | take 3 | .Status")
        #expect(plan.code == 0, "\(plan)")
        let caught = sandbox.dsh(
            "try { sync -q \(source.host)/lab/app \(target.host)/other/app | take 1 | .Status } catch e { $e.code }")
        #expect(caught.code == 0 && caught.output.contains("\"incomplete\""), "\(caught)")
        let copied = sandbox.dsh("tags \(source.host)/lab/app | copy -q \(target.host)/third/app | take 1 | .Status")
        expectFailure(copied, code: "incomplete")
        #expect(copied.errors.contains("left"), "\(copied)")
    }

    /// What is due to be deleted is deleted, or it is said that it was not: whoever reads the records.
    @Test(arguments: ["| take 1", "| !head -n 1", "| .Status | take 1", "HEAD"])
    func deletionsThatAreLeftAreAFailure(reader: String) throws {
        let source = stub("lab/app", tags: 1)
        let target = StubRegistry()
        defer {
            source.stop()
            target.stop()
        }
        let tags = (0..<400).map { "old-\($0)" }
        target.add(StandardImages.alpine(label: "0").build(), "lab/app", tags: ["1.0"] + tags)
        // Slow enough that records go out before all is done.
        target.rule(
            "manifests/old-", method: "DELETE",
            StubAction { _, response in
                usleep(10_000)
                return response
            })
        func run(_ line: String) -> ProcessResult {
            guard reader == "HEAD" else { return sandbox.start(["-o", "jsonl", "-c", "\(line) \(reader)"]).wait() }
            return sandbox.tool(
                "bash", "-c", "\"$1\" -o jsonl -c \"$2\" | head -n 1; exit ${PIPESTATUS[0]}", "bash", Sandbox.binary,
                line)
        }
        func left() -> Int { tags.filter { target.manifest("lab/app", $0) != nil }.count }
        for line in [
            "sync -q --delete --yes \(source.host)/lab/app \(target.host)/lab/app",
            "tags \(target.host)/lab/app | rmi --remote",
        ] {
            let result = run(line)
            #expect((result.code == 0) == (left() == 0), "\(left()) \(result)")
            #expect(left() > 0, "\(result)")
            expectFailure(result, code: "incomplete")
            #expect(result.errors.contains("nobody takes the records any more"), "\(result)")
            #expect(result.output.split(separator: "\n").count == 1, "\(result)")
        }
    }

    @Test func deletingForOneImageIsRefusedOrNoted() {
        let source = stub("lab/app", tags: 2)
        let target = stub("lab/app", tags: 4)
        defer {
            source.stop()
            target.stop()
        }
        let one = "\(source.host)/lab/app:1.0"
        let refused = sandbox.dsh("sync -q --delete --yes \(one) \(target.host)/lab/app")
        expectFailure(refused, code: "usage", exit: 2)
        #expect(refused.errors.contains("--delete takes whole repositories, and \(one) is one image"), "\(refused)")
        let noted = sandbox.dsh("sync -q --delete --yes \(one) \(source.host)/lab/app \(target.host)")
        #expect(noted.code == 0, "\(noted)")
        #expect(noted.errors.contains("note: nothing is deleted on account of \(one): "), "\(noted)")
        #expect(target.manifest("lab/app", "1.1") != nil && target.manifest("lab/app", "1.2") == nil)
    }

    // MARK: Deleting

    @Test func itAsksBeforeItDeletes() throws {
        let source = stub("lab/app", tags: 1)
        let target = stub("lab/app", tags: 3)
        defer {
            source.stop()
            target.stop()
        }
        let line = "sync -q --delete \(source.host)/lab/app \(target.host)/lab/app"
        func tags() -> JSONValue { value(sandbox.dsh("tags \(target.host)/lab/app | .Tag | collect")) }
        for answer in ["n\r", "\r", "what\r", "\u{4}"] {
            let terminal = sandbox.terminal("-c", line, columns: 140)
            try #require(terminal.expect("Delete 2 tags (\(target.host)/lab/app:1.1, "), "\(terminal.history)")
            terminal.send(answer)
            #expect(terminal.waitForEnd() == 0, "\(terminal.history)")
            #expect(terminal.history.contains("nothing is deleted"), "\(terminal.history)")
        }
        let interrupted = sandbox.terminal("-c", line)
        try #require(interrupted.expect("[y/N]"), "\(interrupted.history)")
        interrupted.send("\u{3}")
        #expect(interrupted.waitForEnd() == 130, "\(interrupted.history)")
        let refused = sandbox.dsh(line)
        expectFailure(refused, code: "unsupported")
        #expect(refused.errors.contains("--yes answers beforehand"))
        #expect(tags() == ["1.0", "1.1", "1.2"])
        let terminal = sandbox.terminal("-c", line)
        try #require(terminal.expect("[y/N]"), "\(terminal.history)")
        terminal.send("y\r")
        #expect(terminal.waitForEnd() == 0, "\(terminal.history)")
        #expect(tags() == ["1.0"])
    }

    /// Docker's registry deletes manifests and no tags: what shares one with a wanted tag goes alone all the same.
    @Test func aSurplusTagGoesAloneWhateverTheRegistryDeletes() throws {
        let image = StandardImages.alpine(label: "a").build()
        let other = StandardImages.alpine(label: "b").build()
        let source = RegistryServer([("team/app", ["1", "2"], image)])
        let line = "sync -q --delete --yes \(source.host)/team/app"
        let target = RegistryServer([
            ("team/app", ["1", "2", "old", "older"], image), ("team/app", ["other"], other),
        ])
        let plan = sandbox.start(["-o", "jsonl", "-c", "\(line) --dry-run \(target.host)/team/app"]).wait()
        #expect(lines(plan.output).filter { $0["Status"] == "to_delete" }.count == 3, "\(plan)")
        let done = sandbox.start(["-o", "jsonl", "-c", "\(line) \(target.host)/team/app"]).wait()
        #expect(done.code == 0 && done.errors.isEmpty, "\(done)")
        let deleted = lines(done.output).filter { $0["Status"] == "deleted" }.compactMap {
            $0["Reference"]?.stringValue
        }
        #expect(deleted.sorted() == ["old", "older", "other"].map { "\(target.host)/team/app:\($0)" }, "\(done)")
        #expect(value(sandbox.dsh("tags \(target.host)/team/app | .Tag | collect")) == ["1", "2"])
        #expect(value(sandbox.dsh("resolve \(target.host)/team/app:1"))["Digest"]?.stringValue == image.root.digest)
        // Where nothing can be deleted, every tag keeps what it names.
        let closed = RegistryServer([("team/app", ["1", "old"], image)], deletes: false)
        for option in ["--dry-run", ""] {
            let refused = sandbox.dsh("\(line) \(option) \(closed.host)/team/app")
            expectFailure(refused, code: "unsupported")
            #expect(refused.errors.contains("error[unsupported]: \(closed.host)/team/app:old: "), "\(refused)")
        }
        #expect(value(sandbox.dsh("resolve \(closed.host)/team/app:old"))["Digest"]?.stringValue == image.root.digest)
    }

    /// At a terminal of any width a row tells which tag it is about.
    @Test(arguments: [60, 80, 100]) func tagsAreSeenInNarrowTerminals(columns: Int) throws {
        let source = stub("team/a-rather-long-name/application", tags: 3)
        let target = StubRegistry()
        defer {
            source.stop()
            target.stop()
        }
        let terminal = sandbox.terminal(
            "-c", "sync -q \(source.host)/team/a-rather-long-name/application \(target.host)/mirror/application",
            columns: columns)
        #expect(terminal.waitForEnd() == 0)
        #expect(terminal.wait { $0.split(separator: "\n").count >= 4 })
        let rows = terminal.history.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
        #expect(rows.count == 3)
        for row in rows where row.count > 1 {
            #expect(row[0].contains("…") && row[0].hasSuffix(row[1].suffix(4)), "\(terminal.history)")
            #expect(row[1].suffix(4).hasPrefix(":1."), "\(terminal.history)")
        }
    }
}
