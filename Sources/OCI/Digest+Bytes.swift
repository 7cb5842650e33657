extension Digest {
    /// Parses `algorithm:hex` where it lies in a buffer; nil where `init(_:)` would throw. For lists of ten thousand.
    package init?(utf8 text: UnsafeRawBufferPointer) {
        // Every name is `sha` and three digits.
        guard text.count > 7, text[0] == 0x73, text[1] == 0x68, text[2] == 0x61, text[6] == 0x3a else { return nil }
        let algorithm: Algorithm
        switch (text[3], text[4], text[5]) {
        case (0x32, 0x35, 0x36): algorithm = .sha256
        case (0x33, 0x38, 0x34): algorithm = .sha384
        case (0x35, 0x31, 0x32): algorithm = .sha512
        default: return nil
        }
        let hex = UnsafeRawBufferPointer(rebasing: text[7...])
        guard hex.count == algorithm.hexLength else { return nil }
        for byte in hex {
            guard byte &- 0x30 < 10 || byte &- 0x61 < 6 else { return nil }
        }
        self.init(algorithm: algorithm, uncheckedHex: String(decoding: hex, as: UTF8.self))
    }
}
