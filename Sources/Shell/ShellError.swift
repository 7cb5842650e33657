package import Backend
package import JSON
package import Language

/// What went wrong, as the user and `catch` see it: the one error type at the shell's door.
package struct ShellError: Error, Sendable {
    /// A stable word that scripts switch on.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        package static let notFound = Code(rawValue: "not_found")
        package static let conflict = Code(rawValue: "conflict")
        package static let invalidReference = Code(rawValue: "invalid_reference")
        package static let usage = Code(rawValue: "usage")
        package static let syntax = Code(rawValue: "syntax")
        package static let filter = Code(rawValue: "filter")
        package static let io = Code(rawValue: "io")
        package static let noSpace = Code(rawValue: "no_space")
        package static let corrupt = Code(rawValue: "corrupt")
        package static let external = Code(rawValue: "external")
        package static let interrupted = Code(rawValue: "interrupted")
        package static let unsupported = Code(rawValue: "unsupported")
        /// `fail` and `assert` in a script.
        package static let failed = Code(rawValue: "failed")
        /// Nobody took the records of a command that changes things, which left some of it undone.
        package static let incomplete = Code(rawValue: "incomplete")
        /// The reader of our output went away; it ends dsh quietly.
        package static let brokenPipe = Code(rawValue: "broken_pipe")
    }

    package var code: Code
    /// One line, no full stop.
    package var message: String
    package var hint: String?
    /// The argument that it is about, as it was given: the caret then goes below that word.
    package var argument: String?
    /// The command that failed, where one did.
    package var command: String?
    package var span: Span?
    /// What a filter's `error({…})` carried.
    package var value: JSONValue?
    /// The failure in the words of the program that the line was written for; nil for dsh's own.
    package var verbatim: Verbatim?
    /// Further errors: the other references of the same command, the other mistakes in the same file.
    package var others: [ShellError]

    package init(
        _ code: Code, _ message: String, hint: String? = nil, command: String? = nil, span: Span? = nil,
        value: JSONValue? = nil, others: [ShellError] = []
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.command = command
        self.span = span
        self.value = value
        self.others = others
    }

    /// How another program would have failed.
    package struct Verbatim: Sendable {
        /// All that it says on standard error, line ends included.
        package let text: String
        package let exitStatus: Int32

        package init(text: String, exitStatus: Int32) {
            self.text = text
            self.exitStatus = exitStatus
        }
    }

    package init(_ error: BackendError) {
        self.init(
            Code(rawValue: error.code.rawValue), error.message, hint: error.hint,
            others: error.others.map { ShellError($0) })
        argument = error.argument
        if error.code == .invalidReference, let text = argument, text.hasPrefix(".") {
            hint = "an argument is text as it stands; what is to be looked up stands in ( … ): `(\(text))`"
        }
    }

    package init(_ diagnostic: Diagnostic) {
        self.init(
            Code(rawValue: diagnostic.code), diagnostic.message,
            hint: diagnostic.help.isEmpty ? nil : diagnostic.help.joined(separator: "\n"), span: diagnostic.span)
    }

    /// 1 failed, 2 usage or syntax, 130 interrupted: dsh's exit status for it.
    package var exitStatus: Int32 {
        if let verbatim { return verbatim.exitStatus }
        return switch code {
        case .usage, .syntax: 2
        case .interrupted: 130
        default: 1
        }
    }

    /// What `catch e` binds: `{code, message, hint, command, file, line, column}`; with `value`, what a filter's
    /// `error(…)` was given, and `others`, further errors, where there are any. What is secret in the line is in none of it.
    package var json: JSONValue {
        var object = JSONObject()
        object["code"] = .string(code.rawValue)
        let line = span?.line ?? ""
        object["message"] = .string(SecretMask.masked(message, line: line))
        object["hint"] = hint.map { .string(SecretMask.masked($0, line: line)) } ?? .null
        object["command"] = command.map(JSONValue.string) ?? .null
        let position = span?.position
        object["file"] = span.map { .string($0.source.name) } ?? .null
        object["line"] = position.map { .number(Double($0.line)) } ?? .null
        object["column"] = position.map { .number(Double($0.column)) } ?? .null
        if let value { object["value"] = value }
        if !others.isEmpty { object["others"] = .array(others.map(\.json)) }
        return .object(object)
    }

    /// Whether `try` may catch it: not what ends dsh from outside.
    var isCatchable: Bool { code != .interrupted && code != .brokenPipe }

    /// Fills in where it happened, unless a deeper place is known already.
    package func at(_ span: Span, command: String? = nil) -> ShellError {
        var error = self
        error.span = error.span ?? span
        error.command = error.command ?? command
        return error
    }

    /// With the argument that it is about, as it was given, where none was noted yet.
    package func about(_ argument: String) -> ShellError {
        var error = self
        error.argument = error.argument ?? argument
        return error
    }

    /// With other words for the arguments that it and its further errors are about.
    package func named(_ name: (String) -> String) -> ShellError {
        var error = self
        error.argument = argument.map(name)
        error.others = others.map { $0.named(name) }
        return error
    }

    /// Fills in the place of the argument that it is about, for it and its further errors.
    func at(_ places: [String: Span]) -> ShellError {
        var error = self
        error.span = span ?? argument.flatMap { places[$0] }
        error.others = others.map { $0.at(places) }
        return error
    }

    /// The text for a person: message, place with a caret, hint, and the same for the further errors.
    package func render() -> String {
        if let verbatim { return SecretMask.masked(verbatim.text, line: span?.line ?? "") }
        var text = Diagnostic(
            code: code.rawValue, message: message, span: span, help: hint.map { [$0] } ?? []
        ).render()
        if !text.hasSuffix("\n") { text += "\n" }
        for other in others { text += other.render() }
        return text
    }
}
