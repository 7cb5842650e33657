import CCurl
import Glibc
import Synchronization
import Threads

/// The thread on which every small request runs: one curl multi handle, so that requests to a host share connections
/// and, over HTTP/2, one connection.
final class RequestLoop: Sendable {
    /// One request on its way to the loop's thread.
    struct Job: Sendable {
        let request: HTTPRequest
        let maximumBytes: Int
        let cancellation: CancellationFlag
        let finish: @Sendable (Result<(HTTPResponse, [UInt8]), HTTPError>) -> Void
    }

    /// The multi handle as other threads may hold it: to wake it up, which is the one call that libcurl allows them.
    private struct Waker: @unchecked Sendable {
        let raw: UnsafeMutableRawPointer
    }

    private struct State {
        var inbox: [Job] = []
        var waker: Waker?
        var isRunning = false
        var isStopped = false
    }

    private let state = Mutex(State())
    private let configuration: HTTPClient.Configuration
    private let caches: SharedCaches

    init(configuration: HTTPClient.Configuration, caches: SharedCaches) {
        self.configuration = configuration
        self.caches = caches
    }

    /// Hands a request to the thread, starting it if it is the first. `finish` is called exactly once.
    func submit(_ job: Job) {
        let (mustStart, isStopped) = state.withLock { state in
            if state.isStopped { return (false, true) }
            state.inbox.append(job)
            if let waker = state.waker { ccurl_multi_wakeup(waker.raw) }
            defer { state.isRunning = true }
            return (!state.isRunning, false)
        }
        if isStopped { return job.finish(.failure(HTTPError(.interrupted, "the HTTP client has been closed"))) }
        if mustStart { start() }
    }

    /// Makes the thread look at cancelled requests now.
    func wake() {
        state.withLock { if let waker = $0.waker { ccurl_multi_wakeup(waker.raw) } }
    }

    /// Ends the thread; requests still running fail as interrupted.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            if let waker = state.waker { ccurl_multi_wakeup(waker.raw) }
        }
    }

    private func start() {
        if WorkerThread.startDetached(name: "dsh-http", { self.run() }) { return }
        refuseAll(HTTPError(.unavailable, "the system has no thread for HTTP requests"))
    }

    /// Fails what is in the inbox and lets the next request try again.
    private func refuseAll(_ error: HTTPError) {
        let jobs = state.withLock { state in
            defer { state.inbox = [] }
            state.isRunning = false
            state.waker = nil
            return state.inbox
        }
        for job in jobs { job.finish(.failure(error)) }
    }

    private func run() {
        do throws(HTTPError) {
            let driver = try RequestDriver(configuration: configuration, caches: caches)
            state.withLock { $0.waker = Waker(raw: driver.multi) }
            while true {
                let (jobs, isStopped) = state.withLock { state in
                    defer { state.inbox = [] }
                    return (state.inbox, state.isStopped)
                }
                for job in jobs { driver.begin(job) }
                if isStopped { break }
                driver.turn()
            }
            // No wake-up may come to a handle that is gone.
            state.withLock { $0.waker = nil }
            driver.failAll(HTTPError(.interrupted, "the HTTP client has been closed"))
        } catch {
            refuseAll(error)
        }
    }
}

/// What the loop's thread owns: never seen by another one.
private final class RequestDriver {
    let multi: UnsafeMutableRawPointer
    private let configuration: HTTPClient.Configuration
    private let caches: SharedCaches
    private var running: [UnsafeMutableRawPointer: Running] = [:]
    private var idle: [EasyHandle] = []

    private final class Running {
        let exchange: Exchange
        let collector: Collector
        let finish: @Sendable (Result<(HTTPResponse, [UInt8]), HTTPError>) -> Void

        init(
            _ exchange: Exchange, _ collector: Collector,
            _ finish: @escaping @Sendable (Result<(HTTPResponse, [UInt8]), HTTPError>) -> Void
        ) {
            self.exchange = exchange
            self.collector = collector
            self.finish = finish
        }
    }

    init(configuration: HTTPClient.Configuration, caches: SharedCaches) throws(HTTPError) {
        try HTTPError.requireCurl()
        guard let multi = ccurl_multi_init() else { throw HTTPError(.unavailable, "libcurl gives no handle") }
        self.multi = multi
        self.configuration = configuration
        self.caches = caches
        _ = ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, configuration.connectionsPerHost)
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 32)
    }

    deinit { _ = ccurl_multi_cleanup(multi) }

    func begin(_ job: RequestLoop.Job) {
        do throws(HTTPError) {
            if case .stream = job.request.body {
                throw HTTPError(.invalidRequest, "a streamed body is sent by a transfer, not among small requests")
            }
            // The length that HEAD is answered with is that of a body which does not come.
            let collector = Collector(limit: job.request.method == "HEAD" ? .max : job.maximumBytes)
            let handle = try nextHandle()
            let exchange = try Exchange(
                job.request, handle: handle, configuration: configuration, cancellation: job.cancellation,
                onResponse: collector.begin, onBytes: collector.take)
            try exchange.prepare()
            running[exchange.handle.raw] = Running(exchange, collector, job.finish)
            add(exchange)
        } catch {
            job.finish(.failure(error))
        }
    }

    private func nextHandle() throws(HTTPError) -> EasyHandle {
        if let handle = idle.popLast() { return handle }
        return try EasyHandle(caches)
    }

    /// Moves every request on, then waits for the network, a wake-up or the next time limit.
    func turn() {
        var active: Int32 = 0
        _ = ccurl_multi_perform(multi, &active)
        var code = CURLE_OK
        while let raw = ccurl_multi_next_done(multi, &code) { finish(raw, code) }
        let now = monotonicNow()
        for (raw, request) in running {
            guard let error = request.exchange.expire(now: now) else { continue }
            request.exchange.trace(error)
            end(raw, .failure(error))
        }
        _ = ccurl_multi_poll(
            multi, waitMilliseconds(until: running.values.map(\.exchange.nextDeadline).min(), now: now))
    }

    func failAll(_ error: HTTPError) {
        for raw in Array(running.keys) { end(raw, .failure(error)) }
    }

    private func add(_ exchange: Exchange) {
        let code = ccurl_multi_add(multi, exchange.handle.raw)
        guard code != CURLM_OK else { return }
        end(exchange.handle.raw, .failure(HTTPError(.unavailable, String(cString: ccurl_multi_strerror(code)))))
    }

    private func finish(_ raw: UnsafeMutableRawPointer, _ code: CURLcode) {
        guard let request = running[raw] else { return }
        switch request.exchange.complete(code) {
        case .finished(let result): end(raw, result)
        case .again:
            _ = ccurl_multi_remove(multi, raw)
            do throws(HTTPError) {
                try request.exchange.prepare()
                add(request.exchange)
            } catch {
                end(raw, .failure(error))
            }
        }
    }

    private func end(_ raw: UnsafeMutableRawPointer, _ result: Result<HTTPResponse, HTTPError>) {
        guard let request = running.removeValue(forKey: raw) else { return }
        _ = ccurl_multi_remove(multi, raw)
        if idle.count < 8 {
            // No option may point at what is freed with this request.
            request.exchange.handle.reset()
            idle.append(request.exchange.handle)
        }
        request.finish(result.map { ($0, request.collector.collected()) })
    }
}

/// Gathers a small body, never more than its limit.
private final class Collector {
    /// In pieces: an array that grows is there twice while it does, and an answer without end is to cost no more than its
    /// limit.
    private var pieces: [[UInt8]] = []
    private var count = 0
    private let limit: Int
    private static let pieceLength = 256 << 10

    init(limit: Int) { self.limit = limit }

    func begin(_ response: HTTPResponse) throws {
        guard let length = response.contentLength else { return }
        if length > limit { throw tooLarge() }
    }

    func take(_ more: UnsafeRawBufferPointer) throws {
        if more.count > limit - count { throw tooLarge() }
        count += more.count
        let isFull = pieces.last.map { $0.count + more.count > Collector.pieceLength } ?? true
        if isFull { pieces.append([]) }
        // The first piece grows as arrays do: most answers are a few hundred bytes.
        if isFull, pieces.count > 1 { pieces[pieces.count - 1].reserveCapacity(Collector.pieceLength) }
        pieces[pieces.count - 1].append(contentsOf: more)
    }

    /// All that came; nothing is kept here.
    func collected() -> [UInt8] {
        defer { pieces = [] }
        guard pieces.count != 1 else { return pieces[0] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in pieces.indices {
            bytes += pieces[index]
            pieces[index] = []
        }
        return bytes
    }

    private func tooLarge() -> HTTPError {
        HTTPError(.tooLarge, "the answer is larger than the \(limit) bytes allowed for it")
    }
}

/// How long to wait in curl at most: to the next time limit, and never more than a second.
func waitMilliseconds(until deadline: UInt64?, now: UInt64) -> Int32 {
    guard let deadline, deadline < .max else { return 1000 }
    return deadline <= now ? 0 : Int32(clamping: min(1000, (deadline - now) / 1_000_000 + 1))
}
