import Glibc
import Synchronization

/// One connection of a stub server, on a thread of its own.
struct StubConnection {
    private let descriptor: Int32
    private let number: Int
    private let core: StubServerCore
    private let reader: Reader

    /// Reads with what was read too far kept.
    private final class Reader {
        let descriptor: Int32
        var pending: [UInt8] = []

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        func more() -> Bool {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                pending += buffer[..<count]
                return true
            }
        }

        func line() -> String? {
            while true {
                if let end = pending.firstIndex(of: 10) {
                    let text = String(decoding: pending[..<end], as: UTF8.self)
                    pending.removeFirst(end + 1)
                    return text.hasSuffix("\r") ? String(text.dropLast()) : text
                }
                guard more() else { return nil }
            }
        }

        func bytes(_ count: Int) -> [UInt8]? {
            while pending.count < count { guard more() else { return nil } }
            defer { pending.removeFirst(count) }
            return Array(pending.prefix(count))
        }
    }

    init(_ descriptor: Int32, _ number: Int, _ core: StubServerCore) {
        self.descriptor = descriptor
        self.number = number
        self.core = core
        reader = Reader(descriptor)
    }

    func serve() {
        while let request = read() {
            core.state.withLock { $0.requests.append(request) }
            guard answer(request, core.handler(request)) else { return }
            if request.header("Connection")?.lowercased() == "close" || request.version == "HTTP/1.0" { return }
        }
    }

    private func read() -> StubRequest? {
        if reader.pending.isEmpty { guard reader.more() else { return nil } }
        // A TLS handshake, which every real server answers in plain text.
        if reader.pending.first == 22 {
            _ = send(Array("HTTP/1.0 400 Bad Request\r\n\r\nTLS is not spoken here.".utf8))
            return nil
        }
        guard let first = reader.line() else { return nil }
        let words = first.split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        var headers: [(name: String, value: String)] = []
        while let line = reader.line(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers.append((String(line[..<colon]), String(value)))
        }
        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
        var body: [UInt8] = []
        if header("transfer-encoding")?.lowercased() == "chunked" {
            while let line = reader.line(), let size = Int(line.prefix { $0 != ";" }, radix: 16) {
                guard let piece = reader.bytes(size), reader.line() != nil else { return nil }
                if size == 0 { break }
                body += piece
            }
        } else if let length = header("content-length").flatMap({ Int($0) }) {
            guard let bytes = reader.bytes(length) else { return nil }
            body = bytes
        }
        return StubRequest(
            method: words[0], target: words[1], version: words[2], headers: headers, body: body, connection: number)
    }

    /// Returns whether the connection can go on.
    private func answer(_ request: StubRequest, _ response: StubResponse) -> Bool {
        if response.delivery == .hangUp { return false }
        if response.delivery == .silence {
            waitForEnd()
            return false
        }
        guard send(Array(head(response).utf8)) else { return false }
        guard request.method != "HEAD", response.status != 204, response.status != 304 else { return true }
        let body = response.body
        switch response.delivery {
        case .cut(let after):
            _ = send(Array(body.prefix(after)))
            return false
        case .reset(let after):
            _ = send(Array(body.prefix(after)))
            // Give what was sent a moment to be read: a reset throws away what is on its way.
            usleep(30_000)
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            return false
        case .stall(let after):
            _ = send(Array(body.prefix(after)))
            waitForEnd()
            return false
        case .slow(let piece, let milliseconds):
            var rest = body[...]
            while !rest.isEmpty {
                guard send(Array(rest.prefix(max(1, piece)))) else { return false }
                rest = rest.dropFirst(max(1, piece))
                usleep(useconds_t(milliseconds * 1000))
            }
        case .whole, .hangUp, .silence:
            if response.length == .chunked {
                for start in stride(from: 0, to: body.count, by: 4000) {
                    let piece = Array(body[start..<min(start + 4000, body.count)])
                    guard send(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10]) else {
                        return false
                    }
                }
                guard send(Array("0\r\n\r\n".utf8)) else { return false }
            } else {
                guard send(body) else { return false }
            }
        }
        if case .stated(let length) = response.length { return length == body.count }
        return response.length != .untilClose
    }

    private func head(_ response: StubResponse) -> String {
        if let raw = response.rawHead { return raw }
        var text = "HTTP/1.1 \(response.status) Stub\r\n"
        for (name, value) in response.headers { text += "\(name): \(value)\r\n" }
        switch response.length {
        case .actual: text += "Content-Length: \(response.body.count)\r\n"
        case .stated(let length): text += "Content-Length: \(length)\r\n"
        case .chunked: text += "Transfer-Encoding: chunked\r\n"
        case .untilClose: text += "Connection: close\r\n"
        }
        return text + "\r\n"
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Until the client closes or the server is stopped.
    private func waitForEnd() {
        while reader.more() { reader.pending = [] }
    }
}
