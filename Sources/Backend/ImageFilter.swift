package import OCI

/// One condition of `images --filter`. Semantics: moby `daemon/images/images.go`.
package enum ImageFilter: Sendable, Hashable {
    case dangling(Bool)
    /// A label is there, and has this value where one is given.
    case label(key: String, value: String?)
    /// Docker's `label!`.
    case notLabel(key: String, value: String?)
    /// Made before this image, by name.
    case before(String)
    case since(String)
    /// Go `path.Match` against the familiar and canonical names.
    case reference(String)
    /// Made before this moment.
    case until(Timestamp)
}

extension ImageFilter {
    /// Whether `pattern` matches one of a reference's names, as Docker's `reference` filter does: with the tag or the
    /// digest where the pattern has one, else the repository alone.
    package static func matches(_ pattern: String, _ reference: Reference) -> Bool {
        let repository = reference.repository
        let plain = [repository.familiar, repository.canonical]
        let full = [reference.familiar, reference.canonical]
        return (plain + full).contains { GlobPattern.matches(pattern, $0) }
    }
}

/// Go's `path.Match`: `*` and `?` stop at `/`, `[a-z]` and `[^a-z]` are sets, `\` takes the next character as it is.
package enum GlobPattern {
    /// Whether all of `text` is matched; a malformed pattern matches nothing.
    package static func matches(_ pattern: String, _ text: String) -> Bool {
        matches(Array(pattern.unicodeScalars)[...], Array(text.unicodeScalars)[...])
    }

    /// Whether Go would take the pattern: every set is closed and has something in it, and nothing ends in `\\`.
    package static func isValid(_ pattern: String) -> Bool {
        var rest = Array(pattern.unicodeScalars)[...]
        while let first = rest.popFirst() {
            if first == "\\", rest.popFirst() == nil { return false }
            if first == "[" {
                guard let after = ranges(rest)?.rest else { return false }
                rest = after
            }
        }
        return true
    }

    /// Backtracks to the last star only, so it is linear in pattern times text.
    private static func matches(
        _ wholePattern: ArraySlice<Unicode.Scalar>, _ wholeText: ArraySlice<Unicode.Scalar>
    ) -> Bool {
        var pattern = wholePattern
        var text = wholeText
        var retry: (pattern: ArraySlice<Unicode.Scalar>, text: ArraySlice<Unicode.Scalar>)?
        while true {
            if pattern.first == "*" {
                pattern = pattern.dropFirst()
                retry = (pattern, text)
                continue
            }
            if pattern.isEmpty && text.isEmpty { return true }
            if let rest = step(pattern, text) {
                pattern = rest
                text = text.dropFirst()
                continue
            }
            // Let the last star take one more; it may not take a slash.
            guard let star = retry, let next = star.text.first, next != "/" else { return false }
            retry = (star.pattern, star.text.dropFirst())
            pattern = star.pattern
            text = star.text.dropFirst()
        }
    }

    /// Matches one character; what is left of the pattern, or nil.
    private static func step(
        _ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>
    ) -> ArraySlice<Unicode.Scalar>? {
        guard let first = pattern.first, let character = text.first else { return nil }
        switch first {
        case "?": return character == "/" ? nil : pattern.dropFirst()
        case "\\":
            let rest = pattern.dropFirst()
            return rest.first == character ? rest.dropFirst() : nil
        case "[": return set(pattern.dropFirst(), character)
        default: return first == character ? pattern.dropFirst() : nil
        }
    }

    private static func set(
        _ pattern: ArraySlice<Unicode.Scalar>, _ character: Unicode.Scalar
    ) -> ArraySlice<Unicode.Scalar>? {
        guard let set = ranges(pattern) else { return nil }
        let found = set.ranges.contains { $0.low <= character && character <= $0.high }
        return found != set.isNegated ? set.rest : nil
    }

    private struct CharacterSet {
        var isNegated: Bool
        /// Those the wrong way round match nothing.
        var ranges: [(low: Unicode.Scalar, high: Unicode.Scalar)] = []
        /// What comes after the set.
        var rest: ArraySlice<Unicode.Scalar>
    }

    /// Reads a set behind its `[`; nil for one that is not closed, or empty.
    private static func ranges(_ pattern: ArraySlice<Unicode.Scalar>) -> CharacterSet? {
        var set = CharacterSet(isNegated: pattern.first == "^", rest: pattern)
        if set.isNegated { set.rest = set.rest.dropFirst() }
        while let low = set.rest.first, low != "]" || set.ranges.isEmpty {
            guard let start = setCharacter(&set.rest) else { return nil }
            var end = start
            if set.rest.first == "-" {
                set.rest = set.rest.dropFirst()
                guard let high = setCharacter(&set.rest) else { return nil }
                end = high
            }
            set.ranges.append((start, end))
        }
        guard set.rest.popFirst() == "]" else { return nil }
        return set
    }

    private static func setCharacter(_ rest: inout ArraySlice<Unicode.Scalar>) -> Unicode.Scalar? {
        guard var character = rest.popFirst(), character != "-", character != "]" else { return nil }
        if character == "\\" {
            guard let escaped = rest.popFirst() else { return nil }
            character = escaped
        }
        return character
    }
}
