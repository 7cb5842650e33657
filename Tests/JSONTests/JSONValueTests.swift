import JSON
import Testing

@Suite("JSONValue")
struct JSONValueTests {
    /// jq's order, as `jq -c sort` gives it.
    static let ordered: [JSONValue] = [
        .null, false, true, .number(-.infinity), -1.5, 0, 2, 10, "", "A", "a", "ab", "b", "e\u{301}", "\u{e9}",
        "\u{10000}", [],
        [.null], [0], [0, 1], [1], [[]], [:], ["a": 2], ["a": 1, "b": 1], ["b": 0, "a": 2], ["b": 1],
        ["aa": 0, "b": 0, "c": 0],
    ]

    @Test func ordersAsJQ() {
        // `{"aa",…}` sorts among the objects by its keys.
        let sorted = Self.ordered.dropLast().map { $0 }
        #expect(sorted.shuffled().sorted() == sorted)
        let keys: [JSONValue] = [["a": 2], ["aa": 0, "b": 0, "c": 0], ["b": 1]]
        #expect(keys.shuffled().sorted() == keys)
    }

    @Test func nanIsItselfAndBeforeEveryNumber() {
        let nan = JSONValue.number(.nan)
        #expect(
            nan == nan && nan < .number(-.infinity) && .bool(true) < nan && !(nan < nan) && Set([nan, nan]).count == 1)
    }

    @Test func tellsStringsApartByBytes() {
        let composed: JSONValue = "\u{e9}"
        let decomposed: JSONValue = "e\u{301}"
        #expect(composed != decomposed && Set([composed, decomposed]).count == 2)
        let object: JSONObject = ["\u{e9}": 1, "e\u{301}": 2]
        #expect(object.count == 2 && object["\u{e9}"] == 1 && object["e\u{301}"] == 2)
    }

    @Test func objectsAreEqualInAnyOrder() {
        let left: JSONValue = ["a": 1, "b": [1, 2]]
        let right: JSONValue = ["b": [1, 2], "a": 1]
        #expect(left == right && left.hashValue == right.hashValue && left != ["a": 1] && left != ["a": 1, "b": .null])
        #expect(JSONValue.number(0) == .number(-0.0) && Set<JSONValue>([0, -0.0]).count == 1)
    }

    @Test(arguments: [3, 16, 17, 18, 400])
    func objectKeepsOrder(_ count: Int) {
        var object = JSONObject()
        for key in 0..<count { object["k\(key)"] = .number(Double(key)) }
        object["k1"] = "again"
        #expect(object.keys == (0..<count).map { "k\($0)" } && object["k1"] == "again" && object["none"] == nil)
        let copy = object
        object["k0"] = nil
        object["none"] = nil
        object["last"] = true
        #expect(object.keys == (1..<count).map { "k\($0)" } + ["last"] && object["last"] == true)
        #expect(object["k\(count - 1)"] != nil && object["k0"] == nil && copy["k0"] == 0 && copy.count == count)
    }

    @Test func laterKeyWinsInPlace() throws {
        #expect(try JSONValue.parse(#"{"a":1,"b":2,"a":3}"#).compact == #"{"a":3,"b":2}"#)
    }

    @Test func looksInto() {
        let value: JSONValue = ["a": [10, 20.5, "x", true], "o": ["k": .null]]
        #expect(
            value["a"]?[0]?.intValue == 10 && value["a"]?[1]?.intValue == nil && value["a"]?[1]?.numberValue == 20.5)
        #expect(value["a"]?[-1]?.boolValue == true)
        for absent in [value["a"]?[4], value["a"]?[-5], value["o"]?["z"], value[0], value["a"]?["k"]] {
            #expect(absent == .none)
        }
        #expect(value["o"]?["k"] == .some(.null))
        #expect(
            value["o"]?.objectValue?.keys == ["k"] && value["a"]?[2]?.stringValue == "x"
                && value["a"]?.arrayValue?.count == 4)
        #expect([.null, false].allSatisfy { (value: JSONValue) in !value.isTruthy })
        #expect([0, "", [], [:], true].allSatisfy { (value: JSONValue) in value.isTruthy })
    }
}
