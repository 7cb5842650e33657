/// A content digest as registries and layouts write it: `sha256:` and 64 lower-case hex digits.
///
/// Grammar and registered algorithms: OCI image-spec `descriptor.md#digests`. `sha384` is what containers/image also
/// accepts. A value of this type is always well formed, so its `hex` is safe as a file name.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    package enum Algorithm: String, Sendable, CaseIterable {
        case sha256, sha384, sha512

        /// How many hex digits a digest of this algorithm has.
        package var hexLength: Int {
            switch self {
            case .sha256: 64
            case .sha384: 96
            case .sha512: 128
            }
        }
    }

    package let algorithm: Algorithm
    /// The lower-case hex digits, without the algorithm.
    package let hex: String

    /// Parses `algorithm:hex`.
    ///
    /// Throws `DigestError` for an unknown algorithm, a wrong length, upper case or anything that is not hex.
    package init(_ text: String) throws(DigestError) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { throw .malformed(text) }
        guard let algorithm = Algorithm(rawValue: String(text[..<colon])) else {
            throw .unsupportedAlgorithm(String(text[..<colon].prefix(32)))
        }
        let hex = text[text.index(after: colon)...]
        guard hex.utf8.count == algorithm.hexLength, hex.utf8.allSatisfy(Digest.isLowerHex) else {
            throw .malformed(text)
        }
        self.algorithm = algorithm
        self.hex = String(hex)
    }

    init(algorithm: Algorithm, uncheckedHex hex: String) {
        self.algorithm = algorithm
        self.hex = hex
    }

    package var description: String { "\(algorithm.rawValue):\(hex)" }

    /// The first twelve hex digits: what Docker shows as a short id.
    package var short: String { String(hex.prefix(12)) }

    /// The digest of `bytes`.
    package static func of(_ bytes: [UInt8], algorithm: Algorithm = .sha256) -> Digest {
        var hasher = DigestHasher(algorithm)
        bytes.withUnsafeBytes { hasher.update($0) }
        return hasher.finish()
    }

    static func isLowerHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

extension Digest: Comparable {
    package static func < (left: Digest, right: Digest) -> Bool {
        (left.algorithm.rawValue, left.hex) < (right.algorithm.rawValue, right.hex)
    }
}

/// Why a text is no digest.
package enum DigestError: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed(String)
    case unsupportedAlgorithm(String)

    package var description: String {
        switch self {
        case .malformed(let text):
            "invalid digest \"\(text.prefix(160))\": expected sha256: and 64 lower-case hex digits"
        case .unsupportedAlgorithm(let name):
            "unsupported digest algorithm \"\(name)\": expected sha256, sha384 or sha512"
        }
    }
}
