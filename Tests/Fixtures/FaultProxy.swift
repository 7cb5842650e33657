import Glibc
import Synchronization

/// A TCP proxy before a server that resets, cuts off, stalls for a moment and delays connections at random. The same seed
/// gives the same faults to the same connections, by the order in which they are made.
package final class FaultProxy: Sendable {
    /// Of a thousand connections, so many get each fault.
    package struct Rates: Sendable {
        package var reset = 60
        package var cut = 60
        package var refuse = 30
        package var delay = 150

        package init() {}
    }

    fileprivate enum Fate: Sendable {
        case none
        /// Closed before anything is said.
        case refuse
        /// After so many bytes, whichever way they went.
        case reset(after: Int)
        case cut(after: Int)
        /// Before every piece.
        case delay(milliseconds: Int)
    }

    fileprivate struct State {
        var listener: Int32 = -1
        var isStopped = false
        var random: SeededRandom
        var faults = 0
        var connections = 0
        var refusals = 0
    }

    package let port: UInt16
    private let core: Core

    private final class Core: Sendable {
        let state: Mutex<State>
        let rates: Rates
        let upstream: UInt16

        init(_ upstream: UInt16, _ rates: Rates, seed: UInt64) {
            self.upstream = upstream
            self.rates = rates
            state = Mutex(State(random: SeededRandom(seed: seed)))
        }
    }

    /// `host`: `127.0.0.1:PORT` of the server behind it.
    package init(to host: String, rates: Rates = Rates(), seed: UInt64) {
        let upstream = host.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
        let core = Core(upstream, rates, seed: seed)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = FaultProxy.loopback(0)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        precondition(isBound && listen(listener, 128) == 0, "no port to be had")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        port = UInt16(bigEndian: address.sin_port)
        core.state.withLock { $0.listener = listener }
        self.core = core
        startThread { FaultProxy.accept(on: listener, core) }
    }

    deinit { stop() }

    /// `127.0.0.1:PORT`
    package var host: String { "127.0.0.1:\(port)" }
    /// How many connections were made, and how many of them were harmed.
    package var connections: Int { core.state.withLock { $0.connections } }
    package var faults: Int { core.state.withLock { $0.faults } }

    /// The next so many connections are closed at once.
    package func refuse(next count: Int) { core.state.withLock { $0.refusals += count } }

    /// Closes the port; connections that are open go on.
    package func stop() {
        core.state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(state.listener, Int32(SHUT_RDWR))
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    private static func accept(on listener: Int32, _ core: Core) {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            if client < 0, errno == EINTR || errno == ECONNABORTED { continue }
            guard client >= 0 else { break }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            let fate = core.state.withLock { $0.nextFate(core.rates) }
            startThread { serve(client, fate, core.upstream) }
        }
        close(listener)
    }

    private static func serve(_ client: Int32, _ fate: Fate, _ upstream: UInt16) {
        defer { close(client) }
        if case .refuse = fate { return }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(server) }
        var address = loopback(upstream)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return }
        var passed = 0
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            var polled = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&polled, 2, 60_000) > 0 else { return }
            for (place, other) in [(0, server), (1, client)] where polled[place].revents != 0 {
                let count = recv(polled[place].fd, &buffer, buffer.count, 0)
                guard count > 0 else { return }
                var allowed = count
                switch fate {
                case .none, .refuse: break
                case .delay(let milliseconds): usleep(useconds_t(milliseconds * 1000))
                case .reset(let after), .cut(let after): allowed = min(count, max(0, after - passed))
                }
                passed += count
                guard send(buffer[..<allowed], to: other) else { return }
                guard allowed < count else { continue }
                if case .reset = fate {
                    var linger = linger(l_onoff: 1, l_linger: 0)
                    setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
                }
                return
            }
        }
    }

    private static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

extension FaultProxy.State {
    fileprivate mutating func nextFate(_ rates: FaultProxy.Rates) -> FaultProxy.Fate {
        connections += 1
        if refusals > 0 {
            refusals -= 1
            faults += 1
            return .refuse
        }
        var draw = Int(random.next() % 1000)
        // Most requests are small: half of the bounds lie in the first of them.
        let after = Int(random.next() % (random.next() % 2 == 0 ? 1500 : 60_000))
        let milliseconds = Int(1 + random.next() % 20)
        for (rate, fate) in [
            (rates.reset, FaultProxy.Fate.reset(after: after)), (rates.cut, .cut(after: after)),
            (rates.refuse, .refuse),
            (rates.delay, .delay(milliseconds: milliseconds)),
        ] {
            if draw < rate {
                faults += 1
                return fate
            }
            draw -= rate
        }
        return .none
    }
}

/// SplitMix64: numbers that a seed determines.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
