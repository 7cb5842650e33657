import Fixtures
import Testing

@testable import Terminal

@Suite struct CompletionTests {
    private func result(_ range: Range<Int>, _ texts: String..., isFinal: Bool = true) -> CompletionResult {
        CompletionResult(replaceRange: range, candidates: texts.map { Candidate($0, isFinal: isFinal) })
    }

    @Test func uniqueCandidates() {
        var state = CompletionState()
        #expect(state.step(text: "pu", cursor: 2, replacing: 0..<2, result: result(0..<2, "pull")) == .insert("pull "))
        let open = result(0..<2, "usr/", isFinal: false)
        #expect(state.step(text: "us", cursor: 2, replacing: 0..<2, result: open) == .insert("usr/"))
        // A space that is there already is not doubled.
        let spaced = state.step(text: "pu x", cursor: 2, replacing: 0..<2, result: result(0..<2, "pull"))
        #expect(spaced == .insert("pull"))
        #expect(state.step(text: "x", cursor: 1, replacing: 0..<1, result: .none) == .beep)
    }

    @Test func severalCandidates() {
        var state = CompletionState()
        let both = result(0..<1, "nginx:1.25", "nginx:alpine")
        #expect(state.step(text: "n", cursor: 1, replacing: 0..<1, result: both) == .insert("nginx:"))
        #expect(state.step(text: "nginx:", cursor: 6, replacing: 0..<6, result: both) == .list)
        state.reset()
        #expect(state.step(text: "nginx:", cursor: 6, replacing: 0..<6, result: both) == .beep)
        #expect(state.step(text: "nginx:", cursor: 6, replacing: 0..<6, result: both) == .list)
        // Typing in between makes the next Tab a first one.
        #expect(state.step(text: "nginx", cursor: 5, replacing: 0..<5, result: both) == .insert("nginx:"))
    }

    /// Candidates that do not start with what was typed never shorten it.
    @Test func inexactCandidates() {
        var state = CompletionState()
        let inexact = result(0..<3, "alpha", "beta")
        #expect(state.step(text: "xyz", cursor: 3, replacing: 0..<3, result: inexact) == .beep)
        #expect(state.step(text: "xyz", cursor: 3, replacing: 0..<3, result: inexact) == .list)
    }

    @Test(arguments: [
        (["nginx", "nginy"], "ngin"), (["a"], "a"), ([], ""), (["é", "è"], ""),
        (["e\u{301}x", "e\u{301}y"], "e\u{301}"),
        (["日本", "日光"], "日"),
    ])
    func commonPrefix(_ texts: [String], _ expected: String) {
        #expect(CompletionResult(replaceRange: 0..<0, candidates: texts.map { Candidate($0) }).commonPrefix == expected)
    }

    @Test func listings() {
        let names = ["nginx:1.25", "nginx:alpine", "日本語", "a\u{1B}[1mb", "redis", "postgres", "x"]
        let plain = names.map { Candidate($0) }
        let described = names.map { Candidate($0, description: "An image of \($0), and more words than fit here") }
        var text = ""
        for width in [80, 40, 12, 1] {
            text += "# \(width)\n" + CompletionListing.lines(plain, width: width).joined(separator: "\n") + "\n"
            text +=
                "# \(width), described\n" + CompletionListing.lines(described, width: width).joined(separator: "\n")
                + "\n"
        }
        for line in CompletionListing.lines(described, width: 40) { #expect(TextWidth.of(line) < 40) }
        #expect(differenceFromGolden(text, "listings.txt") == nil)
    }
}
