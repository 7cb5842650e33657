/// dsh's jq functions. A program gets only those that its filters mention, and what these use: libjq compiles every definition
/// that it is given, so that a filter which uses none pays nothing.
package enum Prelude {
    /// Every function; one uses only those before it.
    package static let all: [PreludeFunction] = sizes + times + versions + references + tables + newer

    package static subscript(_ name: String) -> PreludeFunction? { places[name].map { all[$0] } }

    /// Where each function is in `all`.
    private static let places = Dictionary(
        all.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })

    /// The other functions that each mentions, by their places.
    private static let uses: [[Int]] = all.map { function in
        FilterText(function.definition).words.compactMap { $0 == function.name ? nil : places[$0] }
    }

    /// The definitions, on one line, that programs with these texts need; empty where they mention no function.
    static func definitions(for texts: [FilterText]) -> String {
        var wanted: Set<Int> = []
        for text in texts {
            for word in text.words {
                if let place = places[word] { insert(place, into: &wanted) }
            }
        }
        return wanted.sorted().map { all[$0].definition + " " }.joined()
    }

    private static func insert(_ place: Int, into wanted: inout Set<Int>) {
        guard isSupplied(all[place]), wanted.insert(place).inserted else { return }
        for other in uses[place] { insert(other, into: &wanted) }
    }

    /// Whether libjq leaves it to us.
    static func isSupplied(_ function: PreludeFunction) -> Bool {
        guard let since = function.since else { return true }
        return JQVersion.running < since
    }
}
