import Fixtures
import JSON
import Testing

/// `--format` prints what Docker's client prints for the same images from a real engine.
@Suite(.enabled(if: EngineServer.isAvailable, "needs root and dockerd"))
struct FormatAgreementTests {
    static let references = ["nginx:1.25", "node:20", "lab/odd:1"]
    /// The engine leaves digests out where the pattern names a tag, so these are asked for by repository.
    static let repositories = ["lab/odd", "lab/plain"]

    /// Both with the images of `references`, pulled from the same registry.
    private static let stores: (engine: EngineServer, sandbox: Sandbox) = {
        let engine = EngineServer.shared
        let sandbox = Sandbox()
        for reference in references + ["lab/plain:1"] {
            let pulled = engine.docker("pull", "--quiet", reference)
            precondition(pulled.code == 0, "\(pulled)")
            let ours = sandbox.dsh("pull -q \(reference)")
            precondition(ours.code == 0, "\(ours)")
        }
        return (engine, sandbox)
    }()

    @Test(
        arguments: references,
        [
            ["images", "--format", "{{.ID}}"], ["images", "--format", "{{.Repository}}:{{.Tag}} {{.Size}}"],
            ["images", "--format", "table"], ["images", "--format", #"table {{.Tag}}\t{{.Size}}\t{{.ID}}"#],
            ["images", "--format", "raw"], ["images", "--no-trunc", "--format", "table"],
            ["images", "--format", "{{.CreatedAt}}|{{.CreatedSince}}|{{.VirtualSize}}|{{.Containers}}"],
            ["images", "-q", "--format", "table"], ["images", "--format", "{{json .Repository}}"],
            ["history", "--format", "table"], ["history", "--no-trunc", "--format", "table"],
            ["history", "--human=false", "--format", "table"], ["history", "-H=false", "--format", "{{.Size}}"],
            ["history", "--format", "{{json .}}"],
            ["history", "-q", "--format", "table"],
            ["inspect", "--format", "{{.Id}} {{.Os}}/{{.Architecture}}"], ["inspect", "-f", "{{json .Config.Env}}"],
            ["inspect", "-f", "{{.Config.Cmd}} {{.Config.ExposedPorts}} {{.Size}}"],
            ["inspect", "-f", "{{range .RootFS.Layers}}{{println .}}{{end}}"],
            ["inspect", "-f", #"{{.Os}}\t{{.Size}}"#],
        ])
    func textsAgree(_ reference: String, _ command: [String]) {
        let (engine, sandbox) = Self.stores
        let theirs = engine.run(command + [reference])
        let quoted = command.map { $0.allSatisfy { $0.isLetter || $0 == "-" || $0 == "=" } ? $0 : "'\($0)'" }
        let ours = sandbox.dsh((quoted + [reference]).joined(separator: " "))
        #expect(theirs.code == 0 && ours.code == 0, "\(theirs)\n\(ours)")
        #expect(ours.output == theirs.output)
    }

    @Test(
        arguments: repositories,
        [
            ["images", "--format", "{{.Digest}}"], ["images", "--digests", "--format", "table"],
            ["images", "--digests", "--format", "raw"],
        ])
    func digestsAgree(_ repository: String, _ command: [String]) {
        textsAgree(repository, command)
    }

    @Test(arguments: [
        ["images", "--format", "{{.Nope}}"], ["images", "--format", "{{.ID"], ["history", "--format", "{{.Tags}}"],
        ["history", "--format", "{{nope}}"], ["inspect", "-f", "{{.Config.Nope}}"], ["inspect", "-f", "{{range}}"],
    ])
    func errorsHaveDockersText(_ command: [String]) {
        let (engine, sandbox) = Self.stores
        let theirs = engine.run(command + ["nginx:1.25"])
        let ours = sandbox.dsh("\(command[0]) \(command[1]) '\(command[2])' nginx:1.25")
        expectFailure(ours, code: "usage", exit: 2)
        let text = theirs.errors.split(separator: "\n").last.map(String.init) ?? ""
        #expect(text.hasPrefix("template parsing error: "), "\(theirs)")
        #expect(ours.errors.contains(text), "\(theirs)\n\(ours)")
    }
}

/// Results that are texts, and what becomes of them on the way.
@Suite struct FormatTests {
    private static let sandbox: Sandbox = {
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull -q nginx:1.25 alpine:3.19")
        precondition(pulled.code == 0, "\(pulled)")
        return sandbox
    }()

    @Test(arguments: [
        ("images --format '{{.Repository}}'", "nginx\nalpine\n"), ("images --format '{{.Tag}}' | length", "4\n4\n"),
        (#"images --format '{{.Tag}}' | . + "!""#, "\"1.25!\"\n\"3.19!\"\n"),
        ("images --format json | .Repository", "\"nginx\"\n\"alpine\"\n"),
        ("images --format json | (.Size | type), .ID == .Id", "\"number\"\ntrue\n\"number\"\ntrue\n"),
        ("for name in (images --format '{{.Repository}}') { $name }", "\"nginx\"\n\"alpine\"\n"),
        ("history --format json alpine:3.19 | .ID == .Id", "true\ntrue\n"),
        ("inspect -f '{{index .RepoTags 0}}' nginx:1.25 alpine:3.19", "nginx:1.25\nalpine:3.19\n"),
        ("inspect --format json alpine:3.19 | .[0].RepoTags[0]", "\"alpine:3.19\"\n"),
        ("images nothing --format 'table {{.ID}}'", "IMAGE ID\n"), ("images nothing --format '{{.ID}}'", ""),
    ])
    func textsAreValues(_ command: String, _ expected: String) {
        let result = Self.sandbox.dsh(command)
        #expect(result.code == 0, "\(result)")
        #expect(result.output == expected)
    }

    @Test func aFormatOfResultsStillChooses() {
        let result = Self.sandbox.run("-o", "json", "-c", "images --format '{{.Tag}}'")
        #expect(result.output == "\"1.25\"\n\"3.19\"\n", "\(result)")
    }

    @Test func identifiersGoBackIn() {
        let result = Self.sandbox.dsh(
            "images --format '{{.ID}}' | rmi --dry-run | map(select(.Action == \"Untagged\") | .Subject)")
        #expect(value(result) == ["nginx:1.25", "alpine:3.19"], "\(result)")
    }

    @Test func whatWasFoundIsToldAllTheSame() {
        let result = Self.sandbox.dsh("inspect -f '{{.Os}}' nothing alpine:3.19")
        expectFailure(result, code: "not_found")
        #expect(result.output == "linux\n")
    }
}
