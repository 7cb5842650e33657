import ArgumentParser

/// What the text in a file is, for `read` and `write`.
package enum FileFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// JSON values one after the other, laid out as they like.
    case json
    /// A JSON value a line.
    case jsonl
    /// A text a line.
    case lines
    /// One text, to the byte.
    case text

    /// What a file's name says it is; nil where it says nothing.
    init?(name: String) {
        let base = name.split(separator: "/").last ?? ""
        guard let dot = base.lastIndex(of: "."), dot > base.startIndex else { return nil }
        switch base[dot...].lowercased() {
        case ".json": self = .json
        case ".jsonl", ".ndjson": self = .jsonl
        default: return nil
        }
    }
}
