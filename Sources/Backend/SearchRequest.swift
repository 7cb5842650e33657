/// What to search a registry for.
package struct SearchRequest: Sendable {
    /// `nginx`, or `HOST/nginx` for another registry than Docker Hub.
    package var term: String
    /// At most so many results, 1 to 100.
    package var limit: Int
    package var filter: SearchFilter
    /// Ask for as many further pages as it takes to find `limit` results that pass the filter, and again where the
    /// registry is busy. Docker asks once for one page, and filters that.
    package var goesOn: Bool
    package var transport: TransportChoice

    package init(
        term: String, limit: Int = 25, filter: SearchFilter = SearchFilter(), goesOn: Bool = true,
        transport: TransportChoice = TransportChoice()
    ) {
        self.term = term
        self.limit = limit
        self.filter = filter
        self.goesOn = goesOn
        self.transport = transport
    }
}

/// Docker's conditions on what a search finds; nil is no condition.
package struct SearchFilter: Sendable, Hashable {
    package var isOfficial: Bool?
    package var isAutomated: Bool?
    /// At least so many stars.
    package var stars: Int64?

    package init(isOfficial: Bool? = nil, isAutomated: Bool? = nil, stars: Int64? = nil) {
        self.isOfficial = isOfficial
        self.isAutomated = isAutomated
        self.stars = stars
    }
}

/// One repository that a search found. Texts are the registry's, and may hold anything.
package struct SearchResult: Sendable, Hashable {
    /// What `pull` takes; nil where the registry's name for it is no repository's.
    package var reference: String?
    package var name: String
    package var description: String
    package var starCount: Int64
    package var isOfficial: Bool
    package var isAutomated: Bool
    /// nil where the registry does not count.
    package var pullCount: Int64?
    /// The registry that was asked.
    package var registry: String

    package init(
        reference: String?, name: String, description: String, starCount: Int64, isOfficial: Bool, isAutomated: Bool,
        pullCount: Int64?, registry: String
    ) {
        self.reference = reference
        self.name = name
        self.description = description
        self.starCount = starCount
        self.isOfficial = isOfficial
        self.isAutomated = isAutomated
        self.pullCount = pullCount
        self.registry = registry
    }
}
