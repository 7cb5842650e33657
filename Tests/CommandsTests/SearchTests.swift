import Fixtures
import Foundation
import Testing

@Suite struct SearchTests {
    private let hub = StubHub()

    private func search(_ line: String) async -> Outcome {
        await run(line.replacingOccurrences(of: "HUB", with: hub.host))
    }

    private static let table = """
        NAME                     DESCRIPTION                                     STARS     OFFICIAL
        nginx                    Official build of Nginx.                        20134     [OK]
        bitnami/nginx            Bitnami container image for NGINX               200       \("")
        nginx/nginx-ingress      NGINX and  NGINX Plus Ingress Controllers fo…   110       \("")
        nginxproxy/nginx-proxy   Automated reverse proxy for docker  containe…   176       \("")
        ubuntu/nginx             世界中のすべてのサーバーのための高性能なウェ…   131       \("")
        """

    @Test func recordsAreWhole() async throws {
        let outcome = await search("search HUB/nginx | map(select(.IsOfficial)) | .[0]")
        #expect(
            outcome.values == [
                """
                {"Reference":"\(hub.host)/nginx","Name":"nginx","Description":"Official build of Nginx.",\
                "StarCount":20134,"IsOfficial":true,"IsAutomated":false,"PullCount":null,"Registry":"\(hub.host)"}
                """
            ], "\(outcome)")
        let description = await search("search HUB/proxy | .[0].Description")
        #expect(description.values == [#""Automated reverse proxy\nfor docker\r\ncontainers\twith tabs""#])
    }

    static let lines: [Line] = [
        Line("search HUB/nginx --limit 2 | map(.Name)", #"["nginx","bitnami/nginx"]"#),
        Line(
            "search HUB/nginx --filter stars=130 --filter stars=150 | map(.Name)",
            #"["nginx","bitnami/nginx","nginxproxy/nginx-proxy"]"#),
        Line("search HUB/nginx -f is-official=false --limit 1 | map(.Name)", #"["bitnami/nginx"]"#),
        Line("search HUB/nginx -f is-automated=true -f stars=1 | map(.Name)", #"["bitnami/nginx"]"#),
        Line("search HUB/nothing", "[]"),
        Line("search HUB/nginx --limit 1 --format '{{.Name}} {{.IsOfficial}}'", #""nginx [OK]""#),
        Line(
            "search HUB/proxy --no-trunc --format '{{.Description}}'",
            #""Automated reverse proxy for docker  containers\twith tabs""#),
        Line("search HUB/nginx --limit 1 --format json | .StarCount", "20134"),
        Line("search x --limit 101", error: "usage: limit 101 is outside the range of [1, 100]"),
        Line("search x --limit=-1", error: "usage: limit -1 is outside the range of [1, 100]"),
        Line("search x --filter stars", error: "usage: invalid argument \"stars\" for --filter: expected KEY=VALUE"),
        Line("search x --filter stars=many", error: "usage: invalid filter 'stars=many'"),
        Line("search x --filter foo=bar", error: "usage: invalid filter 'foo'"),
        Line("search x --filter is-official=yes", error: "usage: invalid filter 'is-official=yes'"),
        Line(
            "search x -f is-official=true -f is-official=false",
            error: "usage: invalid filter 'is-official': both true and false"),
        Line("search https://x/y", error: "usage: invalid repository name (ex: \"registry.domain.tld/myrepos\")"),
    ]

    @Test(arguments: lines) func line(_ line: Line) async {
        let outcome = await search(line.text)
        #expect(outcome.values == line.values, "\(outcome)")
        #expect(outcome.error == line.error)
    }

    @Test func tablesAreDockers() async {
        let outcome = await search("search HUB/nginx --format table")
        #expect(outcome.values.map { unquoted($0) }.joined(separator: "\n") == Self.table)
        let tagged = await search("search HUB/nginx --limit 1 --format 'table {{.Name}}\\t{{.StarCount}}'")
        #expect(tagged.values == [#""NAME      STARS""#, #""nginx     20134""#])
    }

    private func unquoted(_ text: String) -> String { String(text.dropFirst().dropLast()) }
}
