/// Collects the header lines of a response as curl hands them over, within bounds.
struct ResponseHead {
    enum Progress {
        case more
        /// The final response's header section is complete.
        case complete
    }

    private(set) var status = 0
    private(set) var version = ""
    private(set) var headers = HTTPHeaders()
    private var isComplete = false
    private var bytes = 0
    private var fields = 0
    private let limits: HTTPLimits

    init(limits: HTTPLimits) { self.limits = limits }

    /// Takes one line, its end included. Interim responses (1xx) are dropped, trailers counted and ignored.
    ///
    /// Throws `tooLarge` past the bounds.
    mutating func take(_ line: UnsafeRawBufferPointer, host: String) throws(HTTPError) -> Progress {
        bytes += line.count
        fields += 1
        guard bytes <= limits.headerBytes, fields <= limits.headerFields + 2 else {
            throw HTTPError(
                .tooLarge,
                "\(host) sent a header of more than \(limits.headerBytes) bytes or \(limits.headerFields) fields",
                host: host)
        }
        var end = line.count
        while end > 0, line[end - 1] == 10 || line[end - 1] == 13 { end -= 1 }
        let text = String(decoding: line[..<end], as: UTF8.self)
        if isComplete { return .more }
        if text.isEmpty { return finishSection() }
        if status == 0 {
            try takeStatus(text, host: host)
        } else if let colon = text.firstIndex(of: ":") {
            headers.append(
                String(text[..<colon]).trimmingSpaces(), String(text[text.index(after: colon)...]).trimmingSpaces())
        }
        return .more
    }

    private mutating func finishSection() -> Progress {
        guard status >= 200 else {
            status = 0
            headers = HTTPHeaders()
            return .more
        }
        isComplete = true
        return .complete
    }

    private mutating func takeStatus(_ text: String, host: String) throws(HTTPError) {
        let words = text.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/"), let code = Int(words[1]), (100...599).contains(code) else {
            throw HTTPError(
                .protocolViolation, "\(host) does not answer in HTTP: \"\(escaped(text, limit: 80))\"", host: host)
        }
        version = String(words[0].dropFirst(5))
        status = code
    }
}
