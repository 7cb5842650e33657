import Foundation
import JSON
import Synchronization
import Testing

@testable import Query

/// Rows of a table are the same to a filter as the objects they stand for.
@Suite("Records in filters")
struct JQRecordsTests {
    /// Rows in which every member differs from the row before, or does not, in turns.
    private static func records(_ seed: Int) -> JSONRecords {
        JSONRecords(keys: ["text", "number", "flag", "map", "mixed", "same"]) { row, take in
            let number = row / (1 + (row + seed) % 3)
            let text = Array("\(seed)-\(number)".utf8)
            let long = Array(String(repeating: "é", count: row % 5).utf8)
            text.withUnsafeBytes { text in
                long.withUnsafeBytes { long in
                    take(.text(row % 7 == 0 ? long : text))
                    take(.number(row % 4 == 0 ? -0.0 : Double(number)))
                    take(.bool(row % 5 < 2))
                    let key = Array("k\(row % 3)".utf8)
                    key.withUnsafeBytes { key in
                        let pairs = [(key: key, value: text), (key: text, value: long)].prefix(row % 3)
                        Array(pairs).withUnsafeBufferPointer { take(.texts($0)) }
                    }
                    switch row % 5 {
                    case 0: take(.null)
                    case 1: take(.text(text))
                    case 2: take(.number(1))
                    case 3: take(.bool(true))
                    default: take(.text("1"))
                    }
                    take(.text("the same"))
                }
            }
        }
    }

    private static func rows(_ count: Int, of records: JSONRecords) -> [JSONValue] {
        (0..<count).map { .object(JSONObject(record: $0, of: records)) }
    }

    /// The same without a table behind it.
    private static func plain(_ values: [JSONValue]) -> JSONValue {
        .array(
            values.map { value in
                .object(JSONObject(distinct: (value.objectValue ?? [:]).map { ($0.key, $0.value) }))
            })
    }

    @Test(arguments: [
        ".", "length", "map(.text)", "map(.map? // {} | keys)", "group_by(.mixed) | map(length)", "map(del(.same))",
        "map(.number + 1) | add", ".[3].text = \"x\" | .[2:5]", "map(to_entries) | flatten | map(.key) | unique",
        "[.[] | select(.flag)] | length", "map(tojson)", ".[0] == .[1], .[5]", "sort_by(.text, .number) | .[0]",
    ]) func filtersSeeNoDifference(_ text: String) throws {
        let (one, other) = (Self.rows(60, of: Self.records(1)), Self.rows(60, of: Self.records(2)))
        // Rows of two tables in turns, and objects of their own between them.
        let mixed: [JSONValue] = zip(one, other).flatMap { one, other -> [JSONValue] in [one, other, ["text": "own"]] }
        for values in [one, mixed] {
            let filter = try Filter(text)
            #expect(try filter.outputs(.array(values)) == filter.outputs(Self.plain(values)))
        }
    }

    @Test func invalidTextIsRepaired() throws {
        let records = JSONRecords(keys: ["a"]) { row, take in
            [0x66, 0xFF, UInt8(0x30 + row)].withUnsafeBytes { take(.text($0)) }
        }
        let rows = Self.rows(3, of: records)
        #expect(try Filter("map(.a)").outputs(.array(rows)) == [["f\u{FFFD}0", "f\u{FFFD}1", "f\u{FFFD}2"]])
    }

    @Test func manyLabelsKeepTheirKeys() throws {
        let records = JSONRecords(keys: ["m"]) { row, take in
            let texts = (0..<200).map { Array("\(row * ($0 % 2))-\($0)".utf8) }
            func pairs(
                _ rest: ArraySlice<[UInt8]>, _ all: [(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)]
            ) {
                guard let text = rest.first else { return all.withUnsafeBufferPointer { take(.texts($0)) } }
                text.withUnsafeBytes { pairs(rest.dropFirst(), all + [($0, $0)]) }
            }
            pairs(texts[...], [])
        }
        let rows = Self.rows(5, of: records)
        #expect(
            try Filter("map(.m | length), (map(.m[]) | length)").outputs(.array(rows)) == [
                [200, 200, 200, 200, 200], 1000,
            ])
        #expect(try Filter("all(.[]; .m | to_entries | all(.key == .value))").outputs(.array(rows)) == [true])
    }

    /// A large input is freed on another thread: whatever the filter does with it, that must leave nothing behind that both
    /// threads have.
    @Test func largeInputsAreFreedBesideWhatGoesOn() throws {
        let input = JSONValue.array(Self.rows(4000, of: Self.records(3)))
        let texts = [
            "length", ".[]", ".[10].text = 1 | .[10]", "map(.text)", "first", "error(.[7])",
            "try error(.) catch length",
            ". as $all | $all[0:2]", "reduce .[] as $row (.; .[0] = $row) | length", "halt", ".[5] | halt_error",
            "path(..)",
            "label $out | .[] | ., break $out", "[paths] | length", "limit(3; .[])", "input_line_number, .[1]",
        ]
        for text in texts {
            let filter = try Filter(text)
            var first: [JSONValue] = []
            var firstError = ""
            for round in 0..<4 {
                var outputs: [JSONValue] = []
                var message = ""
                do {
                    try filter.run(input) { outputs.append($0) }
                } catch let error as FilterError { message = error.message }
                if round == 0 { (first, firstError) = (outputs, message) }
                #expect(outputs == first && message == firstError, "\(text)")
            }
        }
    }

    /// Emitting fails in the midst, and filters run inside each other and on several threads, over one input.
    @Test func largeInputsMayBeSharedAndLeft() async throws {
        struct Enough: Error {}
        let input = JSONValue.array(Self.rows(4000, of: Self.records(4)))
        let filter = try Filter(".[] | .number")
        #expect(throws: Enough.self) { try filter.run(input) { _ in throw Enough() } }
        let total = Mutex(0)
        try filter.run(input) { _ in
            guard
                total.withLock({
                    $0 += 1
                    return $0 == 1
                })
            else { return }
            try filter.run(input) { _ in total.withLock { $0 += 1 } }
        }
        #expect(total.withLock { $0 } == 8000)
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { (try? filter.outputs(input).count) ?? 0 }
            }
            for await count in group { #expect(count == 4000) }
        }
    }
}
