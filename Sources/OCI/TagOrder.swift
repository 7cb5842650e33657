/// The order of tags: what is no version first, as text, then versions by their numbers, a prerelease (or a variant, as
/// `1.25-alpine`) before its release. The filter `semver_sort` has the same order.
package struct TagOrder: Comparable, Sendable {
    private let numbers: [Number]?
    /// nil for a release.
    private let prerelease: [Identifier]?
    private let text: String

    /// A number of any length, by its digits.
    private struct Number: Comparable, Sendable {
        let digits: Substring

        init(_ text: Substring) { digits = text.drop { $0 == "0" } }

        static func < (left: Number, right: Number) -> Bool {
            (left.digits.utf8.count, left.digits) < (right.digits.utf8.count, right.digits)
        }
    }

    private enum Identifier: Comparable, Sendable {
        case number(Number)
        case text(Substring)
    }

    package init(_ tag: String) {
        text = tag
        var rest = tag[...]
        if let first = rest.first, first == "v" || first == "V" { rest.removeFirst() }
        let parts = rest.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let words = (parts.first ?? "").split(separator: ".", omittingEmptySubsequences: false)
        let isVersion =
            (1...3).contains(words.count) && words.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(TagOrder.isDigit) }
            && (parts.count == 1 || TagOrder.isPrerelease(parts[1]))
        guard isVersion else {
            numbers = nil
            prerelease = nil
            return
        }
        numbers = (0..<3).map { Number($0 < words.count ? words[$0] : "0") }
        prerelease =
            parts.count == 1
            ? nil
            : parts[1].split(separator: ".", omittingEmptySubsequences: false).map { word in
                !word.isEmpty && word.utf8.allSatisfy(TagOrder.isDigit) ? .number(Number(word)) : .text(word)
            }
    }

    package static func < (left: TagOrder, right: TagOrder) -> Bool {
        switch (left.numbers, right.numbers) {
        case (nil, nil): return left.text < right.text
        case (nil, _?): return true
        case (_?, nil): return false
        case (let one?, let other?):
            if one != other { return one.lexicographicallyPrecedes(other) }
            switch (left.prerelease, right.prerelease) {
            case (nil, nil): return left.text < right.text
            case (_?, nil): return true
            case (nil, _?): return false
            case (let one?, let other?):
                return one == other ? left.text < right.text : one.lexicographicallyPrecedes(other)
            }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isPrerelease(_ text: Substring) -> Bool {
        !text.isEmpty && !text.contains("_")
    }
}

extension Sequence<String> {
    /// The tags in their order.
    package func sortedAsTags() -> [String] {
        map { ($0, TagOrder($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
    }
}
