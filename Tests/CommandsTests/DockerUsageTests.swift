import Backend
import Fixtures
import Foundation
import Shell
import Testing

@testable import Commands

/// `docker search`, `image prune`, `system df`, `system prune` and `info` where no engine is there to compare with:
/// Tests/Oracle/lines.txt has the rest.
@Suite struct DockerUsageTests {
    /// Text as it is shown: the values of a verbatim result, joined.
    private func shown(_ line: String, hub: StubHub? = nil) async -> Outcome {
        await run(line.replacingOccurrences(of: "HUB", with: hub?.host ?? ""))
    }

    @Test func pipedOnALineGivesValues() async {
        let hub = StubHub()
        let found = await shown("docker search --limit 1 HUB/nginx | map({Name, StarCount})", hub: hub)
        #expect(found.values == [#"[{"Name":"nginx","StarCount":20134}]"#], "\(found)")
        let cases = [
            ("docker image prune --force --all | length", "0"), ("docker system prune -f --volumes | length", "0"),
            ("docker system df | map(.Type) | .[0]", #""Images""#), ("docker system df -v | length", "0"),
            ("docker info | .Images", "0"), ("docker system info | .Backend", #""local""#),
        ]
        for (line, value) in cases {
            let outcome = await run(line)
            #expect(outcome.values == [value], "\(line): \(outcome)")
        }
    }

    /// Docker asks once: what a busy hub says is the end of it.
    @Test func aBusyHubIsNotAskedAgain() async throws {
        let hub = StubHub()
        hub.answerFirst(StubResponse(503, text: "busy"), StubResponse(429, text: "slow down"))
        for _ in 0..<2 { _ = await shown("try { docker search HUB/nginx } catch e { $e.code }", hub: hub) }
        #expect(hub.requests.filter { $0.path == "/v1/search" }.count == 2)
    }

    @Test(
        arguments: [
            ("a2", "a10", true), ("a10", "a2", false), ("label!=a10", "label=a9", true), ("a", "ab", true),
            ("a", "a", false),
            ("a01", "a1", false), ("a1", "a01", true), ("x9y", "x9z", true), ("1", "a", true), ("", "a", true),
        ])
    func numbersAreComparedAsNumbers(_ left: String, _ right: String, _ isBefore: Bool) {
        #expect(NaturalOrder.precedes(left, right) == isBefore)
    }

    /// A configured label counts only beside one of the other sort that was given: so the client has it.
    @Test(
        arguments: [
            (["label=a"], ["until=1h", "nothing"], ["label=a", "until=1h"]),
            ([], ["label=a", "label!=b"], []), (["label!=x"], ["label=a"], ["label!=x", "label=a"]),
            (["label!=a"], ["label=a"], ["label!=a"]), (["label=x"], ["label!=b=c"], ["label=x", "label!=b=c"]),
            ([" Label = a "], ["label!=a"], ["label=a"]), (["until=1h"], ["until=1h"], ["until=1h"]),
        ] as [([String], [String], [String])])
    func configuredFiltersAreAdded(_ given: [String], _ configured: [String], _ expected: [String]) {
        var filters = DockerPruneFilters(given)
        filters.add(configured: configured)
        #expect(filters.values.map { "\($0.key)=\($0.value)" } == expected)
    }

    @Test func whatTheEngineRefuses() throws {
        for (text, message) in [
            ("foo=1", "Invalid filter 'foo'"), ("until=x", "failed to parse value as time or duration: \"x\""),
        ] {
            let error = #expect(throws: ShellError.self) {
                try DockerPruneFilters([text]).request(all: false, keys: ["until"])
            }
            #expect(error?.message == "Error response from daemon: " + message)
        }
        let all = try DockerPruneFilters(["dangling=0"]).request(all: false, keys: ["dangling"])
        #expect(all.all && all.isDockers)
    }
}
