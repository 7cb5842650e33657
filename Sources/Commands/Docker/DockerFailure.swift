import Backend
import GoTemplate
import OCI
import Shell

/// How a line fails as Docker's client and engine would: their text on standard error, their exit status, and a code of
/// dsh's for `catch`.
enum DockerFailure {
    /// An error that ends the line. `text` is all that stands on standard error, without the last line end.
    static func error(_ text: String, code: ShellError.Code, status: Int32 = 1) -> ShellError {
        var error = ShellError(code, text)
        error.verbatim = ShellError.Verbatim(text: text.isEmpty ? "" : text + "\n", exitStatus: status)
        return error
    }

    /// What the engine says of an error, without `Error response from daemon: `.
    ///
    /// The words are those of moby 20.10's daemon, which say the same as newer ones with less about the case.
    static func engineText(_ error: BackendError) -> String {
        switch error.code {
        case .notFound: return capitalized(error.message)
        case .conflict where error.message.hasPrefix("unable to"): return "conflict: " + error.message
        case .invalidReference:
            let text = error.message.prefix(while: { $0 != "\"" })
            return text.contains("must be lowercase")
                ? "invalid reference format: repository name must be lowercase" : plain(error)
        case .noSpace where error.message.hasPrefix("cannot write "):
            let path = error.message.dropFirst("cannot write ".count).dropLast(error.message.lastClause.count)
            return "write \(path)no space left on device"
        case .usage where error.message.hasPrefix("syntax error in pattern"): return "syntax error in pattern"
        default: return error.message
        }
    }

    /// How Go words a registry that cannot be reached: the request, and the system's word for what failed. nil for every
    /// other failure.
    static func dialText(_ message: String, registry host: String) -> String? {
        let isLocal = host.hasPrefix("127.") || host.hasPrefix("localhost") || host.hasPrefix("[::1]")
        let request = "Get \"\(isLocal ? "http" : "https")://\(host)/v2/\": dial tcp"
        if message.hasSuffix("Couldn't connect to server"), host.contains(":") {
            return "\(request) \(host): connect: connection refused"
        }
        guard message.contains("Could not resolve host") else { return nil }
        return "\(request): lookup \(host.prefix { $0 != ":" }): no such host"
    }

    /// The error of a line that the engine refused.
    static func fromEngine(_ error: BackendError) -> ShellError {
        if error.code == .interrupted { return ShellError(error) }
        let texts = ([error] + error.others).map { "Error response from daemon: " + engineText($0) }
        return Self.error(texts.joined(separator: "\n"), code: ShellError.Code(rawValue: error.code.rawValue))
    }

    /// The client's words for a file that could not be written; what is no matter of a file, or is worded already, as it is.
    static func writing(_ error: ShellError, to path: String) -> ShellError {
        guard error.verbatim == nil, [.noSpace, .io, .notFound].contains(error.code) else { return error }
        // Go's words for the system's errors begin in lower case, and are the last of the message.
        let reason = error.code == .noSpace ? "no space left on device" : error.message.lastClause.lowercased()
        return Self.error("write \(path): \(reason)", code: error.code)
    }

    /// The client's own words for a text that is no reference.
    static func reference(_ error: ReferenceError) -> ShellError {
        Self.error(error.description, code: .invalidReference)
    }

    /// A template of `--format` that cannot be read, or does not fit.
    static func template(_ error: TemplateError, status: Int32 = 1) -> ShellError {
        Self.error(error.dockerMessage, code: ShellError.Code(rawValue: error.code), status: status)
    }

    /// The message of an invalid reference without the text that was refused, which Docker does not repeat.
    private static func plain(_ error: BackendError) -> String {
        guard error.message.hasSuffix("\""), let start = error.message.range(of: ": \"") else { return error.message }
        return String(error.message[..<start])
    }

    private static func capitalized(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }
}

extension BackendError {
    /// What a command of dsh's made of a failure of the store or a registry; nil for what it found wrong itself.
    init?(_ error: ShellError) {
        guard let code = Code(rawValue: error.code.rawValue), ![.usage, .io, .interrupted].contains(code),
            error.verbatim == nil
        else { return nil }
        self.init(code, error.message, hint: error.hint, others: error.others.compactMap { BackendError($0) })
        argument = error.argument
    }
}

extension String {
    /// What stands behind the last `: `.
    fileprivate var lastClause: String {
        guard let colon = lastIndex(of: ":") else { return self }
        return String(self[index(after: colon)...].drop { $0 == " " })
    }

    /// Where `text` first stands.
    fileprivate func range(of text: String) -> String.Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index }
            index = self.index(after: index)
        }
        return nil
    }
}
