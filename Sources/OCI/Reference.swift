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
        var copy = text
        let (parts, reason) = copy.withUTF8 { bytes in
            var parts = ReferenceParts(UnsafeRawBufferPointer(bytes))
            let reason = parts.parse()
            return (parts, reason)
        }
        if let reason { throw ReferenceError(reason, text: text) }
        var digest: Digest?
        if let given = parts.digest { digest = try Reference.parseDigest(given[...], text: text) }
        self.init(
            repository: Repository(registry: parts.registry, path: parts.path), tag: parts.tag, digest: digest)
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
        var text = text
        return text.withUTF8 { ReferenceParts.isTag(UnsafeRawBufferPointer($0)) }
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
