/// The name of an image: `[registry/][namespace/]repository[:tag][@digest]`.
///
/// Grammar, defaults and words of the errors: distribution's `reference` package (`reference.go`, `normalize.go`), which
/// Docker uses.
package struct Reference: Hashable, Sendable, CustomStringConvertible {
    package var repository: Repository
    package var tag: String?
    package var digest: Digest?

    package init(repository: Repository, tag: String? = nil, digest: Digest? = nil) {
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// Parses a familiar or canonical name. No tag is filled in: see `taggedDefault`.
    package init(_ text: String) throws(ReferenceError) {
        guard !text.isEmpty, text.utf8.count <= 1024 else { throw ReferenceError(.format, text: text) }
        if text.utf8.count == 64, text.utf8.allSatisfy(Digest.isLowerHex) {
            throw ReferenceError(.hexadecimal, text: text)
        }
        let (registry, remainder) = Reference.splitRegistry(text)
        var rest = Substring(remainder)
        var digest: Digest?
        if let at = rest.firstIndex(of: "@") {
            digest = try Reference.parseDigest(rest[rest.index(after: at)...], text: text)
            rest = rest[..<at]
        }
        var tag: String?
        if let colon = rest.firstIndex(of: ":") {
            tag = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        let path = String(rest)
        if path.lowercased() != path { throw ReferenceError(.upperCase(path), text: text) }
        guard Reference.isRegistry(registry), Reference.isPath(path), tag.map(Reference.isTag) ?? true else {
            throw ReferenceError(.format, text: text)
        }
        guard path.utf8.count <= 255 else { throw ReferenceError(.tooLong, text: text) }
        self.init(repository: Repository(registry: registry, path: path), tag: tag, digest: digest)
    }

    /// The reference with tag `latest` where it has neither tag nor digest.
    package var taggedDefault: Reference {
        tag == nil && digest == nil ? Reference(repository: repository, tag: "latest") : self
    }

    /// `nginx:1.25`, `nginx@sha256:…`: the shortest form that means the same.
    package var familiar: String { repository.familiar + suffix }

    /// `docker.io/library/nginx:1.25`.
    package var canonical: String { repository.canonical + suffix }

    package var description: String { familiar }

    private var suffix: String {
        (tag.map { ":" + $0 } ?? "") + (digest.map { "@" + $0.description } ?? "")
    }
}

extension Reference {
    /// Whether `text` is a tag: at most 128 of `A-Za-z0-9_.-`, not starting with `.` or `-`.
    package static func isTag(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= 128 else { return false }
        return isWord(first) && bytes.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// distribution's `splitDockerDomain`: a first component is a registry only if it could not be a Docker Hub user.
    private static func splitRegistry(_ text: String) -> (registry: String, remainder: String) {
        var registry = Repository.defaultRegistry
        var remainder = text
        if let slash = text.firstIndex(of: "/") {
            let first = String(text[..<slash])
            if first.contains(".") || first.contains(":") || first == "localhost" || first.lowercased() != first {
                registry = first == "index.docker.io" ? Repository.defaultRegistry : first
                remainder = String(text[text.index(after: slash)...])
            }
        }
        if registry == Repository.defaultRegistry, !remainder.contains("/") { remainder = "library/" + remainder }
        return (registry, remainder)
    }

    private static func parseDigest(_ part: Substring, text: String) throws(ReferenceError) -> Digest {
        do {
            return try Digest(String(part))
        } catch {
            switch error {
            case .unsupportedAlgorithm: throw ReferenceError(.digestAlgorithm, text: text)
            case .malformed:
                // distribution's own grammar wants 32 hex digits at least; only then does it look at the length.
                let hex = part.drop { $0 != ":" }.dropFirst()
                let isHex = hex.utf8.allSatisfy { Digest.isLowerHex($0) || (0x41...0x46).contains($0) }
                throw ReferenceError(isHex && hex.utf8.count >= 32 ? .digestLength : .format, text: text)
            }
        }
    }

    /// `host[:port]`, host being dotted names or an IPv6 address in brackets.
    private static func isRegistry(_ text: String) -> Bool {
        var host = Substring(text)
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return false }
            let address = text[text.index(after: text.startIndex)..<close]
            guard !address.isEmpty,
                address.utf8.allSatisfy({ isHexDigit($0) || $0 == UInt8(ascii: ":") })
            else { return false }
            let after = text[text.index(after: close)...]
            return after.isEmpty || (after.first == ":" && isPort(after.dropFirst()))
        }
        if let colon = text.firstIndex(of: ":") {
            guard isPort(text[text.index(after: colon)...]) else { return false }
            host = text[..<colon]
        }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.utf8.first, let last = label.utf8.last else { return false }
            return first != UInt8(ascii: "-") && last != UInt8(ascii: "-")
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isPort(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Path components parted by `/`: `[a-z0-9]+(([._]|__|[-]+)[a-z0-9]+)*` each.
    private static func isPath(_ text: String) -> Bool {
        text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { component in
            var separator: [UInt8] = []
            var seen = false
            for byte in component.utf8 {
                if isLowerAlphanumeric(byte) {
                    guard separator.isEmpty || (seen && isSeparator(separator)) else { return false }
                    separator.removeAll(keepingCapacity: true)
                    seen = true
                } else {
                    separator.append(byte)
                }
            }
            return seen && separator.isEmpty
        }
    }

    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        bytes == [UInt8(ascii: ".")] || bytes == [UInt8(ascii: "_")]
            || bytes == [UInt8(ascii: "_"), UInt8(ascii: "_")] || bytes.allSatisfy { $0 == UInt8(ascii: "-") }
    }

    private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte)
    }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowerAlphanumeric(byte) || (0x41...0x5a).contains(byte)
    }
    private static func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == UInt8(ascii: "_") }
    private static func isHexDigit(_ byte: UInt8) -> Bool {
        Digest.isLowerHex(byte) || (0x41...0x46).contains(byte)
    }
}

extension Reference: Comparable {
    package static func < (left: Reference, right: Reference) -> Bool {
        left.familiar < right.familiar
    }
}

/// Why a text is no reference, in Docker's words.
package struct ReferenceError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case format, hexadecimal, tooLong, digestLength, digestAlgorithm
        case upperCase(String)
    }

    package let reason: Reason
    /// The text that was refused.
    package let text: String

    init(_ reason: Reason, text: String) {
        self.reason = reason
        self.text = text
    }

    /// distribution's message for the same text.
    package var description: String {
        switch reason {
        case .format: "invalid reference format"
        case .hexadecimal:
            "invalid repository name (\(text)), cannot specify 64-byte hexadecimal strings"
        case .tooLong: "repository name must not be more than 255 characters"
        case .digestLength: "invalid checksum digest length"
        case .digestAlgorithm: "unsupported digest algorithm"
        case .upperCase(let path): "invalid reference format: repository name (\(path)) must be lowercase"
        }
    }
}
