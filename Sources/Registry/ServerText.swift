import JSON

/// What a server says, without the login that it was sent: some repeat the request in their errors.
struct ServerText {
    /// What stands in a secret's place.
    private static let mark = "…"
    /// Shorter ones are in too many words to be struck out wherever they stand.
    private static let shortest = 4

    private let secrets: [String]

    /// `sent` is the `Authorization` value that the server was sent, nil where there was none.
    init(sent: Secret? = nil) {
        guard let value = sent?.reveal() else {
            secrets = []
            return
        }
        var known = [value]
        if let blank = value.firstIndex(of: " ") {
            let token = String(value[value.index(after: blank)...])
            known.append(token)
            if value.lowercased().hasPrefix("basic "), let bytes = Base64.decode(token) {
                let pair = String(decoding: bytes, as: UTF8.self)
                let password = pair.firstIndex(of: ":").map { String(pair[pair.index(after: $0)...]) } ?? ""
                known += [pair, password, Base64.encode(Array(password.utf8))]
            }
        }
        // The longest first: a part that is gone would leave the rest of the whole.
        secrets = known.filter { $0.utf8.count >= ServerText.shortest }.sorted { $0.utf8.count > $1.utf8.count }
    }

    /// The text without that value, what is in it, and whatever stands behind `Basic` or `Bearer`.
    func struck(_ text: String) -> String {
        var text = text
        for secret in secrets where text.contains(secret) { text = text.replacing(secret, with: ServerText.mark) }
        return ServerText.withoutSchemes(text)
    }

    /// Strikes out the token68 (RFC 7235 section 2.1) behind a scheme. A scheme may be a word of a sentence too: there what
    /// follows is a short word.
    private static func withoutSchemes(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let rest = bytes[position...]
            guard let length = scheme(rest), position == 0 || !isLetter(bytes[position - 1]) else {
                result.append(bytes[position])
                position += 1
                continue
            }
            let gap = rest.dropFirst(length).prefix { " \t:=\"'".utf8.contains($0) || $0 == UInt8(ascii: "\\") }
            let token = bytes[gap.endIndex...].prefix(while: isTokenByte)
            result += bytes[position..<gap.endIndex]
            if gap.isEmpty || !isSecret(token) { result += token } else { result += mark.utf8 }
            position = token.endIndex
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func scheme(_ bytes: ArraySlice<UInt8>) -> Int? {
        ["basic", "bearer"].first { bytes.prefix($0.utf8.count).map { $0 | 0x20 }.elementsEqual($0.utf8) }?.utf8.count
    }

    /// `token`, `realm` and `authentication` are no secrets; what has a capital behind its first letter, a digit or a sign in
    /// it may be one.
    private static func isSecret(_ token: ArraySlice<UInt8>) -> Bool {
        if token.elementsEqual("realm=".utf8) { return false }
        var word = token
        if word.last == UInt8(ascii: ".") { word = word.dropLast() }
        return word.count > 14 || word.count >= shortest && !word.dropFirst().allSatisfy { (97...122).contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || "-._~+/=".utf8.contains(byte)
    }
}
