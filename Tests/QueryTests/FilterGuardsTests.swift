import Foundation
import JSON
import Query
import Synchronization
import Testing

/// Whatever ends the jq program must not end ours.
@Suite("Filter guards", .serialized)
struct FilterGuardsTests {
    @Test(arguments: [
        "1e18 | todate", "1e1000 | todate", "nan | todate", "-1e18 | strftime(\"%Y\")", "1e18 | strflocaltime(\"%Y\")",
        "1e18 | todateiso8601", "1e18 | gmtime", "nan | localtime", "\"x\" | mktime", "\"x\" * 1e9", "1e10 * 1",
        "[range(5e7)] | length | error", "\"xxxxxxxxxx\" * 200000000", "modulemeta", "\"a\" | modulemeta", "input",
        "[inputs]",
        "[1] | .[nan:]", "@base32d", "[\"a\"] | implode", "(\"[\" * 10000) | fromjson", ".[1e10] = 1",
        "reduce range(300) as $i (0; [.])",
    ])
    func failsWithoutHarm(_ text: String) throws {
        do {
            let outputs = try Filter(text).outputs(.null)
            #expect(outputs.count == 1)
        } catch {
            #expect(!error.message.isEmpty)
        }
        #expect(try Filter(".").outputs(1) == [1])
    }

    @Test(
        arguments: [
            ("1e19 % -1", [0]), ("-9223372036854775808 % -1", [0]), ("7 % -2, 5 % 1e19", [1, 5]),
            ("infinite % -1", [0]),
            ("input_filename, input_line_number", [.null, 0]), ("get_search_list", [[]]), ("1, halt, 2", [1]),
            ("[1e11, -1e10] | map(todate)", [["5138-11-16T09:46:40Z", "1653-02-10T06:13:20Z"]]),
            ("try error(null) catch .", ["null (null) not a string"]), ("try (1e18 | todate) catch \"far\"", ["far"]),
            ("try input catch .", ["`input` is not available: a filter sees one value, its `.`"]),
            ("[.[]?]", [[]]), ("\"ab\" * 2", ["abab"]), ("6 * 7", [42]), ("[\"x\" * (0, 1, 2)]", [[.null, "x", "xx"]]),
            ("$__loc__.line", [1]), ("\n$__loc__.line", [2]), ("try error(\"a\") catch .", ["a"]),
            ("[.[]?, error(empty)]", [[]]),
            ("label $f | 1, break $f, 2", [1]),
            ("[(1, 2) * (3, 4)], [(1, 2) % (3, 4)]", [[3, 6, 4, 8], [1, 2, 1, 2]]),
            (". as $x | [10, 20] | map(. *= 2) | .[0] %= 7", [[6, 40]]),
        ] as [(String, [JSONValue])])
    func goesOn(_ text: String, _ expected: [JSONValue]) throws {
        #expect(try Filter(text).outputs(.null) == expected)
    }

    @Test func debugAndStandardErrorGoToTheSink() throws {
        let heard = Mutex<[FilterTrace]>([])
        var settings = FilterSettings()
        settings.onTrace = { trace in heard.withLock { $0.append(trace) } }
        let outputs = try Filter("debug | stderr | . + 1", settings: settings).outputs(1)
        #expect(outputs == [2])
        #expect(heard.withLock { $0 } == [.debug(1), .standardError(1)])
    }

    /// A file of that name redefines builtins in the jq program, or breaks every filter.
    @Test func homeFileIsNotLoaded() throws {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("dsh-home-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        try Data("def length: \"mine\"; def (".utf8).write(to: home.appendingPathComponent(".jq"))
        let before = ProcessInfo.processInfo.environment["HOME"]
        setenv("HOME", home.path, 1)
        defer { if let before { setenv("HOME", before, 1) } }
        #expect(try Filter("length").outputs([1, 2]) == [2])
    }

    @Test func inputNestedTooDeeplyIsRefused() throws {
        var value: JSONValue = 1
        for _ in 0..<256 { value = [value] }
        #expect(try Filter("flatten").outputs(value) == [[1]])
        #expect(throws: FilterError.self) { try Filter("flatten").outputs([value]) }
        #expect(throws: FilterError.self) { try Filter("[.]").outputs(value) }
    }
}
