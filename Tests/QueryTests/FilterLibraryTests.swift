import JSON
import Query
import Testing

@Suite("FilterLibrary")
struct FilterLibraryTests {
    @Test(arguments: [1, 2, 3, 7, 64, 250])
    func compilesInBatches(_ count: Int) throws {
        let library = FilterLibrary()
        let filters = try (0..<count).map { try library.add(". + \($0) + $v # \($0)", variables: ["v", "w"]) }
        library.compileInBackground()
        for (number, filter) in filters.enumerated().reversed() {
            #expect(try filter.outputs(1000, variables: ["v": 0.5]) == [.number(1000.5 + Double(number))])
        }
    }

    @Test func aBadFilterSpoilsNoOther() throws {
        let library = FilterLibrary()
        let good = try (0..<40).map { try library.add("# x\n[., \($0)]") }
        let bad = try library.add("map(.a) |\n  nosuchfunction(1)")
        let worse = try library.add("$nobody + \"é\"")
        let more = try (0..<40).map { try library.add("[., -\($0)]") }
        #expect(throws: FilterError.self) { try library.add("(") }
        library.compileInBackground()
        for (number, filter) in good.enumerated() {
            #expect(try filter.outputs(.null) == [[.null, .number(Double(number))]])
        }
        for (number, filter) in more.enumerated() {
            #expect(try filter.outputs(.null) == [[.null, .number(-Double(number))]])
        }
        let first = try #require(throws: FilterError.self) { try bad.compile() }
        #expect(first.message == "nosuchfunction/1 is not defined" && first.range == 12..<26)
        let second = try #require(throws: FilterError.self) { try worse.compile() }
        #expect(second.message == "$nobody is not defined" && second.range == 0..<7)
    }

    /// A program of this many operations is more than libjq's bytecode can hold; halves of it are not.
    @Test func splitsWhatIsTooBig() throws {
        let library = FilterLibrary()
        let body = (0..<120).map { ".[\($0)]" }.joined(separator: " + ")
        let filters = try (0..<60).map { try library.add("\(body) + \($0)") }
        let input = JSONValue.array((0..<120).map { .number(Double($0)) })
        for (number, filter) in filters.enumerated() {
            #expect(try filter.outputs(input) == [.number(Double(119 * 120 / 2 + number))])
        }
    }

    @Test func filtersHaveTheirOwnDefinitions() throws {
        let library = FilterLibrary()
        let before = try library.add("length")
        let after = try library.add("length", definitions: "def length: \"mine\";")
        let broken = try library.add("length", definitions: "def length: nosuch;")
        library.compileInBackground()
        #expect(try before.outputs([1]) == [1] && after.outputs([1]) == ["mine"])
        #expect(throws: FilterError.self) { try broken.compile() }
    }

    @Test func filtersOfOneBatchRunInsideEachOther() throws {
        let library = FilterLibrary()
        let outer = try library.add("range(1000)")
        let inner = try library.add(". * $k", variables: ["k"])
        var sum = 0.0
        try outer.run(.null) { value in
            try inner.run(value, variables: ["k": 2]) { sum += $0.numberValue ?? 0 }
        }
        #expect(sum == 999_000)
    }
}
