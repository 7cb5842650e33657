/// `html`, `js` and `urlquery` (text/template/funcs.go, net/url).
enum Escaping {
    static func html(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for byte in text {
            switch byte {
            case 0: output += "\u{FFFD}".utf8
            case UInt8(ascii: "\""): output += "&#34;".utf8
            case UInt8(ascii: "'"): output += "&#39;".utf8
            case UInt8(ascii: "&"): output += "&amp;".utf8
            case UInt8(ascii: "<"): output += "&lt;".utf8
            case UInt8(ascii: ">"): output += "&gt;".utf8
            default: output.append(byte)
            }
        }
        return output
    }

    static func javaScript(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for (rune, offset, width) in Runes.all(text) {
            switch rune {
            case 0x5C: output += "\\\\".utf8
            case 0x27: output += "\\'".utf8
            case 0x22: output += "\\\"".utf8
            case 0x3C: output += "\\u003C".utf8
            case 0x3E: output += "\\u003E".utf8
            case 0x26: output += "\\u0026".utf8
            case 0x3D: output += "\\u003D".utf8
            case ..<0x20: output += Quoting.hex("\\u", rune, digits: 4, uppercase: true)
            case ..<0x80: output.append(UInt8(truncatingIfNeeded: rune))
            default:
                if Runes.isPrint(rune) {
                    output += text[offset..<(offset + width)]
                } else {
                    output += Quoting.hex("\\u", rune, digits: 4, uppercase: true)
                }
            }
        }
        return output
    }

    static func query(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for byte in text {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                output.append(byte)
            case 0x20: output.append(UInt8(ascii: "+"))
            default: output += Quoting.hex("%", UInt32(byte), digits: 2, uppercase: true)
            }
        }
        return output
    }
}
