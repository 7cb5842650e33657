/// One line about each request that was made, for somebody who wants to see them: no header and no body, and of the URL
/// only what is no secret.
struct RequestTrace {
    let method: String
    let url: String
    let authorization: String?
    let started: UInt64

    /// The parameters whose values the protocols define, none of which is secret; signed URLs have others.
    private static let shownParameters: Set<Substring> = [
        "n", "last", "page_size", "page", "q", "service", "scope", "digest", "mount", "from", "artifactType", "ns",
        "account", "client_id", "offline_token",
    ]

    /// `GET https://quay.io/v2/team/app/manifests/1 200 1432 bytes 83 ms HTTP/2 reused bearer`; a connection is `reused`,
    /// `new`, or `unconnected` where it never came about (nil).
    func line(_ response: HTTPResponse?, received: Int64, isReused: Bool?, failure: HTTPError?, now: UInt64) -> String {
        var words = [method, RequestTrace.shown(url)]
        words.append(response.map { "\($0.status)" } ?? "-")
        words.append("\(received) bytes")
        words.append("\((now - min(now, started)) / 1_000_000) ms")
        if let response { words.append("HTTP/\(response.version)") }
        words.append(isReused.map { $0 ? "reused" : "new" } ?? "unconnected")
        words.append(authorization.map(RequestTrace.scheme) ?? "anonymous")
        if let failure { words.append("failed: \(failure.message)") }
        return words.joined(separator: " ")
    }

    private static func scheme(_ header: String) -> String { header.prefix { $0 != " " }.lowercased() }

    /// The URL with the values of unknown parameters left out: the signatures of storage services are there.
    static func shown(_ url: String) -> String {
        guard let question = url.firstIndex(of: "?") else { return escaped(url, limit: 2000) }
        let parameters = url[url.index(after: question)...].split(separator: "&").map { parameter in
            let name = parameter.prefix { $0 != "=" }
            return shownParameters.contains(name) ? String(parameter) : "\(name)=…"
        }
        return escaped(url[..<question] + "?" + parameters.joined(separator: "&"), limit: 2000)
    }
}
