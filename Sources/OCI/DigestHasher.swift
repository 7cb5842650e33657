import CCrypto

/// Digests a stream of bytes with OpenSSL's SHA-2.
package struct DigestHasher: ~Copyable {
    private let algorithm: Digest.Algorithm
    private var short = SHA256_CTX()
    /// SHA-384 is SHA-512 with another start and a shorter end.
    private var long = SHA512_CTX()

    package init(_ algorithm: Digest.Algorithm = .sha256) {
        self.algorithm = algorithm
        switch algorithm {
        case .sha256: SHA256_Init(&short)
        case .sha384: SHA384_Init(&long)
        case .sha512: SHA512_Init(&long)
        }
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        switch algorithm {
        case .sha256: SHA256_Update(&short, base, bytes.count)
        case .sha384: SHA384_Update(&long, base, bytes.count)
        case .sha512: SHA512_Update(&long, base, bytes.count)
        }
    }

    /// The digest of all bytes so far; the hasher is used up.
    package consuming func finish() -> Digest {
        var raw = [UInt8](repeating: 0, count: algorithm.hexLength / 2)
        switch algorithm {
        case .sha256: SHA256_Final(&raw, &short)
        case .sha384: SHA384_Final(&raw, &long)
        case .sha512: SHA512_Final(&raw, &long)
        }
        let digits = Array("0123456789abcdef".utf8)
        let hex = String(unsafeUninitializedCapacity: raw.count * 2) { buffer in
            for (index, byte) in raw.enumerated() {
                buffer[index * 2] = digits[Int(byte >> 4)]
                buffer[index * 2 + 1] = digits[Int(byte & 15)]
            }
            return raw.count * 2
        }
        return Digest(algorithm: algorithm, uncheckedHex: hex)
    }
}

extension DigestHasher {
    /// The version of the OpenSSL that was built in.
    package static var libraryVersion: String? { OPENSSL_VERSION_STR }
}
