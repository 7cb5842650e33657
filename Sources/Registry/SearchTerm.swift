import HTTP
import OCI

/// What a search asks for, and which registry it asks: Docker's reading of a term (moby `registry/search.go`).
package struct SearchTerm: Sendable, Hashable {
    /// Why a text is no term, in Docker's words.
    package struct Invalid: Error, Sendable, Hashable {
        package let message: String
    }

    /// `docker.io`, or the host that the term begins with.
    package let registry: String
    package let query: String

    package var isHub: Bool { registry == Repository.defaultRegistry }

    /// `nginx` and `library/nginx` are Docker Hub's; what has a dot or a colon before its first slash, or `localhost`
    /// there, is another registry's.
    package init(_ text: String) throws(Invalid) {
        guard !text.contains("://") else {
            throw Invalid(message: "invalid repository name (ex: \"registry.domain.tld/myrepos\")")
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let host = parts[0]
        guard parts.count == 2, host.contains(".") || host.contains(":") || host == "localhost" else {
            registry = Repository.defaultRegistry
            query = SearchTerm.onHub(text)
            return
        }
        guard !host.hasPrefix("-"), !host.hasSuffix("-") else {
            throw Invalid(message: "invalid index name (\(host)). Cannot begin or end with a hyphen")
        }
        guard !host.contains(where: { "?#@\\%".contains($0) }), (try? Target("https://\(host)/")) != nil else {
            throw Invalid(message: "invalid registry name (\(escaped(host, limit: 100)))")
        }
        let isHub = [Repository.defaultRegistry, "index.docker.io"].contains(host)
        registry = isHub ? Repository.defaultRegistry : host
        query = isHub ? SearchTerm.onHub(parts[1]) : parts[1]
    }

    /// Docker Hub knows official images without their namespace.
    private static func onHub(_ text: String) -> String {
        text.hasPrefix("library/") ? String(text.dropFirst("library/".count)) : text
    }
}
