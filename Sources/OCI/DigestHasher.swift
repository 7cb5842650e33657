import CCrypto

/// Digests a stream of bytes with OpenSSL's EVP.
package struct DigestHasher: ~Copyable {
    private let algorithm: Digest.Algorithm
    private let context: OpaquePointer?

    package init(_ algorithm: Digest.Algorithm = .sha256) {
        self.algorithm = algorithm
        context = EVP_MD_CTX_new()
        EVP_DigestInit_ex(context, algorithm.evp, nil)
    }

    deinit { EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        EVP_DigestUpdate(context, base, bytes.count)
    }

    /// The digest of all bytes so far; the hasher is used up.
    package consuming func finish() -> Digest {
        var raw = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        EVP_DigestFinal_ex(context, &raw, &count)
        let digits = Array("0123456789abcdef".utf8)
        let hex = String(unsafeUninitializedCapacity: Int(count) * 2) { buffer in
            for index in 0..<Int(count) {
                buffer[index * 2] = digits[Int(raw[index] >> 4)]
                buffer[index * 2 + 1] = digits[Int(raw[index] & 15)]
            }
            return Int(count) * 2
        }
        return Digest(algorithm: algorithm, uncheckedHex: hex)
    }
}

extension Digest.Algorithm {
    fileprivate var evp: OpaquePointer? {
        switch self {
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }
}
