import OCI
import Testing

@Suite struct DigestTests {
    @Test func digestsKnownBytes() {
        #expect(
            Digest.of(Array("abc".utf8)).description
                == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest.of([], algorithm: .sha384).hex.hasPrefix("38b060a751ac96384cd9327eb1b1e36a"))
        #expect(Digest.of([], algorithm: .sha512).hex.hasPrefix("cf83e1357eefb8bdf1542850d66d8007"))
    }

    @Test func streamsAndWholesAgree() {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var hasher = DigestHasher()
        for start in stride(from: 0, to: bytes.count, by: 777) {
            bytes[start..<min(start + 777, bytes.count)].withUnsafeBytes { hasher.update($0) }
        }
        #expect(hasher.finish() == Digest.of(bytes))
    }

    @Test(arguments: [
        "", "sha256", "sha256:", "sha256:abc", "sha256:" + String(repeating: "A", count: 64),
        "sha256:" + String(repeating: "a", count: 65), "sha256:" + String(repeating: "/", count: 64),
        "sha512:" + String(repeating: "a", count: 64), "md5:" + String(repeating: "a", count: 32),
        "../" + String(repeating: "a", count: 61), "sha256:../" + String(repeating: "a", count: 61),
    ]) func refuses(_ text: String) {
        #expect(throws: DigestError.self) { try Digest(text) }
    }
}
