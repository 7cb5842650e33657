/// The syntax of filters, checked without compiling: libjq parses a program before it looks for what it imports, so a program
/// that imports what is not there says so after 10 µs where its syntax is right.
enum FilterSyntax {
    /// Far more than anybody writes; libjq's positions are 32-bit.
    static let longestText = 1 << 20

    private static let missing = "import \"dsh-none\" as x {search: \"/nonexistent\"};"

    /// The text to put into a program: `text`, or with a `.` behind it where it only defines functions, as jq reads it.
    /// Throws what jq says about the syntax.
    static func check(_ text: String) throws(FilterError) -> String {
        let info = FilterText(text)
        if text.utf8.contains(0) {
            let offset = Array(text.utf8).firstIndex(of: 0) ?? 0
            throw FilterError(.syntax, "a filter cannot hold a NUL byte", range: offset..<offset + 1)
        }
        guard text.utf8.count <= longestText else {
            throw FilterError(.syntax, "a filter can be at most \(longestText >> 20) MB long")
        }
        if let word = info.firstWord, ["import", "include", "module"].contains(word) {
            let offset = CompileErrors.range(of: "\(word)/0 is not defined", in: text, near: 0)
            throw FilterError(
                .syntax, "`\(word)` is not available: filters have no modules",
                hint: "define what you need with `def` or `filter`", range: offset)
        }
        guard let state = JQState() else { throw FilterError(.filter, "jq ran out of memory") }
        if let error = error(in: text, before: "", after: "", state) { throw error }
        // `.a) | (.b` is right only between parentheses, where it will be; blank text and definitions only without.
        guard let wrapped = error(in: text, before: "(", after: "\n)", state) else { return text }
        if error(in: text + "\n.", before: "(", after: "\n)", state) == nil { return text + "\n." }
        throw wrapped
    }

    private static func error(in text: String, before: String, after: String, _ state: JQState) -> FilterError? {
        guard !state.isLost else { return FilterError(.filter, "jq ran out of memory") }
        let program = FilterProgram(alone: text, before: missing + before, after: after)
        let messages = state.compile(program.text)
        if messages.contains(where: { $0.contains("module not found: dsh-none") }) { return nil }
        let errors = CompileErrors(messages, program: program)
        return errors.byPart[0] ?? errors.elsewhere ?? FilterError(.syntax, "the filter does not compile")
    }
}
