import Glibc
import Synchronization

/// A request as it came over the wire.
package struct StubRequest: Sendable {
    package let method: String
    /// Path and query, as sent.
    package let target: String
    package let version: String
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    /// Which connection of the server it came on, counted from 1.
    package let connection: Int

    package var path: String { String(target.prefix { $0 != "?" }) }
    package var query: String { target.contains("?") ? String(target.drop { $0 != "?" }.dropFirst()) : "" }

    /// The first field of that name, whatever its case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// What to answer, and how badly.
package struct StubResponse: Sendable, CustomStringConvertible {
    package enum Delivery: Sendable, Equatable {
        case whole
        /// The connection is closed in good order after so many bytes of the body.
        case cut(after: Int)
        /// The connection is reset after so many bytes of the body.
        case reset(after: Int)
        /// Nothing more comes after so many bytes of the body, until the client goes away.
        case stall(after: Int)
        /// Pieces of that size with a pause between them.
        case slow(piece: Int, milliseconds: Int)
        /// The connection is closed before any answer.
        case hangUp
        /// Nothing is ever answered.
        case silence
    }

    package enum Length: Sendable, Equatable {
        case actual
        case stated(Int)
        case chunked
        /// No length: the body ends with the connection.
        case untilClose
    }

    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    package var delivery = Delivery.whole
    package var length = Length.actual
    /// Sent in place of the status line and headers where it is not nil.
    package var rawHead: String?

    package init(_ status: Int = 200, _ headers: [(String, String)] = [], _ body: [UInt8] = []) {
        self.status = status
        self.headers = headers.map { (name: $0.0, value: $0.1) }
        self.body = body
    }

    package init(_ status: Int = 200, _ headers: [(String, String)] = [], text: String) {
        self.init(status, headers, Array(text.utf8))
    }

    package var description: String { "\(status) \(headers) \(body.count) bytes, \(delivery), \(length)" }

    package mutating func set(_ name: String, _ value: String?) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        if let value { headers.append((name, value)) }
    }
}

/// An HTTP/1.1 server in this process on a loopback port that the kernel picked: a thread a connection, every request
/// recorded, and every way to misbehave. It ends with its last reference.
package final class StubServer: Sendable {
    package typealias Handler = @Sendable (StubRequest) -> StubResponse

    package let port: UInt16
    private let core: StubServerCore

    /// Traps where no port is to be had. With `unixSocket` it listens there instead, and `port` is 0.
    package init(unixSocket: String? = nil, _ handler: @escaping Handler) {
        core = StubServerCore(handler)
        port = core.listen(unixSocket: unixSocket)
    }

    deinit { core.stop() }

    /// `127.0.0.1:PORT`
    package var host: String { "127.0.0.1:\(port)" }
    /// `http://127.0.0.1:PORT`
    package var url: String { "http://" + host }

    /// Every request so far, in the order they came.
    package var requests: [StubRequest] { core.state.withLock { $0.requests } }
    package var connections: Int { core.state.withLock { $0.connections } }
    package func forgetRequests() { core.state.withLock { $0.requests = [] } }

    /// Closes the port and every connection.
    package func stop() { core.stop() }
}

/// What the threads of a server share.
final class StubServerCore: Sendable {
    struct State {
        var listener: Int32 = -1
        var open: Set<Int32> = []
        var isStopped = false
        var connections = 0
        var requests: [StubRequest] = []
    }

    let state = Mutex(State())
    let handler: StubServer.Handler

    init(_ handler: @escaping StubServer.Handler) { self.handler = handler }

    func listen(unixSocket: String?) -> UInt16 {
        let descriptor: Int32
        var port: UInt16 = 0
        if let unixSocket {
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(unixSocket.utf8.prefix(107))) }
            precondition(bound(descriptor, &address), "cannot listen on \(unixSocket)")
        } else {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            precondition(bound(descriptor, &address), "cannot listen on loopback")
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            _ = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
            }
            port = UInt16(bigEndian: address.sin_port)
        }
        state.withLock { $0.listener = descriptor }
        startThread { [self] in accept(on: descriptor) }
        return port
    }

    private func bound<Address>(_ descriptor: Int32, _ address: inout Address) -> Bool {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size)) == 0
            }
        } && Glibc.listen(descriptor, 128) == 0
    }

    private func accept(on listener: Int32) {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor < 0, errno == EINTR || errno == ECONNABORTED { continue }
            guard descriptor >= 0 else { break }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let number: Int? = state.withLock { state in
                guard !state.isStopped else { return nil }
                state.connections += 1
                state.open.insert(descriptor)
                return state.connections
            }
            guard let number else {
                close(descriptor)
                break
            }
            startThread { [self] in
                StubConnection(descriptor, number, self).serve()
                _ = state.withLock { $0.open.remove(descriptor) }
                close(descriptor)
            }
        }
        close(listener)
    }

    func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(state.listener, Int32(SHUT_RDWR))
            // Their threads see the end and close them.
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }
}

/// Runs `body` on a detached thread.
func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let code = pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        }, box.toOpaque())
    precondition(code == 0, "no thread to be had")
    pthread_detach(thread)
}
