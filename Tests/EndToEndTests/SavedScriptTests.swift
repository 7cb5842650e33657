import Fixtures
import Foundation
import JSON
import Testing

/// The scripts that ship with dsh, each on a store of its own.
@Suite struct SavedScriptTests {
    /// Where the scripts are in the source tree.
    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../scripts").standardizedFileURL.path

    private func run(_ sandbox: Sandbox, _ script: String, _ arguments: String...) -> ProcessResult {
        sandbox.start(["\(Self.directory)/\(script).dsh"] + arguments).wait()
    }

    /// ci/app:1 to :4 and ci/web:1 to :3, oldest first; app and web of the same number share their layer.
    private func built() throws -> Sandbox {
        let sandbox = Sandbox(registry: nil)
        for number in 1...4 {
            sandbox.directory.write("work/root\(number)/data", String(repeating: "\(number)", count: number * 1000))
            let names = number < 4 ? ["ci/app", "ci/web"] : ["ci/app"]
            for name in names {
                let made = sandbox.dsh("import root\(number) \(name):\(number) -m \(name)")
                try #require(made.code == 0, "\(made)")
            }
        }
        try #require(sandbox.dsh("tag ci/app:4 ci/app:latest; tag ci/app:4 registry.example.com/team/app:4").code == 0)
        return sandbox
    }

    private func names(_ sandbox: Sandbox) -> [JSONValue] { sorted(value(sandbox.dsh("images | map(.Reference)"))) }

    @Test(arguments: ["keep-newest", "audit", "layers", "pin", "disk-use", "update"]) func hasHelp(script: String) {
        let result = run(Sandbox(registry: nil), script, "--help")
        #expect(result.code == 0, "\(result)")
        #expect(result.output.contains("usage:"), "\(result)")
        #expect(result.output.contains("  dsh \(script).dsh"), "no example:\n\(result)")
        // Every option has a line of its own.
        let options = result.output.matches(of: /\[(--[a-z-]+)/).map { String($0.1) }
        for option in options { #expect(result.output.contains("\n  \(option)"), "\(option)\n\(result)") }
    }

    @Test(arguments: ["keep-newest", "audit", "layers", "pin", "disk-use", "update"]) func isRight(script: String) {
        let result = Sandbox(registry: nil).run("--check", "\(Self.directory)/\(script).dsh")
        #expect(result.code == 0, "\(result)")
    }

    // MARK: keep-newest

    @Test func keepsTheNewestOfEachRepository() throws {
        let sandbox = try built()
        let before = names(sandbox)
        let plan = run(sandbox, "keep-newest", "--keep", "2", "--dry-run")
        #expect(plan.code == 0, "\(plan)")
        #expect(names(sandbox) == before, "a dry run changes nothing")
        let done = run(sandbox, "keep-newest", "--keep", "2", "--yes")
        #expect(done.output == plan.output, "a dry run and the run tell the same story")
        #expect(
            names(sandbox) == [
                "ci/app:3", "ci/app:4", "ci/app:latest", "ci/web:2", "ci/web:3", "registry.example.com/team/app:4",
            ])
        #expect(expectValidStore(sandbox.store).unreferenced.isEmpty)
        let again = run(sandbox, "keep-newest", "--keep", "2", "--yes")
        #expect(again.text == "[]" && again.errors == "nothing to remove\n", "\(again)")
    }

    @Test func keepsWhatIsAskedFor() throws {
        let sandbox = try built()
        let subjects = { (arguments: [String]) in
            let result = sandbox.start(["\(Self.directory)/keep-newest.dsh", "--dry-run"] + arguments).wait()
            return value(result).arrayValue?.filter { $0["Action"] == "Untagged" }.compactMap {
                $0["Subject"]?.stringValue
            }
            .sorted() ?? []
        }
        #expect(subjects(["ci/w*", "--keep", "1"]) == ["ci/web:1", "ci/web:2"])
        #expect(subjects(["*/*/team/*", "ci/web", "--keep", "2"]) == ["ci/web:1"])
        #expect(subjects(["ci/app", "--keep", "0"]) == ["ci/app:1", "ci/app:2", "ci/app:3", "ci/app:4"])
        #expect(subjects(["ci/app", "--keep", "0", "--protect", "1,4"]) == ["ci/app:2", "ci/app:3", "ci/app:latest"])
        #expect(subjects(["ci/app", "--keep", "1", "--older-than", "1d"]) == [])
        #expect(subjects(["--keep", "9"]) == [])
    }

    @Test func asksBeforeItRemoves() throws {
        let sandbox = try built()
        let before = names(sandbox)
        expectFailure(run(sandbox, "keep-newest", "--keep", "1"), code: "unsupported")
        for (answer, goesOn) in [("n", false), ("y", true)] {
            let terminal = sandbox.terminal("\(Self.directory)/keep-newest.dsh", "--keep", "1")
            try #require(terminal.expect("Remove these 5? [y/N]"), "\(terminal.history)")
            #expect(terminal.screen.contains("ci/app:1 "), "\(terminal.history)")
            terminal.send(answer + "\r")
            #expect(terminal.waitForEnd() == (goesOn ? 0 : 1), "\(terminal.history)")
            #expect((names(sandbox) == before) != goesOn)
        }
    }

    @Test(arguments: ["x", "-1", "1.5", ""]) func refusesWhatIsNoNumber(keep: String) {
        let result = run(Sandbox(registry: nil), "keep-newest", "--keep=\(keep)", "--dry-run")
        expectFailure(result, code: "failed")
        #expect(result.errors.contains("--keep takes a whole number, not \(keep)"), "\(result)")
    }

    @Test func removesOldImagesOnly() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull -q nginx:1.25 nginx:alpine").code == 0)
        sandbox.directory.write("work/root/data", "x")
        try #require(sandbox.dsh("import root nginx:new").code == 0)
        // Both were made in 2024, the import just now.
        let result = run(sandbox, "keep-newest", "--keep", "0", "--older-than", "30d", "--yes")
        #expect(result.code == 0, "\(result)")
        #expect(names(sandbox) == ["nginx:new"])
    }

    // MARK: audit

    @Test func auditsAgainstAPolicy() throws {
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.write("work/root/data", String(repeating: "x", count: 5000))
        for line in [
            "import root good:1 -c 'USER app' -c 'EXPOSE 80' -c 'LABEL team=web'",
            "import root bad:1 -c 'EXPOSE 80 22/udp'", "import root zero:1 -c 'USER 0:0' -c 'LABEL team=x'",
        ] { try #require(sandbox.dsh(line).code == 0) }
        let facts = value(run(sandbox, "audit", "bad:1"))
        #expect(
            facts.objectValue?.keys == ["Image", "User", "Ports", "Created", "Age", "Size", "Violations"])
        #expect(facts["User"] == "root")
        #expect(facts["Ports"] == ["22/udp", "80/tcp"])
        #expect(facts["Size"] == 5000)
        #expect(facts["Violations"] == [])

        let policy =
            #"{"Root": false, "Ports": ["80/tcp"], "MaximumSize": "5kB", "MaximumAge": "1d", "Labels": ["team"]}"#
        sandbox.directory.write("work/policy.json", policy)
        let result = sandbox.start(["-o", "jsonl", "\(Self.directory)/audit.dsh", "--policy", "policy.json"]).wait()
        #expect(result.code == 1, "\(result)")
        #expect(result.errors.hasSuffix("2 of 3 images break a rule\n"), "\(result)")
        let rows = try result.output.split(separator: "\n").map { try JSONValue.parse(String($0)) }
        #expect(rows.map { $0["Image"] } == ["bad:1", "good:1", "zero:1"])
        #expect(rows[0]["Violations"] == ["lacks the label team", "opens 22/udp", "runs as root"])
        #expect(rows[1]["Violations"] == [])
        #expect(rows[2]["Violations"] == ["runs as root"])

        let only = run(sandbox, "audit", "--policy", "policy.json", "--violations", "--no-fail", "good:1", "zero:1")
        #expect(value(only)["Image"] == "zero:1")
        sandbox.directory.write("work/users.json", #"{"Users": ["app"], "MaximumSize": 4999}"#)
        let users = run(sandbox, "audit", "--policy", "users.json", "--no-fail", "zero:1")
        #expect(value(users)["Violations"] == ["is larger than 4999", "runs as 0:0"])
    }

    @Test func auditsAges() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull -q alpine:3.19").code == 0)
        sandbox.directory.write("work/policy.json", #"{"MaximumAge": "30d"}"#)
        let result = run(sandbox, "audit", "--policy", "policy.json")
        #expect(result.code == 1)
        #expect(result.output.contains("is older than 30d"), "\(result)")
    }

    @Test func refusesAPolicyItDoesNotUnderstand() {
        let sandbox = Sandbox(registry: nil)
        sandbox.directory.write("work/policy.json", #"{"Root": false, "Port": []}"#)
        let result = run(sandbox, "audit", "--policy", "policy.json")
        expectFailure(result, code: "failed")
        #expect(result.errors.contains("has no rule Port;"), "\(result)")
        sandbox.directory.write("work/policy.json", "[1]")
        expectFailure(run(sandbox, "audit", "--policy", "policy.json"), code: "failed")
        sandbox.directory.write("work/policy.json", "{")
        expectFailure(run(sandbox, "audit", "--policy", "policy.json"), code: "corrupt")
        expectFailure(run(sandbox, "audit", "--policy", "none.json"), code: "not_found")
    }

    // MARK: layers

    @Test func listsLayersAndWhoSharesThem() throws {
        let sandbox = try built()
        let layers = value(run(sandbox, "layers")).arrayValue ?? []
        #expect(layers.map { $0["Size"]?.intValue } == [4000, 3000, 2000, 1000])
        #expect(layers.map { $0["Sharing"]?.intValue } == [1, 2, 2, 2])
        #expect(layers.first?["Images"] == ["ci/app:4", "ci/app:latest", "registry.example.com/team/app:4"])
        #expect(layers.last?["Images"] == ["ci/app:1", "ci/web:1"])
        let inspected = value(sandbox.dsh("inspect ci/app:1 | .[0].Manifest.Layers[0].digest"))
        #expect(layers.last?["Layer"] == inspected)
        let sizes = { (arguments: [String]) in
            value(sandbox.start(["\(Self.directory)/layers.dsh"] + arguments).wait()).arrayValue?
                .compactMap { $0["Size"]?.intValue } ?? []
        }
        #expect(sizes(["--top", "2"]) == [4000, 3000])
        #expect(sizes(["--shared", "--top", "0"]) == [3000, 2000, 1000])
        #expect(sizes(["--unshared"]) == [4000])
        #expect(sizes(["ci/web:2"]) == [2000])
        #expect(sizes(["--minimum", "2.5kB"]) == [4000, 3000])
        expectFailure(run(sandbox, "layers", "--shared", "--unshared"), code: "failed")
    }

    // MARK: disk-use

    @Test func reportsByRepository() throws {
        let sandbox = try built()
        let report = value(run(sandbox, "disk-use", "--total")).arrayValue ?? []
        let columns = { (name: String) in report.map { $0[name] ?? .null } }
        #expect(columns("Name") == ["ci/app", "ci/web", "registry.example.com/team/app", "Total"])
        #expect(columns("Images") == [4, 3, 1, 7])
        #expect(columns("Names") == [5, 3, 1, 9])
        #expect(columns("Size") == [10_000, 6_000, 4_000, 10_000])
        // The layers of ci/web are all in ci/app, too, and that of ci/app:4 under another registry's name.
        #expect(columns("UniqueSize") == [0, 0, 0, 10_000])
        let registries = value(run(sandbox, "disk-use", "--by", "registry"))
        #expect(registries.arrayValue?.map { $0["Name"] } == ["docker.io", "registry.example.com"])
        let spaces = value(run(sandbox, "disk-use", "--by", "namespace"))
        #expect(spaces.arrayValue?.map { $0["Name"] } == ["ci", "registry.example.com/team"])
        #expect(value(run(sandbox, "disk-use", "ci/w*")).arrayValue?.map { $0["Name"] } == ["ci/web"])
        #expect(sandbox.dsh("untag registry.example.com/team/app:4").code == 0)
        let after = value(run(sandbox, "disk-use")).arrayValue ?? []
        #expect(after.map { $0["UniqueSize"]?.intValue } == [4_000, 0])
        expectFailure(run(sandbox, "disk-use", "--by", "colour"), code: "failed")
    }

    // MARK: pin

    @Test func pinsADockerfile() throws {
        let sandbox = Sandbox()
        let digest = { (name: String) in value(sandbox.dsh("pull --dry-run \(name) | .Digest")).stringValue ?? "" }
        let (nginx, alpine) = (digest("nginx:1.25"), digest("alpine:3.19"))
        let old = "sha256:" + String(repeating: "0", count: 64)
        let file = { (nginx: String, alpine: String, pinned: String) in
            """
            # syntax=docker/dockerfile:1
            FROM --platform=$BUILDPLATFORM nginx:1.25\(nginx) AS build
            RUN echo image: untouched
            from alpine:3.19\(alpine)   # the base
            COPY --chown=1:1 --from=build /a /b
            COPY --from=nginx:1.25\(nginx) /c /d
            COPY --from=0 /e /f
            FROM scratch
            FROM $BASE
            FROM nginx:1.25@\(pinned)
            FROM nginx@\(old)
            """
        }
        let path = sandbox.directory.write("work/Dockerfile", file("", "", old))
        let plan = run(sandbox, "pin", "Dockerfile", "--dry-run")
        #expect(plan.code == 0, "\(plan)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == file("", "", old), "a dry run writes nothing")
        let statuses = value(plan).arrayValue?.map { "\($0["Line"]?.intValue ?? 0) \($0["Status"]?.stringValue ?? "")" }
        #expect(
            statuses == [
                "2 pinned", "4 pinned", "5 skipped", "6 pinned", "7 skipped", "8 skipped", "9 skipped", "10 unchanged",
                "11 unchanged",
            ])
        let done = run(sandbox, "pin", "Dockerfile")
        #expect(done.output == plan.output, "a dry run and the run tell the same story")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == file("@\(nginx)", "@\(alpine)", old))
        let update = run(sandbox, "pin", "Dockerfile", "--update")
        #expect(value(update).arrayValue?.filter { $0["Status"] == "updated" }.count == 1, "\(update)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == file("@\(nginx)", "@\(alpine)", nginx))
    }

    @Test func pinsAComposeFileElsewhereAndFromTheStore() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("pull -q alpine:3.19").code == 0)
        let digest = value(sandbox.dsh("images alpine | .[0].Digest")).stringValue ?? ""
        let text = "services:\r\n  a:\r\n    image: \"alpine:3.19\"  # base\r\n  b: {}\r\n  - image: alpine:3.19\r\n"
        let path = sandbox.directory.write("work/compose.yaml", text)
        let result = run(sandbox, "pin", "compose.yaml", "--local", "--to", "pinned.yaml")
        #expect(result.code == 0, "\(result)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text, "the file itself stays")
        let pinned = try String(contentsOfFile: sandbox.directory.path + "/work/pinned.yaml", encoding: .utf8)
        #expect(pinned == text.replacingOccurrences(of: "alpine:3.19", with: "alpine:3.19@" + digest))
        sandbox.directory.write("work/compose.yaml", "image: nginx:1.25\n")
        let missing = run(sandbox, "pin", "compose.yaml", "--local")
        expectFailure(missing, code: "failed")
        #expect(missing.errors.contains("nginx:1.25 is not in the store"), "\(missing)")
    }

    @Test func leavesTheFileWhereANameCannotBeLookedUp() throws {
        let sandbox = Sandbox()
        let text = "FROM alpine:3.19\nFROM no/such-image:1\n"
        let path = sandbox.directory.write("work/Dockerfile", text)
        let result = run(sandbox, "pin", "Dockerfile")
        #expect(result.code == 1, "\(result)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
}
