import OCI
import Testing

@Suite struct TagOrderTests {
    @Test(arguments: [
        ["latest", "1.9", "1.10"], ["alpine", "stable", "v1.2", "1.2.1"],
        ["1.10.0-rc.1", "1.10.0-rc.2", "1.10.0-rc.10"],
        ["1.25-alpine", "1.25"], ["9", "10", "11.1"], ["1.0-1", "1.0-a", "1.0"], ["1.2.3.4", "a_b", "1.2.3"],
        ["01", "1"], ["1.99999999999999999998", "1.99999999999999999999"], ["v1.0", "v1.1"], ["1.0-a", "1.0-a.b"],
        ["1.", "1..2", "v", "0"], ["1-a_b", "1"],
    ]) func sorts(_ tags: [String]) {
        #expect(tags.reversed().sortedAsTags() == tags)
        #expect(tags.sortedAsTags() == tags)
    }
}
