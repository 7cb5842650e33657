import Testing

@testable import Units

@Suite struct ByteSizeTests {
    @Test(arguments: [
        ("0", 0), ("500", 500), ("500b", 500), ("1k", 1000), ("10MB", 10_000_000), ("1.5 GB", 1_500_000_000),
        ("8MiB", 8 << 20), ("1kib", 1024), ("2Ki", 2048), (".5k", 500), ("2t", 2_000_000_000_000),
    ])
    func reads(_ text: String, _ bytes: Int64) { #expect(ByteSize.parse(text) == bytes) }

    @Test(arguments: [
        "", ".", "b", "MB", "-1", "+1", "1e6", "1x", "10MBB", "10 M B", "1.2.3", "0x10", "inf", "nan", "9999999999P",
        "1iB", "1mm", "１",
    ])
    func refuses(_ text: String) { #expect(ByteSize.parse(text) == nil) }
}
