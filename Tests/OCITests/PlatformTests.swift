import OCI
import Testing

@Suite struct PlatformTests {
    @Test(arguments: [
        ("linux/amd64", "linux/amd64"), ("linux/x86_64", "linux/amd64"), ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64/v8"), ("linux/armhf", "linux/arm/v7"), ("linux/armel", "linux/arm/v6"),
        ("linux/arm", "linux/arm/v7"), ("linux/arm/6", "linux/arm/v6"), ("Linux/AMD64", "linux/amd64"),
        ("windows(10.0.17763)/amd64", "windows/amd64"), ("macos/arm64", "darwin/arm64"),
        ("arm64", "linux/arm64"), ("linux/amd64/v1", "linux/amd64"), ("linux/amd64/v3", "linux/amd64/v3"),
    ]) func parses(_ text: String, _ expected: String) throws {
        #expect(try Platform(text).description == expected)
    }

    @Test(arguments: ["", "/", "linux/", "linux/amd64/v8/x", "what", "linux/am d64", "linux/\u{1b}[31m"])
    func refuses(_ text: String) {
        #expect(throws: PlatformError.self) { try Platform(text) }
    }

    static let index = ["linux/amd64", "linux/386", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8", "windows/amd64"]

    @Test(arguments: [
        ("linux/amd64", "linux/amd64"), ("linux/arm64", "linux/arm64/v8"), ("linux/arm64/v8", "linux/arm64/v8"),
        ("linux/arm/v8", "linux/arm/v7"), ("linux/arm", "linux/arm/v7"), ("linux/arm/v6", "linux/arm/v6"),
        ("linux/amd64/v3", "linux/amd64"), ("linux/386", "linux/386"),
    ]) func matchesAsContainerdDoes(_ wanted: String, _ expected: String) throws {
        let platforms = try PlatformTests.index.map { try Platform($0) }
        let found = try #require(try Platform(wanted).bestMatch(in: platforms))
        #expect(platforms[found].description == expected)
    }

    @Test func prefersTheExactVariantAndFallsBack() throws {
        let only = [try Platform("linux/arm/v5"), nil, try Platform("linux/386")]
        #expect(try Platform("linux/amd64").bestMatch(in: only) == 2)
        #expect(try Platform("linux/arm64").bestMatch(in: only) == 0)
        #expect(try Platform("linux/s390x").bestMatch(in: only) == nil)
        #expect(try Platform("linux/arm/v5").bestMatch(in: [try Platform("linux/arm/v6")]) == nil)
    }
}
