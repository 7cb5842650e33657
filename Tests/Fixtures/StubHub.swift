import Foundation
import Synchronization

/// A registry in this process that can be searched as Docker Hub can (`/v1/search` and `/v1/_ping`), and has nothing
/// else. It ends with its last reference.
package final class StubHub: Sendable {
    /// A repository as the search tells of it; `json` is an object's members as they are to be sent.
    package struct Repository: Sendable {
        package var name: String
        package var json: String

        package init(
            _ name: String, _ description: String = "", stars: Int = 0, official: Bool = false, automated: Bool = false
        ) {
            self.name = name
            json = """
                "name":\(jsonText(name)),"description":\(jsonText(description)),"star_count":\(stars),\
                "is_official":\(official),"is_automated":\(automated)
                """
        }

        /// One whose members are as they stand here.
        package init(raw: String) {
            name = ""
            json = raw
        }
    }

    private struct State {
        var answers: [StubResponse] = []
    }

    private let server: StubServer
    private let state: SharedState

    private final class SharedState: Sendable {
        let value = Mutex(State())
    }

    /// - Parameters:
    ///   - repositories: what there is, in the order in which it is found; a raw one is always found
    ///   - pageSize: the most that one answer holds
    ///   - pages: whether `page=` is understood; a registry of the old kind gives its first page each time
    package init(_ repositories: [Repository] = StubHub.standard, pageSize: Int = 100, pages: Bool = true) {
        let state = SharedState()
        self.state = state
        server = StubServer { request in
            if request.path == "/v1/_ping" { return StubResponse(200, text: "true") }
            guard request.path == "/v1/search" else { return StubRegistry.error(404, "NOT_FOUND", "no such page") }
            let scripted = state.value.withLock { state in state.answers.isEmpty ? nil : state.answers.removeFirst() }
            if let scripted { return scripted }
            let query = URLComponents(string: request.target)?.queryItems ?? []
            func number(_ name: String) -> Int? {
                query.first { $0.name == name }?.value.flatMap { Int($0) }
            }
            let term = query.first { $0.name == "q" }?.value ?? ""
            let found = repositories.filter { $0.name.isEmpty || $0.name.contains(term) }
            let size = min(pageSize, max(1, number("n") ?? 25))
            let page = pages ? max(1, number("page") ?? 1) : 1
            let rows = found.dropFirst((page - 1) * size).prefix(size).map { "{\($0.json)}" }
            return StubResponse(
                200, [("Content-Type", "application/json")],
                text: """
                    {"num_pages":\((found.count + size - 1) / size),"num_results":\(found.count),"page":\(page),\
                    "page_size":\(size),"query":\(jsonText(term)),"results":[\(rows.joined(separator: ","))]}
                    """)
        }
    }

    /// `127.0.0.1:PORT`
    package var host: String { server.host }
    package var requests: [StubRequest] { server.requests }

    /// Answers that come before the true ones, one for each search.
    package func answerFirst(_ answers: StubResponse...) { state.value.withLock { $0.answers += answers } }

    /// A `registries.conf` in which this is Docker Hub.
    package var registriesConf: String {
        "[[registry]]\nprefix = \"docker.io\"\nlocation = \"\(host)\"\ninsecure = true\n"
    }

    /// A table for a `registries.conf` in which this is asked for Docker Hub's search first.
    package var mirrorTable: String { "[[registry.mirror]]\nlocation = \"\(host)\"\ninsecure = true\n" }

    package static let standard = [
        Repository("nginx", "Official build of Nginx.", stars: 20134, official: true),
        Repository("bitnami/nginx", "Bitnami container image for NGINX", stars: 200, automated: true),
        Repository(
            "nginx/nginx-ingress", "NGINX and  NGINX Plus Ingress Controllers for Kubernetes — all of it", stars: 110),
        Repository(
            "nginxproxy/nginx-proxy", "Automated reverse proxy\nfor docker\r\ncontainers\twith tabs", stars: 176),
        Repository("ubuntu/nginx", "世界中のすべてのサーバーのための高性能なウェブサーバーです。とても速い", stars: 131),
        Repository("httpd", "The Apache HTTP Server Project", stars: 4821, official: true),
    ]
}

private func jsonText(_ text: String) -> String { String(decoding: JSONText.string(text).bytes, as: UTF8.self) }
