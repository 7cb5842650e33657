/// The built-in commands by name.
package struct CommandTable: Sendable {
    private let types: [String: any Command.Type]
    /// In the order given.
    package let names: [String]

    /// Each command under the name that it declares: here once more, since reading dozens of declarations would cost every
    /// start a part of a millisecond.
    package init(_ commands: KeyValuePairs<String, any Command.Type>) {
        types = Dictionary(uniqueKeysWithValues: commands.map { ($0.key, $0.value) })
        names = commands.map(\.key)
    }

    package subscript(_ name: String) -> (any Command.Type)? { types[name] }

    package func contains(_ name: String) -> Bool { types[name] != nil }

    package var all: [any Command.Type] { names.compactMap { types[$0] } }

    /// The nearest name to a mistyped one, if one is near.
    package func suggestion(for name: String, among others: [String] = []) -> String? {
        nearest(name, in: names + others)
    }
}

/// The text in `candidates` nearest to `text`, if at most a third of the longer one's letters would have to change.
package func nearest(_ text: String, in candidates: [String]) -> String? {
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let limit = max(1, max(text.count, candidate.count) / 3)
        guard abs(candidate.count - text.count) <= limit else { continue }
        let distance = editDistance(Array(text), Array(candidate))
        // Nobody mistypes the first letter and another one, too.
        if distance > 1, candidate.first != text.first { continue }
        if distance <= limit, distance < (best?.distance ?? .max) { best = (candidate, distance) }
    }
    return best?.name
}

/// Damerau-Levenshtein with adjacent swaps.
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    var rows = [[Int]](repeating: [Int](repeating: 0, count: right.count + 1), count: left.count + 1)
    for index in 0...left.count { rows[index][0] = index }
    for index in 0...right.count { rows[0][index] = index }
    guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
    for i in 1...left.count {
        for j in 1...right.count {
            let cost = left[i - 1] == right[j - 1] ? 0 : 1
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
            }
        }
    }
    return rows[left.count][right.count]
}
