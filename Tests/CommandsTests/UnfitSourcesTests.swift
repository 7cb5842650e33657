import OCI
import Testing

@testable import Commands

@Suite struct UnfitSourcesTests {
    private func note(match: String?, semver: String? = nil, _ fill: (inout UnfitSources) throws -> Void) rethrows
        -> String?
    {
        var unfit = UnfitSources()
        try fill(&unfit)
        return unfit.note(match: match, semver: semver)
    }

    @Test func fiveAreNamedAndAllCounted() throws {
        let told = try note(match: "v*") { unfit in
            for number in 1...7 { unfit.add(try Repository("r.example/a\(number)"), tags: 3, wanted: 0) }
        }
        let names = (1...5).map { "r.example/a\($0)" }.joined(separator: ", ")
        #expect(told == "sync: no tag fits --match 'v*' in 7 repositories: \(names), …")
    }

    /// What has no tags at all, or one that is wanted, is not the pattern's fault.
    @Test func onlyWhatThePatternLeavesEmptyIsTold() throws {
        #expect(
            try note(match: "v*") { unfit in
                unfit.add(try Repository("r.example/empty"), tags: 0, wanted: 0)
                unfit.add(try Repository("r.example/some"), tags: 9, wanted: 1)
                unfit.add(tag: try Reference("r.example/some:1"), isWanted: false)
                unfit.add(tag: try Reference("r.example/some:v1"), isWanted: true)
            } == nil)
        let told = try note(match: nil, semver: "^2") { unfit in
            unfit.add(try Repository("r.example/one"), tags: 9, wanted: 0)
            for tag in 1...2 { unfit.add(tag: try Reference("r.example/t:\(tag)"), isWanted: false) }
        }
        #expect(
            told
                == "sync: no tag of r.example/one fits --semver '^2'; none of 2 tags fits --semver '^2': r.example/t:1, r.example/t:2"
        )
    }
}
