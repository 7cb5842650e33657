/// Something to tell about a place in a source: what is wrong, where, and what would help.
package struct Diagnostic: Error, Sendable, Hashable {
    package enum Severity: String, Sendable, Hashable {
        case error, warning, note
    }

    package var severity: Severity
    /// A stable word (design: `syntax`, `usage`, `filter`, `not_found`, …).
    package var code: String
    /// One line, no full stop, lower case first.
    package var message: String
    /// Where; nil where there is no source to show.
    package var span: Span?
    /// What stands beside the carets.
    package var label: String?
    /// What to do; a line each.
    package var help: [String]
    /// True where the text ends too early: more lines could make it right. The prompt asks for them.
    package var isIncomplete: Bool

    package init(
        severity: Severity = .error, code: String, message: String, span: Span?, label: String? = nil,
        help: [String] = [], isIncomplete: Bool = false
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.span = span
        self.label = label
        self.help = help
        self.isIncomplete = isIncomplete
    }
}
