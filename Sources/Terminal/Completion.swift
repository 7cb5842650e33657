/// One thing that could stand where the cursor is.
package struct Candidate: Hashable, Sendable {
    /// What is put into the line.
    package var text: String
    /// What a listing shows for it.
    package var display: String
    /// A few words beside it in a listing, where there is room.
    package var description: String
    /// A word that is complete: a space follows it. False for a directory, an option that wants `=`, a repository.
    package var isFinal: Bool

    package init(_ text: String, display: String? = nil, description: String = "", isFinal: Bool = true) {
        self.text = text
        self.display = display ?? text
        self.description = description
        self.isFinal = isFinal
    }
}

/// The candidates for a place in a statement, and the bytes that each of them would replace.
package struct CompletionResult: Sendable {
    /// UTF-8 offsets into the text asked about.
    package var replaceRange: Range<Int>
    package var candidates: [Candidate]

    package init(replaceRange: Range<Int>, candidates: [Candidate]) {
        self.replaceRange = replaceRange
        self.candidates = candidates
    }

    package static let none = CompletionResult(replaceRange: 0..<0, candidates: [])

    /// The beginning that all candidates share, in whole characters.
    package var commonPrefix: String {
        guard var prefix = candidates.first?.text[...] else { return "" }
        for candidate in candidates.dropFirst() {
            let shared = zip(prefix, candidate.text).prefix { $0 == $1 }.count
            prefix = prefix.prefix(shared)
        }
        return String(prefix)
    }
}

/// Lays candidates out for a terminal: in columns, or one a line with descriptions.
package struct CompletionListing {
    private static let gap = 2
    private static let minimumDescription = 12

    /// Lines without line ends, none wider than `width - 1`; what comes from outside is escaped.
    package static func lines(_ candidates: [Candidate], width: Int) -> [String] {
        let names = candidates.map { SafeText.line($0.display) }
        let widest = names.map(TextWidth.of).max() ?? 0
        let hasDescriptions = candidates.contains { !$0.description.isEmpty }
        if hasDescriptions && widest + gap + minimumDescription < width {
            return zip(names, candidates).map { name, candidate in
                guard !candidate.description.isEmpty else { return name }
                let room = width - 1 - widest - gap
                let text = TextWidth.clipped(SafeText.line(candidate.description), to: room)
                return name + spaces(widest - TextWidth.of(name) + gap) + text
            }
        }
        return columns(names, widest: widest, width: width)
    }

    /// Down the columns first, as `ls` does.
    private static func columns(_ names: [String], widest: Int, width: Int) -> [String] {
        guard !names.isEmpty else { return [] }
        let count = max(1, min(names.count, (max(1, width - 1) + gap) / (widest + gap)))
        let rows = (names.count + count - 1) / count
        return (0..<rows).map { row in
            var line = ""
            var missing = 0
            for index in stride(from: row, to: names.count, by: rows) {
                let name = count == 1 ? TextWidth.clipped(names[index], to: max(1, width - 1)) : names[index]
                line += spaces(missing) + name
                missing = widest - TextWidth.of(name) + gap
            }
            return line
        }
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
