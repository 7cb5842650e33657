import Language

/// The words of the statements that the parser did not understand: what they were to set or define is not known, so that no
/// use of such a name can be told to be wrong.
struct SkippedNames {
    private let words: Set<String>
    private let defined: Set<String>

    init(_ script: Script) {
        var words: Set<String> = []
        var defined: Set<String> = []
        for span in script.skipped {
            var last = ""
            // A variable's name, and a command's, which may have hyphens.
            for piece in span.text.split(whereSeparator: { !Self.isPart($0) && $0 != "-" }) {
                words.insert(String(piece))
                if ["def", "filter"].contains(last) { defined.insert(String(piece)) }
                last = String(piece)
                // `--dry-run` is `$dry_run`.
                words.insert(String(piece.drop { $0 == "-" }.map { $0 == "-" ? "_" : $0 }))
                words.formUnion(piece.split(separator: "-").map(String.init))
            }
        }
        self.words = words
        self.defined = defined
    }

    /// Whether a variable may be set there.
    func sets(_ name: String) -> Bool { words.contains(name) }

    /// Whether a command or a function may be defined there.
    func defines(_ name: String) -> Bool { defined.contains(name) }

    /// Whether a file may have been taken in, whose names are not known.
    var hasSource: Bool { words.contains("source") }

    private static func isPart(_ character: Character) -> Bool {
        character == "_" || character.isLetter || character.isNumber
    }
}
