import Testing

@Suite struct TakeTests {
    @Test(arguments: [
        Line("range(10) | take 2", "0", "1"), Line("range(2) | take 9", "0", "1"), Line("range(3) | take 0"),
        Line("[1, 2, 3] | take 2", "1", "2"), Line("[1, 2], [3, 4] | take 3", "1", "2", "3"),
        Line("range(infinite) | take 1", "0"), Line("[] | take 1"),
    ])
    func takesTheFirst(line: Line) async { #expect(await run(line.text).values == line.values) }
}
