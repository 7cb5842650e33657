import Fixtures
import Foundation
import JSON
import Testing

/// `search`, `prune`, `df`, `info` and `fsck` as a user meets them.
@Suite struct UsageTests {
    private func hub(_ sandbox: Sandbox, _ hub: StubHub) -> [String: String] {
        ["CONTAINERS_REGISTRIES_CONF": sandbox.directory.write("hub.conf", hub.registriesConf)]
    }

    private func furnished(_ names: String = "nginx:1.25 nginx:alpine alpine:3.19") throws -> Sandbox {
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull -q \(names)")
        try #require(pulled.code == 0, "\(pulled)")
        return sandbox
    }

    // MARK: search

    @Test func searchFindsAndPullTakesWhatItFound() throws {
        let sandbox = Sandbox()
        let hub = StubHub([StubHub.Repository("alpine", "small", stars: 3, official: true)])
        let both = RegistryServer.shared.registriesConf.replacingOccurrences(
            of: "[[registry.mirror]]", with: hub.mirrorTable + "\n[[registry.mirror]]")
        let environment = ["CONTAINERS_REGISTRIES_CONF": sandbox.directory.write("both.conf", both)]
        let found = sandbox.dsh(
            "search alpine | map(\"\\(.Reference):3.19\") | pull -q | .Reference", environment: environment)
        #expect(found.output == "\"alpine:3.19\"\n", "\(found)")
    }

    /// What people write into descriptions does not reach a terminal as it is.
    @Test func hostileDescriptionsMoveNoCursor() throws {
        let sandbox = Sandbox(registry: nil)
        let evil = StubHub([
            StubHub.Repository("evil/one", "a\u{1B}[2J\u{1B}]0;title\u{7}b\u{9B}31m\u{202E}c\n\r\u{8}d"),
            StubHub.Repository("evil/two", String(repeating: "long ", count: 5000)),
        ])
        let environment = hub(sandbox, evil)
        for line in ["search evil", "search evil --format '{{.Description}}'"] {
            let terminal = sandbox.terminal("-c", line, environment: environment)
            #expect(terminal.waitForEnd() == 0)
            for bad in ["\u{1B}[2J", "\u{1B}]0", "\u{9B}", "\u{202E}", "\u{8}"] {
                #expect(!terminal.history.contains(bad), "\(terminal.history.debugDescription)")
            }
        }
        let values = sandbox.dsh("search evil | map(.Description | length)", environment: environment)
        #expect(value(values) == [26, 25000], "\(values)")
    }

    @Test func aBusyHubIsAskedAgainAndARefusalIsSaid() throws {
        let sandbox = Sandbox(registry: nil)
        let busy = StubHub()
        let environment = hub(sandbox, busy)
        busy.answerFirst(
            StubResponse(503, text: "busy"), StubResponse(429, [("Retry-After", "1")], text: "slow down"))
        let start = Date()
        #expect(value(sandbox.dsh("search httpd | map(.StarCount)", environment: environment)) == [4821])
        #expect(Date().timeIntervalSince(start) >= 1)
        busy.answerFirst(StubResponse(429, [("Retry-After", "3600")], text: "slow down"))
        let refused = sandbox.dsh("search httpd", environment: environment)
        expectFailure(refused, code: "rate_limited")
        #expect(refused.errors.contains("3600 s"), "\(refused)")
        // Debian's registry has no search.
        expectFailure(Sandbox().dsh("search nginx"), code: "unsupported")
        expectFailure(sandbox.dsh("search 'http://x/y'"), code: "usage", exit: 2)
    }

    @Test func controlCEndsASearch() throws {
        let sandbox = Sandbox(registry: nil)
        let silent = StubHub()
        var answer = StubResponse(200, text: "{}")
        answer.delivery = .silence
        silent.answerFirst(answer)
        let process = sandbox.start(["-c", "search nginx"], environment: hub(sandbox, silent))
        let deadline = Date().addingTimeInterval(20)
        while silent.requests.isEmpty, Date() < deadline { usleep(10_000) }
        process.signal(SIGINT)
        #expect(process.wait(timeout: 10).code == 130)
    }

    // MARK: prune

    @Test func pruneAsksAtATerminalAndRefusesWithout() throws {
        let sandbox = try furnished("alpine:3.19 nginx:alpine")
        let refused = sandbox.dsh("prune --all")
        expectFailure(refused, code: "usage", exit: 2)
        #expect(refused.errors.contains("--force removes without a question; --dry-run"), "\(refused)")
        #expect(value(sandbox.dsh("images | length")) == 2)

        let no = sandbox.terminal("-c", "prune --all --filter 'reference=nginx'")
        try #require(no.expect("[y/N]"), "\(no.history)")
        #expect(no.history.contains("Remove 1 name, 1 image ("), "\(no.history)")
        no.send("n\r")
        #expect(no.waitForEnd() == 0)
        #expect(value(sandbox.dsh("images | length")) == 2)

        let yes = sandbox.terminal("-c", "prune --all --filter 'reference=nginx'")
        try #require(yes.expect("[y/N]"), "\(yes.history)")
        yes.send("y\r")
        #expect(yes.waitForEnd() == 0)
        #expect(yes.history.contains("nginx:alpine"), "\(yes.history)")
        #expect(value(sandbox.dsh("images | map(.Reference)")) == ["alpine:3.19"])
        expectValidStore(sandbox.store)
    }

    @Test func aPlanIsCarriedOutOrRefused() throws {
        let sandbox = try furnished()
        let dry = sandbox.dsh("prune --all --filter 'reference=nginx' --dry-run | write plan.json")
        #expect(dry.code == 0 && value(sandbox.dsh("images | length")) == 3, "\(dry)")
        // One of the two images got another name: it would no longer be deleted.
        #expect(sandbox.dsh("tag nginx:1.25 kept:1").code == 0)
        let refused = sandbox.dsh("read plan.json | prune --plan")
        expectFailure(refused, code: "conflict")
        #expect(refused.errors.contains("the store has changed since the plan was made"), "\(refused)")
        #expect(value(sandbox.dsh("images | length")) == 4)

        #expect(sandbox.dsh("untag kept:1").code == 0)
        let done = sandbox.dsh("read plan.json | prune --plan | write done.json")
        #expect(done.code == 0, "\(done)")
        let same = sandbox.dsh("let a = read plan.json\nlet b = read done.json\n$a == $b")
        #expect(same.output == "true\n", "\(same)")
        #expect(value(sandbox.dsh("images | map(.Reference)")) == ["alpine:3.19"])
        expectValidStore(sandbox.store)
    }

    @Test func pruneRowsAddUpToWhatTheDiskGotBack() throws {
        let sandbox = try furnished()
        func blobs() -> Double { value(sandbox.dsh("df | .[0].Disk.Blobs.Size")).numberValue ?? -1 }
        let before = blobs()
        let freed = value(sandbox.dsh("prune -a -f --filter 'reference!=alpine' | map(.Reclaimed) | add")).numberValue
        #expect(freed == before - blobs())
        #expect(value(sandbox.dsh("images | map(.Reference)")) == ["alpine:3.19"])
        #expect(expectValidStore(sandbox.store).unreferenced.isEmpty)
    }

    // MARK: df, info

    @Test func dfAgreesWithTheListOfImagesAndWithTheDisk() throws {
        let sandbox = try furnished("nginx:1.25 nginx:alpine alpine:3.19 node:20")
        #expect(sandbox.dsh("tag nginx:1.25 again:1").code == 0)
        let rows = value(sandbox.dsh("df"))
        let images = value(sandbox.dsh("images | unique_by(.Id)"))
        #expect(rows[0]?["TotalCount"]?.numberValue == Double(images.arrayValue?.count ?? -1))
        let verbose = value(sandbox.dsh("df --verbose"))
        let byId = value(sandbox.dsh("images | unique_by(.Id) | map({Id, Size, SharedSize, UniqueSize})"))
        let shown = value(sandbox.dsh("df -v | sort_by(.Id) | map({Id, Size, SharedSize, UniqueSize})"))
        #expect(shown == byId)
        #expect(verbose.arrayValue?.count == images.arrayValue?.count)
        let names = value(sandbox.dsh("df -v | map(.Names[]) | sort"))
        #expect(names == ["again:1", "alpine:3.19", "nginx:1.25", "nginx:alpine", "node:20"])
        let du = sandbox.tool(
            "sh", "-c", "find \"$0\" -type f ! -name lock -printf '%s\\n' | awk '{s += $1} END {print s}'",
            sandbox.store)
        // Asking for sizes writes the cache; the second answer counts it.
        let size = value(sandbox.dsh("df | .[0].DiskSize")).numberValue
        #expect(size == Double(du.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(du)")
        #expect(rows[0]?["Size"]?.numberValue == value(sandbox.dsh("df | .[0].Reclaimable")).numberValue)
    }

    @Test func infoTellsOfMirrorsAndOfNoSecret() throws {
        let sandbox = try furnished("alpine:3.19")
        sandbox.directory.write(
            "home/.docker/config.json", #"{"auths":{"r.example":{"auth":"bWU6aHVudGVyMg=="}}}"#)
        let info = sandbox.dsh("info", environment: ["HTTPS_PROXY": "http://me:hunter2@127.0.0.1:1"])
        let document = value(info)
        #expect(document["Store"]?.stringValue == sandbox.store && document["Images"]?.numberValue == 1)
        #expect(document["Registries"]?[0]?["Prefix"] == "docker.io")
        #expect(document["Registries"]?[0]?["Mirrors"]?[0]?["Location"]?.stringValue == RegistryServer.shared.host)
        for secret in ["hunter2", "bWU6"] { #expect(!info.output.contains(secret)) }
    }

    // MARK: fsck

    private func layer(_ sandbox: Sandbox, _ name: String) throws -> String {
        let digest = try #require(value(sandbox.dsh("history \(name) | map(.Layer // empty) | .[0]")).stringValue)
        return sandbox.store + "/blobs/" + digest.replacingOccurrences(of: ":", with: "/")
    }

    @Test func aDamagedLayerIsFoundPutAsideAndPulledAgain() throws {
        let sandbox = try furnished()
        let whole = sandbox.dsh("fsck | map(.Ok) | all")
        #expect(whole.output == "true\n" && whole.errors.isEmpty, "\(whole)")
        let path = try layer(sandbox, "nginx:1.25")
        let good = try #require(readFile(path))
        var bad = good
        bad[bad.count / 2] ^= 1
        sandbox.directory.write("bad", bad)
        #expect(sandbox.tool("cp", sandbox.directory.path + "/bad", path).code == 0)

        // The size is right: only reading it tells.
        #expect(sandbox.dsh("fsck --quick").code == 0)
        let failed = sandbox.dsh("fsck")
        expectFailure(failed, code: "corrupt")
        #expect(failed.errors.contains("1 thing is wrong in the store, and nginx:1.25 is not whole"), "\(failed)")
        let rows = try JSONValue.parse(failed.outputBytes).arrayValue ?? []
        let damaged = rows.filter { $0["Ok"] == .bool(false) }
        #expect(damaged.map { $0["Problem"]?.stringValue } == ["incomplete", "digest_mismatch"])
        #expect(damaged.last?["Images"] == ["nginx:1.25"])
        #expect(sandbox.dsh("fsck alpine:3.19").code == 0)
        expectFailure(sandbox.dsh("fsck nginx:1.25"), code: "corrupt")

        let dry = sandbox.dsh("fsck --repair --dry-run")
        expectFailure(dry, code: "corrupt")
        #expect(readFile(path) == bad)
        let repaired = sandbox.dsh("fsck --repair")
        expectFailure(repaired, code: "corrupt")
        #expect(repaired.output == dry.output && repaired.errors.contains("`pull nginx:1.25` fetches what is missing"))
        #expect(readFile(path) == nil)
        expectFailure(sandbox.dsh("fsck"), code: "corrupt")
        let pulled = sandbox.dsh("pull -q nginx:1.25")
        #expect(pulled.code == 0, "\(pulled)")
        #expect(readFile(path) == good)
        #expect(sandbox.dsh("fsck").code == 0)
        // What was put aside goes with the next thorough prune.
        let pruned = value(sandbox.dsh("prune -a -f | map(select(.Kind == \"file\").Subject)"))
        #expect(pruned[0]?.stringValue?.hasPrefix("quarantine/") == true, "\(pruned.compact)")
        expectValidStore(sandbox.store)
    }

    @Test func controlCEndsACheck() throws {
        let sandbox = try furnished("lab/big:1")
        let path = try layer(sandbox, "lab/big:1")
        // A gigabyte that takes no room, and its name is wrong: reading it takes longer than this test waits.
        #expect(sandbox.tool("truncate", "-s", "8G", path).code == 0)
        let process = sandbox.start(["-c", "fsck"])
        usleep(500_000)
        let start = Date()
        process.signal(SIGINT)
        #expect(process.wait(timeout: 10).code == 130)
        #expect(Date().timeIntervalSince(start) < 2)
    }

    // MARK: Tables

    @Test func tablesAreForPeople() throws {
        let sandbox = try furnished("alpine:3.19")
        func table(_ line: String) -> [String] {
            let result = sandbox.start(["-o", "table", "-c", line]).wait()
            #expect(result.code == 0, "\(result)")
            return result.output.components(separatedBy: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        }
        #expect(table("df").first == "TYPE TOTAL ACTIVE SIZE RECLAIMABLE ON DISK")
        #expect(table("df")[1].hasPrefix("Images 1 0 "))
        #expect(table("df")[2] == "Containers 0 0 0B 0B 0B")
        #expect(
            table("df -v").first == "REPOSITORY TAG IMAGE ID CREATED SIZE SHARED SIZE UNIQUE SIZE CONTAINERS ON DISK")
        #expect(table("fsck").first?.hasPrefix("KIND REFERENCE DIGEST OK PROBLEM") == true)
        #expect(table("prune -a --dry-run").first == "ACTION KIND SUBJECT ID RECLAIMED")
        #expect(table("prune -a --dry-run")[1].hasPrefix("Untagged reference alpine:3.19 "))
    }
}

/// Kills and neighbours: one after another, since they are about moments in time.
@Suite(.serialized) struct PruneFaultTests {
    @Test func killsInAPruneLeaveTheStoreWhole() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull -q alpine:3.19 nginx nginx:1.25 node:20 lab/many:120").code == 0)
        let template = sandbox.directory.path + "/template"
        try FileManager.default.copyItem(atPath: sandbox.store, toPath: template)
        let line = "prune --all --force --filter 'reference!=alpine'"
        let start = Date()
        try #require(sandbox.dsh(line).code == 0)
        let whole = Date().timeIntervalSince(start)
        for round in 1...30 {
            try FileManager.default.removeItem(atPath: sandbox.store)
            try FileManager.default.copyItem(atPath: template, toPath: sandbox.store)
            let prune = sandbox.start(["-c", line])
            usleep(UInt32(Double.random(in: 0...(whole * 1.1)) * 1e6))
            prune.signal(SIGKILL)
            _ = prune.wait()
            let audit = expectValidStore(sandbox.store, after: "kill \(round) of a prune")
            #expect(audit.references.contains("docker.io/library/alpine:3.19"))
            #expect(sandbox.dsh("fsck").code == 0)
            let again = sandbox.dsh(line)
            #expect(again.code == 0, "\(again)")
            #expect(expectValidStore(sandbox.store).references == ["docker.io/library/alpine:3.19"])
        }
    }

    /// A pull that runs in another process keeps what it fetched, also what has no name yet.
    @Test func aPullBesidePrunesKeepsItsBlobs() throws {
        let sandbox = Sandbox()
        for round in 1...5 {
            let pull = sandbox.start(["-c", "pull lab/big:1 nginx:1.25 node:20"])
            var prunes = 0
            repeat {
                let prune = sandbox.dsh("prune --force")
                #expect(prune.code == 0, "\(prune)")
                prunes += 1
            } while prunes < 4
            let result = pull.wait(timeout: 60)
            #expect(result.code == 0, "round \(round): \(result)")
            #expect(expectValidStore(sandbox.store).references.count == 3)
            #expect(sandbox.dsh("prune --all --force").code == 0)
            #expect(expectValidStore(sandbox.store).references.isEmpty)
        }
    }
}
