import HTTP
import Synchronization

/// What registries have to say beside their answers (distribution-spec, "Warnings"): told to the user, each once, and
/// nothing is done about it.
final class RegistryWarnings: Sendable {
    /// Of all fields of one response; more is no registry's.
    private static let maximumBytes = 4096
    /// So many different ones are told; a registry could make up new ones for ever.
    private static let most = 100

    private let told = Mutex<Set<String>>([])
    private let warn: @Sendable (String) -> Void

    init(warn: @escaping @Sendable (String) -> Void) { self.warn = warn }

    /// Tells the warnings of a response that were not told before.
    func tell(_ response: HTTPResponse, registry: String) {
        let fields = response.headers.values("Warning")
        guard !fields.isEmpty, fields.reduce(0, { $0 + $1.utf8.count }) <= RegistryWarnings.maximumBytes else { return }
        for text in fields.compactMap(RegistryWarnings.text) {
            let line = "\(registry) says: \(escaped(ServerText().struck(text)))"
            let isNew = told.withLock { $0.count < RegistryWarnings.most && $0.insert(line).inserted }
            if isNew { warn(line) }
        }
    }

    /// The text of `299 - "text"`; nil for another form, which is to be ignored (RFC 7234 section 5.5).
    static func text(_ field: String) -> String? {
        let prefix = "299 - \""
        guard field.hasPrefix(prefix) else { return nil }
        var text = ""
        var isEscaped = false
        var rest = field.dropFirst(prefix.count)
        while let character = rest.popFirst() {
            if isEscaped || character != "\\" && character != "\"" {
                text.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                // No date may follow.
                return rest.allSatisfy(\.isWhitespace) && !text.isEmpty ? text : nil
            }
        }
        return nil
    }
}
