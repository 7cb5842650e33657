import JSON
import Testing

@Suite("JSONRecords")
struct JSONRecordsTests {
    /// Rows of every kind of member; the last says less than there are keys.
    static let records = JSONRecords(keys: ["t", "n", "b", "m", "z"]) { row, take in
        let texts = ["", "plain", "Grüße \"\u{1F600}\"\n"].map { Array($0.utf8) }
        texts[row % 3].withUnsafeBytes { text in
            if row == 4 { return take(.text(text)) }
            take(.text(text))
            take(.number(Double(row) * 1.5))
            take(.bool(row % 2 == 0))
            let pairs = row == 0 ? [] : [(key: text, value: text)]
            pairs.withUnsafeBufferPointer { take(.texts($0)) }
            take(row % 2 == 0 ? .null : .text("static"))
            // One too many is not taken.
            take(.bool(true))
        }
    }

    static let plain: [JSONValue] = [
        ["t": "", "n": 0, "b": true, "m": [:], "z": .null],
        ["t": "plain", "n": 1.5, "b": false, "m": ["plain": "plain"], "z": "static"],
        [
            "t": "Grüße \"\u{1F600}\"\n", "n": 3, "b": true, "m": ["Grüße \"\u{1F600}\"\n": "Grüße \"\u{1F600}\"\n"],
            "z": .null,
        ],
        ["t": "", "n": 4.5, "b": false, "m": ["": ""], "z": "static"],
        ["t": "plain", "n": .null, "b": .null, "m": .null, "z": .null],
    ]

    static func record(_ row: Int) -> JSONObject { JSONObject(record: row, of: records) }

    @Test(arguments: 0..<5) func isTheObjectOfItsRow(_ row: Int) throws {
        let record = Self.record(row)
        let plain = try #require(Self.plain[row].objectValue)
        #expect(record == plain && plain == record && record.hashValue == plain.hashValue)
        #expect(JSONValue.object(record).pretty == Self.plain[row].pretty)
        #expect(record.keys == plain.keys && record.values == plain.values && record.count == 5 && !record.isEmpty)
        #expect(record.map(\.key) == plain.keys && record.map(\.value) == plain.values)
        for key in plain.keys { #expect(record[key] == plain[key]) }
        #expect(record["missing"] == nil && record["T"] == nil)
        #expect(!(JSONValue.object(record) < Self.plain[row]) && !(Self.plain[row] < JSONValue.object(record)))
    }

    @Test func changesAreTheObjectsOwn() {
        var changed = Self.record(1)
        changed["t"] = "other"
        changed["new"] = 7
        changed["b"] = nil
        #expect(
            JSONValue.object(changed).compact == #"{"t":"other","n":1.5,"m":{"plain":"plain"},"z":"static","new":7}"#)
        #expect(Self.record(1)["t"] == "plain" && Self.record(1).count == 5)
        #expect(changed.source == nil && Self.record(1).source?.row == 1)
        var reserved = Self.record(2)
        reserved.reserveCapacity(40)
        for number in 0..<40 { reserved["k\(number)"] = .number(Double(number)) }
        #expect(reserved.count == 45 && reserved["k39"] == 39 && reserved["t"] == Self.plain[2]["t"])
        for number in 0..<40 { reserved["k\(number)"] = nil }
        #expect(reserved == Self.record(2))
    }
}
