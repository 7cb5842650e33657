import Backend
import Commands
import JSON
import OCI
import Query
import Shell
import Testing

/// The names and meanings that the shell's parts share with jq's functions.
@Suite struct FunctionNameTests {
    /// A command's name in front of a stage would hide the function, and a function's the command.
    @Test func noCommandTakesAFunctionsName() throws {
        let builtins = try #require(try Filter("builtins").outputs(.null).first?.arrayValue)
        let functions = Set(builtins.compactMap { $0.stringValue?.split(separator: "/").first.map(String.init) })
        #expect(functions.count > 100)
        for command in Builtins.table.names {
            #expect(!functions.contains(command), "\(command) is a function of jq")
            #expect(Prelude[command] == nil, "\(command) is a function of the prelude")
        }
        for function in Prelude.all where function.category != .newer {
            #expect(!functions.contains(function.name), "jq has \(function.name) itself")
        }
    }

    static let references = [
        "nginx", "nginx:1.25", "library/nginx", "docker.io/nginx:a_b.c-d", "index.docker.io/x/y", "localhost/a",
        "localhost:5000/a/b:t", "ghcr.io/team/app@sha256:" + String(repeating: "a", count: 64), "a__b/c--d/e.f",
        "Host.example/a", "HOST/a", "10.0.0.1:80/x:1@sha512:" + String(repeating: "b", count: 128),
        "", ":1", "a:", "A", "a/B", "a_", "a___b", "-a", "a..b", "a b", "a@b", "a@sha256:12", "a/", "/a",
        "<none>:<none>",
        "a:" + String(repeating: "t", count: 128), "a:" + String(repeating: "t", count: 129),
    ]

    /// `ref` in jq reads what `Reference` reads.
    @Test(arguments: references) func refIsReference(_ text: String) throws {
        let filter = try Filter(
            "try (ref | [.Registry, .Path, .Repository, .Tag, .Digest, .Reference, .Canonical]) catch null")
        let found = try filter.outputs(.string(text)).first
        guard let reference = try? Reference(text) else {
            #expect(found == .null)
            return
        }
        let repository = reference.repository
        let parts: [JSONValue] = [
            .string(repository.registry), .string(repository.path), .string(repository.familiar),
            reference.tag.map(JSONValue.string) ?? .null,
            reference.digest.map { JSONValue.string($0.description) } ?? .null,
            .string(reference.familiar), .string(reference.canonical),
        ]
        #expect(found == .array(parts))
    }

    static let patterns = [
        "nginx", "ngin?", "n*", "*", "*:1.25", "nginx:1*", "docker.io/*/nginx", "docker.io/*", "[a-n]ginx",
        "[^a-n]ginx",
        "n[gx]inx:1.2[0-9]", "nginx:1.26", "library/nginx", "ngin\\x", "", "n.inx",
    ]

    /// `ref_match` finds what `images PATTERN` finds.
    @Test(arguments: patterns) func refMatchIsImages(_ pattern: String) throws {
        for text in ["nginx:1.25", "ghcr.io/a/nginx", "docker.io/library/nginx:1.26"] {
            let filter = try Filter("ref_match($pattern)", variables: ["pattern"])
            let found = try filter.outputs(.string(text), variables: ["pattern": .string(pattern)])
            #expect(found == [.bool(ImageFilter.matches(pattern, try Reference(text)))], "\(text)")
        }
    }

    @Test func helpTellsAboutFunctions() async throws {
        let text = try #require(await run("help semver_match").output.first)
        #expect(text.contains("a function of jq: … | semver_match(range)"))
        let list = try #require(
            await run("help functions | map(.Name) | index(\"ago(duration)\") != null").output.first)
        #expect(list == "true")
        #expect(await run("help semver_mach").error == "not_found: no command or function semver_mach")
        #expect(await run("help language | test(\"Statements\")").output == ["true"])
    }
}
