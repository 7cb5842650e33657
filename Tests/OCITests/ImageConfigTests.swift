import OCI
import Testing

@Suite struct ImageConfigTests {
    /// What an image says of itself in a wrong form it does not say.
    @Test func wrongFormsAreLeftOut() throws {
        let text = """
            {"created": "yesterday", "architecture": 5, "os": "linux",
             "history": [{"created": "-99999-01-01T00:00:00Z", "created_by": "x"}, {"created": 7}]}
            """
        let config = try ImageConfig(bytes: Array(text.utf8))
        #expect(config.created == nil)
        #expect(config.history.map(\.created) == [nil, nil])
        #expect(config.platform.description == "unknown/unknown")
    }

    @Test func rightFormsAreKept() throws {
        let text = """
            {"created": "2024-01-02T03:04:05.06+07:00", "architecture": "arm", "variant": "v6", "os": "linux",
             "history": [{"created": "2024-01-02T03:04:05Z"}]}
            """
        let config = try ImageConfig(bytes: Array(text.utf8))
        #expect(config.created == "2024-01-02T03:04:05.06+07:00")
        #expect(config.history.map(\.created) == ["2024-01-02T03:04:05Z"])
        #expect(config.platform.description == "linux/arm/v6")
    }
}
