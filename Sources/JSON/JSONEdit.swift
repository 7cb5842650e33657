/// Changes single members of a JSON document and leaves every other byte of it as it is: numbers keep their digits,
/// members their order and white space.
package struct JSONEdit: Sendable {
    package private(set) var bytes: [UInt8]

    /// Where a member of an object stands: from its key's quote to the end of its value.
    private struct Member {
        let key: String
        let start: Int
        let value: Range<Int>
    }

    /// Throws where the text is not JSON, or no object. Nothing at all is an empty object.
    package init(_ text: [UInt8]) throws(JSONError) {
        bytes = text.allSatisfy { [9, 10, 13, 32].contains($0) } ? Array("{}\n".utf8) : text
        guard try JSONValue.parse(bytes).objectValue != nil else {
            throw JSONError(message: "an object is expected", offset: 0)
        }
    }

    /// Makes `value` the member at the end of a path of keys; objects on the way that are not there are made, and what is
    /// no object on the way is replaced by one.
    package mutating func set(_ path: [String], to value: JSONValue) {
        var place = start
        for (depth, key) in path.enumerated() {
            let members = members(of: place)
            guard let member = members.last(where: { $0.key == key }) else {
                let rest = path[(depth + 1)...].reversed().reduce(value) { .object([$1: $0]) }
                return insert(key, rest, into: place, members, depth: depth)
            }
            if depth == path.count - 1 || bytes[member.value.lowerBound] != UInt8(ascii: "{") {
                let rest = path[(depth + 1)...].reversed().reduce(value) { .object([$1: $0]) }
                bytes.replaceSubrange(member.value, with: layout(rest, depth: depth + 1))
                return
            }
            place = member.value.lowerBound
        }
    }

    /// Takes the member at the end of a path away, however often it is there; whether it was.
    @discardableResult
    package mutating func remove(_ path: [String]) -> Bool {
        guard let last = path.last else { return false }
        var place = start
        for key in path.dropLast() {
            guard let member = members(of: place).last(where: { $0.key == key }),
                bytes[member.value.lowerBound] == UInt8(ascii: "{")
            else { return false }
            place = member.value.lowerBound
        }
        var removed = false
        while true {
            let members = members(of: place)
            guard let index = members.firstIndex(where: { $0.key == last }) else { return removed }
            let member = members[index]
            removed = true
            if index > 0 {
                bytes.removeSubrange(members[index - 1].value.upperBound..<member.value.upperBound)
            } else if members.count > 1 {
                bytes.removeSubrange(member.start..<members[1].start)
            } else {
                bytes.replaceSubrange(place..<end(of: place), with: "{}".utf8)
            }
        }
    }

    // MARK: Writing

    private mutating func insert(
        _ key: String, _ value: JSONValue, into place: Int, _ members: [Member], depth: Int
    ) {
        var text: [UInt8] = []
        JSONValue.writeString(key, into: &text)
        text += Array(indentation == nil ? ":".utf8 : ": ".utf8)
        text += layout(value, depth: depth + 1)
        if let last = members.last {
            bytes.insert(contentsOf: [UInt8(ascii: ",")] + lineStart(depth + 1) + text, at: last.value.upperBound)
        } else {
            text.insert(contentsOf: [UInt8(ascii: "{")] + lineStart(depth + 1), at: 0)
            text += lineStart(depth) + [UInt8(ascii: "}")]
            bytes.replaceSubrange(place..<end(of: place), with: text)
        }
    }

    /// What one level is indented by, as the document has it; a tab, as Docker writes it, where it has nothing to show.
    /// nil for one on a single line.
    private var indentation: [UInt8]? {
        guard let first = members(of: start).first else { return [UInt8(ascii: "\t")] }
        let space = bytes[(start + 1)..<first.start]
        guard let line = space.lastIndex(of: UInt8(ascii: "\n")) else { return nil }
        return Array(space[(line + 1)...])
    }

    private func lineStart(_ depth: Int) -> [UInt8] {
        guard let indentation else { return [] }
        return [UInt8(ascii: "\n")] + Array(repeatElement(indentation, count: depth).joined())
    }

    private func layout(_ value: JSONValue, depth: Int) -> [UInt8] {
        guard case .object(let object) = value, !object.isEmpty, indentation != nil else {
            var text: [UInt8] = []
            value.write(into: &text)
            return text
        }
        var text: [UInt8] = Array("{".utf8)
        var isFirst = true
        for (key, member) in object {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            text += lineStart(depth + 1)
            JSONValue.writeString(key, into: &text)
            text += ": ".utf8
            text += layout(member, depth: depth + 1)
        }
        return text + lineStart(depth) + [UInt8(ascii: "}")]
    }

    // MARK: Reading: the document is known to be JSON

    private var start: Int { bytes.firstIndex(of: UInt8(ascii: "{")) ?? 0 }

    private func members(of object: Int) -> [Member] {
        var found: [Member] = []
        var place = skipSpace(object + 1)
        while bytes[place] == UInt8(ascii: "\"") {
            let keyEnd = end(of: place)
            let key = (try? JSONValue.parse(Array(bytes[place..<keyEnd])))?.stringValue ?? ""
            let value = skipSpace(skipSpace(keyEnd) + 1)
            let valueEnd = end(of: value)
            found.append(Member(key: key, start: place, value: value..<valueEnd))
            place = skipSpace(valueEnd)
            if bytes[place] == UInt8(ascii: ",") { place = skipSpace(place + 1) }
        }
        return found
    }

    private func skipSpace(_ place: Int) -> Int {
        bytes[place...].firstIndex { ![9, 10, 13, 32].contains($0) } ?? bytes.count
    }

    /// The end of the value that begins at `place`.
    private func end(of place: Int) -> Int {
        var depth = 0
        var position = place
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position = endOfText(position)
                if depth == 0 { return position }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // The end of what holds a number or a word.
                if depth == 0 { return position }
                depth -= 1
                if depth == 0 { return position + 1 }
            case UInt8(ascii: ","), 9, 10, 13, 32: if depth == 0 { return position }
            default: break
            }
            position += 1
        }
        return position
    }

    private func endOfText(_ quote: Int) -> Int {
        var position = quote + 1
        while bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return position + 1
    }
}
