import Backend
import OCI
import Testing

@Suite struct ImageFilterTests {
    @Test(arguments: [
        ("nginx", "nginx", true), ("ngin?", "nginx", true), ("n*x", "nginx", true), ("*", "nginx", true),
        ("*", "a/b", false), ("*/*", "a/b", true), ("a/*", "a/b/c", false), ("[a-m]*", "nginx", false),
        ("[^a-m]*", "nginx", true), ("[n]ginx", "nginx", true), ("n[", "n[", false), ("n\\*", "n*", true),
        ("n\\*", "nx", false), ("", "", true), ("", "a", false), ("a*b*c", "axxbyyc", true),
        ("a*b*c", "axxbyy", false), ("*.25", "1.25", true), ("[]a]", "]", false), ("[a-]", "a", false),
    ]) func matchesAsGoDoes(_ pattern: String, _ text: String, _ expected: Bool) {
        #expect(GlobPattern.matches(pattern, text) == expected)
    }

    @Test(arguments: [
        ("", true), ("a[b]*?", true), ("[a-z]", true), ("[^a]", true), ("a]", true), ("\\[", true), ("[\\]]", true),
        ("[", false), ("a[", false), ("[]", false), ("[]a]", false), ("[a-]", false), ("[-a]", false), ("[^]", false),
        ("a\\", false), ("[a\\", false), ("[z-a]", true),
    ]) func knowsPatternsThatGoRefuses(_ pattern: String, _ expected: Bool) {
        #expect(GlobPattern.isValid(pattern) == expected)
    }

    @Test func isQuickOnHostilePatterns() {
        let pattern = String(repeating: "*a", count: 200) + "b"
        let text = String(repeating: "a", count: 2_000)
        let clock = ContinuousClock()
        let time = clock.measure { #expect(!GlobPattern.matches(pattern, text)) }
        #expect(time < .seconds(2))
    }

    @Test(arguments: [
        ("nginx", true), ("nginx:1.25", true), ("nginx:1.*", true), ("docker.io/library/nginx", true),
        ("library/nginx", false), ("docker.io/library/*:1.25", true), ("nginx:alpine", false), ("*/nginx", false),
    ]) func looksAtEveryNameOfAReference(_ pattern: String, _ expected: Bool) throws {
        #expect(ImageFilter.matches(pattern, try Reference("nginx:1.25")) == expected)
    }
}
