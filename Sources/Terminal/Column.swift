/// One column of a table: where its value is in a row, and how it is shown.
package struct Column: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case text
        /// The name of an image or repository, which is cut in its middle where room is short.
        case reference
        /// A number of bytes: `187MB`.
        case bytes
        /// An RFC 3339 text or a number of seconds since 1970: `3 weeks ago`.
        case time
        /// `sha256:…`, shown as its first 12 digits.
        case digest
        /// An array, or an object as `key=value` pairs.
        case list
        /// A number as it is.
        case count
        case flag
    }

    package enum Alignment: Hashable, Sendable { case leading, trailing }

    /// The keys that lead to the value, from the row's object inwards.
    package var path: [String]
    package var title: String
    package var kind: Kind
    package var alignment: Alignment
    /// When a table is too wide, the column with the lowest priority goes first.
    package var priority: Int

    package init(
        path: [String], title: String, kind: Kind = .text, alignment: Alignment? = nil, priority: Int = 50
    ) {
        self.path = path
        self.title = title
        self.kind = kind
        self.alignment = alignment ?? (kind == .bytes || kind == .count ? .trailing : .leading)
        self.priority = priority
    }

    /// The column of one key, with the key as its title unless another is given.
    package init(
        _ key: String, title: String? = nil, kind: Kind = .text, alignment: Alignment? = nil, priority: Int = 50
    ) {
        self.init(path: [key], title: title ?? key, kind: kind, alignment: alignment, priority: priority)
    }

    /// True where a narrower column still says something.
    var canShrink: Bool { kind == .text || kind == .reference || kind == .list }
}
