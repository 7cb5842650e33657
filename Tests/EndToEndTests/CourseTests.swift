import Fixtures
import Foundation
import JSON
import Testing

/// scripts/course.dsh, run to its end against registries of our own.
@Suite struct CourseTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../scripts/course.dsh").standardizedFileURL.path

    @Test func everyLineRuns() throws {
        let sandbox = Sandbox()
        let hub = StubHub([
            StubHub.Repository("postgres", "The object-relational database", stars: 13_000, official: true),
            StubHub.Repository("bitnami/postgres", "Bitnami's", stars: 200),
            StubHub.Repository("someone/postgres", "Somebody's", stars: 2),
        ])
        let mirrors = RegistryServer.shared.registriesConf.replacingOccurrences(
            of: "[[registry.mirror]]", with: hub.mirrorTable + "\n[[registry.mirror]]")
        let result = sandbox.run(
            Self.script, input: Array("y\ny\ny\n".utf8),
            environment: ["CONTAINERS_REGISTRIES_CONF": sandbox.directory.write("both.conf", mirrors)])
        try #require(result.code == 0, "\(result)")
        for text in [
            "Using default tag: latest\nlatest: Pulling from library/nginx\n",
            "Status: Downloaded newer image for ghcr.io/owner/image-name:tag\n",
            "REPOSITORY                 TAG         IMAGE ID       CREATED       SIZE\n",
            "IMAGE          CREATED       CREATED BY", "map[80/tcp:{}]\n",
            "NGINX_VERSION=1.27.0\n", "[nginx -g daemon off;]\n", "[/docker-entrypoint.sh]\n",
            "Untagged: nginx:1.25\nUntagged: nginx@sha256:",
            "\"Error response from daemon: No such image: a8758716bb6a:latest\"\n",
            "NAME               DESCRIPTION                      STARS     OFFICIAL\n",
            "postgres           The object-relational database   13000     [OK]\n",
            "WARNING! This will remove all images without at least one container associated to them.\n",
            "TYPE            TOTAL     ACTIVE    SIZE", "Total reclaimed space: ",
        ] { #expect(result.output.contains(text), "no \(text)\n\(result.output)") }
        expectValidStore(sandbox.store)
    }
}
