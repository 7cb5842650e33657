/// JSON laid out as Go's `encoding/json` lays it out (`Indent`, `MarshalIndent`): texts and numbers stay as they stand.
enum GoIndent {
    /// `json` must be well formed. With `escapesHTML`, `<`, `>` and `&` become escapes, as whatever is marshalled has it.
    static func text(of json: [UInt8], indent: String, escapesHTML: Bool = false) -> String {
        let step = Array(indent.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(json.count * 2)
        var depth = 0
        var isInText = false
        var isEscaped = false
        var isOpened = false
        func breakLine() {
            output.append(UInt8(ascii: "\n"))
            for _ in 0..<depth { output += step }
        }
        for byte in json {
            if isInText {
                append(byte, escapesHTML, to: &output)
                isInText = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: continue
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth = max(0, depth - 1)
                if !isOpened { breakLine() }
                isOpened = false
                output.append(byte)
                continue
            default: break
            }
            // What is empty stays on its line.
            if isOpened { breakLine() }
            isOpened = false
            output.append(byte)
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                isOpened = true
            case UInt8(ascii: ","): breakLine()
            case UInt8(ascii: ":"): output.append(UInt8(ascii: " "))
            case UInt8(ascii: "\""): isInText = true
            default: break
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func append(_ byte: UInt8, _ escapesHTML: Bool, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "<") where escapesHTML: output += "\\u003c".utf8
        case UInt8(ascii: ">") where escapesHTML: output += "\\u003e".utf8
        case UInt8(ascii: "&") where escapesHTML: output += "\\u0026".utf8
        default: output.append(byte)
        }
    }
}
