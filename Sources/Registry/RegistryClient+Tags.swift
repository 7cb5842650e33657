package import OCI

extension RegistryClient {
    /// Hands over a repository's tags page by page, in the registry's order, each once; what is no tag is left out, and
    /// told to the configuration's `warn`.
    ///
    /// Throws `notFound`, `unauthorized`, `malformed` for a registry whose pages never end, `answerTooLarge` and
    /// `timeout` beyond the configuration's `TagListLimits`, …; what `onPage` throws.
    package func tags(
        _ repository: Repository, pageSize: Int = 1000, onPage: ([String]) throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        // A tag list is by name, so mirrors for digests only are left out.
        let endpoints = try endpoints(for: repository, byDigest: false)
        let request = PageRequest(
            path: { "/v2/\($0.path)/tags/list" }, member: "tags", pageSize: max(1, pageSize),
            subject: RegistrySubject(kind: .tags, name: repository.familiar))
        var pages = PageReader(
            self, request, at: endpoints, registry: repository.registry, of: .tags(repository))
        defer {
            if let text = pages.leftOut.text(repository.registry, "tag of \(repository.familiar)") {
                configuration.warn(text)
            }
        }
        while let page = try await pages.page() {
            var tags: [String] = []
            for name in page {
                if Reference.isTag(name) { tags.append(name) } else { pages.leftOut.add(name) }
            }
            try onPage(tags)
        }
    }

    /// Every tag of a repository, in the registry's order.
    package func tags(_ repository: Repository, pageSize: Int = 1000) async throws(RegistryError) -> [String] {
        var all: [String] = []
        try await tags(repository, pageSize: pageSize) { all += $0 }
        return all
    }
}
