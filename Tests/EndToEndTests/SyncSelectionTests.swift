import Fixtures
import JSON
import Testing

/// What `sync` takes for its work: tags that fit, parts of indexes, one source of two for a tag, a machine's shard.
@Suite struct SyncSelectionTests {
    private let sandbox = Sandbox(registry: nil)

    private func lines(_ text: String) -> [JSONValue] {
        text.split(separator: "\n").compactMap { try? JSONValue.parse(Array($0.utf8)) }
    }

    private func run(_ line: String) -> (result: ProcessResult, records: [JSONValue]) {
        let result = sandbox.start(["-o", "jsonl", "-c", line]).wait()
        return (result, lines(result.output))
    }

    // MARK: Parts of indexes

    /// A mirror of many tags is not asked for every platform of each every night; with --check it is, and mended.
    @Test func partsThatAreGoneComeAgainWithCheck() throws {
        let (source, target) = (StubRegistry(), StubRegistry())
        defer {
            source.stop()
            target.stop()
        }
        let image = StandardImages.named("library/nginx", "1.27")
        source.add(image, "lab/nginx", tags: ["1", "2"])
        let line = "\(source.host)/lab/nginx \(target.host)/m/nginx"
        #expect(run("sync -q \(line)").records.map { $0["Status"] } == ["copied", "copied"])
        let child = try #require(image.manifests.first).digest
        try #require(sandbox.dsh("rmi --remote --force \(target.host)/m/nginx@\(child)").code == 0)
        target.forgetRequests()
        #expect(run("sync -q \(line)").records.map { $0["Status"] } == ["up_to_date", "up_to_date"])
        #expect(target.requests("manifests/sha256:").isEmpty)
        #expect(Set(run("sync -q --check --dry-run \(line)").records.map { $0["Status"] }) == ["planned"])
        #expect(target.manifest("m/nginx", child) == nil)
        let mended = run("sync -q --check \(line)")
        #expect(mended.result.code == 0 && mended.records.contains { $0["Status"] == "copied" }, "\(mended.result)")
        #expect(target.manifest("m/nginx", child) != nil)
        #expect(run("sync -q --check \(line)").records.map { $0["Status"] } == ["up_to_date", "up_to_date"])
    }

    // MARK: Tags that fit

    @Test func whatFitsNoTagIsNoted() {
        let (source, target) = (StubRegistry(), StubRegistry())
        defer {
            source.stop()
            target.stop()
        }
        let names = ["a", "b", "c"].map { name in
            source.add(StandardImages.alpine(label: name).build(), "lab/\(name)", tags: ["1.0", "1.1"])
            return "\(source.host)/lab/\(name)"
        }
        for (arguments, note, copied) in [
            ("--match 'v*' \(names[0])", "no tag of \(names[0]) fits --match 'v*'", 0),
            (
                "--match '1.?' --semver '>=2' \(names.joined(separator: " "))",
                "no tag fits --match '1.?' and --semver '>=2' in 3 repositories: \(names.joined(separator: ", "))", 0
            ),
            ("--match 'v*' \(names[0]):1.0", "\(names[0]):1.0 does not fit --match 'v*'", 0),
            ("--match '*.1' \(names[0])", nil, 1),
            // The others were left out on purpose.
            ("--match '*.1' \(names[0]):1.0 \(names[1]):1.1", nil, 1),
        ] as [(String, String?, Int)] {
            let (result, records) = run("sync -q --dry-run \(arguments) \(target.host)/m")
            #expect(result.code == 0 && records.count == copied, "\(result)")
            #expect(result.errors == (note.map { "note: sync: \($0)\n" } ?? ""), "\(result)")
        }
    }

    // MARK: Two sources of one tag

    /// The first keeps the tag also where its copy fails or where there is no such source: the tag is not left to chance.
    @Test func theSecondSourceOfATagIsToldWhateverBecomesOfTheFirst() {
        let stubs = [StubRegistry(), StubRegistry(), StubRegistry()]
        defer { for stub in stubs { stub.stop() } }
        for (number, stub) in stubs.prefix(2).enumerated() {
            stub.add(StandardImages.alpine(label: "\(number)").build(), "lab/app", tags: ["1"])
        }
        stubs[0].rule("blobs/", method: "GET", .status(404, "BLOB_UNKNOWN"))
        let names = stubs.prefix(2).map { "\($0.host)/lab/app" }
        let place = "\(stubs[2].host)/k/lab/app"
        let failing = run("sync -q \(names[0]) \(names[1]) \(stubs[2].host)/k")
        #expect(failing.result.code == 1 && failing.records.isEmpty, "\(failing.result)")
        for text in [
            "\(names[0]):1 -> \(place):1: ",
            "error[conflict]: \(names[1]):1 -> \(place):1: \(names[0]):1 goes to the same tag and has another digest",
        ] { #expect(failing.result.errors.contains(text), "\(failing.result)") }
        // One that is not there is a source all the same.
        let absent = run(
            """
            {Source: "\(names[0]):none", Target: "\(place):1"}, {Source: "\(names[1]):1", Target: "\(place):1"} | sync -q
            """)
        #expect(absent.result.code == 1 && absent.records.isEmpty, "\(absent.result)")
        for text in [
            "error[manifest_unknown]: \(names[0]):none -> \(place):1: ",
            "error[conflict]: \(names[1]):1 -> \(place):1: \(names[0]):none goes to the same tag and cannot be read: ",
        ] { #expect(absent.result.errors.contains(text), "\(absent.result)") }
        #expect(stubs[2].manifest("k/lab/app", "1") == nil)
    }

    // MARK: Shards

    /// N machines with the same line do everything once, in whatever order their lists come.
    @Test(arguments: [2, 3, 5]) func shardsShareTheWork(count: Int) {
        let (source, target) = (StubRegistry(), StubRegistry())
        defer {
            source.stop()
            target.stop()
        }
        let image = StandardImages.alpine(label: "shared").build()
        let names = (0..<4).map { number in
            source.add(image, "lab/app\(number)", tags: (0..<12).map { "1.\($0)" })
            return "\(source.host)/lab/app\(number)"
        }
        var owners: [String: Int] = [:]
        for shard in 1...count {
            func part(_ sources: [String]) -> [String] {
                let (result, records) = run(
                    "sync -q --dry-run --shard \(shard)/\(count) \(sources.joined(separator: " ")) \(target.host)/m")
                #expect(result.code == 0 && result.errors.isEmpty, "\(result)")
                return records.compactMap { $0["Source"]?.stringValue }.sorted()
            }
            let mine = part(names)
            #expect(mine == part(names.reversed()) && !mine.isEmpty)
            for tag in mine { #expect(owners.updateValue(shard, forKey: tag) == nil, "\(tag)") }
        }
        #expect(owners.keys.sorted() == names.flatMap { name in (0..<12).map { "\(name):1.\($0)" } }.sorted())
    }
}
