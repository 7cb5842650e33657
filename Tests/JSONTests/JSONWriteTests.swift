import Foundation
import JSON
import Testing

@Suite("JSON text")
struct JSONWriteTests {
    @Test(arguments: [
        ("[]", "[]"), ("{}", "{}"), ("[[],{}]", "[\n  [],\n  {}\n]"),
        (
            #"{"a":[1,{"b":null}],"c":"d"}"#,
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": \"d\"\n}"
        ),
    ])
    func laysOut(_ compact: String, _ pretty: String) throws {
        let value = try JSONValue.parse(pretty)
        #expect(value.compact == compact && value.pretty == pretty)
        var output = Array("> ".utf8)
        value.write(into: &output, style: .pretty)
        #expect(String(decoding: output, as: UTF8.self) == "> " + pretty)
    }

    @Test func escapesAsJQ() {
        let text: JSONValue = "\u{7f}\u{1}\u{1f}\u{80}\u{2028}</\\\"\u{8}\u{c}\n\r\t\0😀"
        #expect(text.compact == "\"\\u007f\\u0001\\u001f\u{80}\u{2028}</\\\\\\\"\\b\\f\\n\\r\\t\\u0000😀\"")
    }

    @Test(arguments: [
        (1e15, "1000000000000000"), (1e16, "1e+16"), (1.5e17, "1.5e+17"),
        (123_456_789_012_345_680, "123456789012345680"),
        (0.0001, "0.0001"), (0.00001, "1e-05"), (0.00012345, "0.00012345"), (0.000012345, "1.2345e-05"), (-0.0, "-0"),
        (.infinity, "1.7976931348623157e+308"), (-.infinity, "-1.7976931348623157e+308"), (.nan, "null"),
        (.leastNonzeroMagnitude, "5e-324"),
        (0.1 + 0.2, "0.30000000000000004"), (-42, "-42"), (9_007_199_254_740_992, "9007199254740992"),
        (1e100, "1e+100"),
    ])
    func printsNumbersAsJQ(_ number: Double, _ text: String) {
        #expect(JSONValue.number(number).compact == text)
    }

    /// The installed `jq` itself, on numbers of every size and shape. The newer ones print a literal as it was written, so the
    /// comparison is with 1.6 only.
    @Test(.enabled(if: jqVersion == "jq-1.6")) func agreesWithTheProgram() throws {
        var numbers: [Double] = [
            0, 1, -1, 1e15, 1e16, 1e17, 1e18, 1e22, 1e23, 0.1, 1 / 3, 2 / 3, .leastNonzeroMagnitude,
            2.2250738585072014e-308,
        ]
        for exponent in -30...30 {
            for mantissa in [
                "1", "1.5", "9.99", "1.23456", "1.234567890123456", "9007199254740993", "1.7976931348623157",
            ] {
                numbers.append(Double("\(mantissa)e\(exponent)") ?? 0)
                numbers.append(-(Double("\(mantissa)e\(exponent)") ?? 0))
            }
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 { numbers.append(Double(bitPattern: generator.next())) }
        for _ in 0..<500 {
            numbers.append(Double(Int64(truncatingIfNeeded: generator.next() as UInt64) >> Int64.random(in: 0..<64)))
        }
        numbers.removeAll { !$0.isFinite }
        let printed = try runJQ(["-c", ".[]"], "[" + numbers.map(\.description).joined(separator: ",") + "]")
        let ours = numbers.map { JSONValue.number($0).compact + "\n" }.joined()
        #expect(ours == printed)
    }

    @Test(.enabled(if: jqVersion != nil)) func roundTripsAsTheProgram() throws {
        let text = #"{"b":[1,2.50,{"x":"é\u0001\/ \u007f"}],"a":{},"c":[],"d":[null,true,false,""],"":"\ud83d\ude00"}"#
        let value = try JSONValue.parse(text)
        #expect(value.pretty + "\n" == (try runJQ(["."], text)))
        #expect(value.compact + "\n" == (try runJQ(["-c", "."], text)))
    }
}

/// What `jq --version` says; nil where there is no jq.
let jqVersion: String? = (try? runJQ(["--version"], ""))?.trimmingCharacters(in: .whitespacesAndNewlines)

func runJQ(_ arguments: [String], _ input: String) throws -> String {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("dsh-jq-\(UUID().uuidString)")
    try Data(input.utf8).write(to: directory)
    defer { try? FileManager.default.removeItem(at: directory) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["jq"] + arguments
    process.standardInput = try FileHandle(forReadingFrom: directory)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
}
