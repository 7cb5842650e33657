import HTTP

/// One challenge of a `WWW-Authenticate` field (RFC 9110 section 11.6.1).
struct AuthenticationChallenge: Sendable, Hashable {
    /// In lower case: `bearer`, `basic`.
    let scheme: String
    /// By lower-case name; the first of a name counts.
    let parameters: [String: String]

    /// Every challenge of every such field. What does not parse is skipped up to the next comma.
    static func parse(_ headers: HTTPHeaders) -> [AuthenticationChallenge] {
        headers.values("WWW-Authenticate").flatMap(parse)
    }

    static func parse(_ field: String) -> [AuthenticationChallenge] {
        var parser = ChallengeParser(Array(field.utf8))
        return parser.challenges()
    }
}

private struct ChallengeParser {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func challenges() -> [AuthenticationChallenge] {
        var found: [AuthenticationChallenge] = []
        while true {
            skip { $0 == 32 || $0 == 9 || $0 == UInt8(ascii: ",") }
            guard position < bytes.count else { return found }
            guard let scheme = token() else {
                skipPastComma()
                continue
            }
            found.append(AuthenticationChallenge(scheme: scheme.lowercased(), parameters: parameters()))
        }
    }

    /// The parameters up to the next challenge: a token that no `=` follows starts one.
    private mutating func parameters() -> [String: String] {
        var found: [String: String] = [:]
        while true {
            let start = position
            skip { $0 == 32 || $0 == 9 || $0 == UInt8(ascii: ",") }
            guard position < bytes.count else { return found }
            guard let name = token() else {
                skipPastComma()
                continue
            }
            skip { $0 == 32 || $0 == 9 }
            guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else {
                position = start
                return found
            }
            position += 1
            skip { $0 == 32 || $0 == 9 }
            guard let value = quoted() ?? bareValue() else {
                skipPastComma()
                continue
            }
            if found[name.lowercased()] == nil { found[name.lowercased()] = value }
        }
    }

    private mutating func skip(while matches: (UInt8) -> Bool) {
        while position < bytes.count, matches(bytes[position]) { position += 1 }
    }

    private mutating func skipPastComma() {
        skip { $0 != UInt8(ascii: ",") }
    }

    private mutating func token() -> String? {
        let start = position
        skip { byte in
            byte > 32 && byte < 127 && !"()<>@,;:\\\"/[]?={}".utf8.contains(byte)
        }
        return position == start ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func quoted() -> String? {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
        position += 1
        var text: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count { position += 1 }
            text.append(bytes[position])
            position += 1
        }
        position += 1
        return String(decoding: text, as: UTF8.self)
    }

    /// Some registries leave the quotes off URLs and scopes, which are no tokens.
    private mutating func bareValue() -> String? {
        let start = position
        skip { $0 != UInt8(ascii: ",") && $0 != 32 && $0 != 9 }
        return position == start ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
    }
}
