import HTTP

/// Where an upload goes on.
enum UploadLocation {
    /// The URL that a `Location` means (distribution-spec: it may be relative, and on another host).
    ///
    /// Throws `redirect` for one that leaves TLS. A registry behind a proxy that ends TLS may take itself for a plain one:
    /// on the same host its own scheme stays.
    static func resolve(_ location: String, from url: String, registry: String) throws(RegistryError) -> String {
        do throws(HTTPError) {
            let base = try Target(url)
            let next = try base.resolving(location)
            guard base.scheme == "https", next.scheme == "http" else { return next.url }
            guard next.host == base.host, next.port == base.port || next.port == 80 else {
                throw HTTPError(.redirect, "it leaves TLS")
            }
            let path = next.url.dropFirst("http://".count).drop { $0 != "/" && $0 != "?" }
            return "https://\(base.authority)\(path)"
        } catch {
            throw RegistryError(
                .redirect,
                "\(registry) wants an upload to go to \"\(escaped(location, limit: 120))\", which is not done: \(error.message)",
                registry: registry)
        }
    }

    static func areSameOrigin(_ one: String, _ other: String) -> Bool {
        guard let left = try? Target(one), let right = try? Target(other) else { return false }
        return left.hasSameOrigin(as: right)
    }

    /// How many bytes a `Range: 0-LAST` says there are; `0-0` is what registries say of none. nil for what says nothing.
    static func end(_ field: String?) -> Int64? {
        guard var text = field?.trimmingSpaces() else { return nil }
        if text.hasPrefix("bytes=") || text.hasPrefix("bytes ") { text.removeFirst(6) }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, ends[0] == "0", let last = Int64(ends[1]), last >= 0, last < Int64.max else {
            return nil
        }
        return last == 0 ? 0 : last + 1
    }
}
