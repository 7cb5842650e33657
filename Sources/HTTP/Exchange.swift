import CCurl
import Threads

/// One request being made on one easy handle, redirects included. Only the thread that drives the handle touches it.
final class Exchange {
    enum Outcome {
        /// A redirect: drive the handle once more.
        case again
        case finished(Result<HTTPResponse, HTTPError>)
    }

    let handle: EasyHandle
    let cancellation: CancellationFlag
    private var hop: Hop
    private let configuration: HTTPClient.Configuration
    private let onResponse: (HTTPResponse) throws -> Void
    private let onBytes: (UnsafeRawBufferPointer) throws -> Void

    private var head: ResponseHead
    private var response: HTTPResponse?
    private var failure: HTTPError?
    private var lists: [TextList] = []
    private var discarded = 0
    private var stall: StallClock
    private var isConnected = false
    private var moved: Int64 = 0
    private let deadline: UInt64?
    /// nil where the thread has other requests to serve.
    private let rate: RateLimiter?
    /// When the current hop began, and what of its body came.
    private var started: UInt64 = 0
    private var received: Int64 = 0

    /// Checks the request; throws `invalidRequest` or `unavailable`.
    init(
        _ request: HTTPRequest, handle: EasyHandle, configuration: HTTPClient.Configuration,
        cancellation: CancellationFlag, rate: RateLimiter? = nil,
        onResponse: @escaping (HTTPResponse) throws -> Void, onBytes: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws(HTTPError) {
        self.handle = handle
        self.configuration = configuration
        self.cancellation = cancellation
        self.rate = rate
        self.onResponse = onResponse
        self.onBytes = onBytes
        hop = try Hop(request, defaultTLS: configuration.tls)
        head = ResponseHead(limits: request.limits)
        let now = monotonicNow()
        stall = StallClock(request.limits, now: now)
        deadline = request.limits.total.map { now &+ UInt64(max(0, $0.nanoseconds)) }
    }

    var host: String { hop.target.authority }

    /// When `expire` has to be asked again, on the monotonic clock.
    var nextDeadline: UInt64 { min(isConnected ? stall.deadline : .max, deadline ?? .max) }

    /// Sets every option of the handle for the next hop.
    func prepare() throws(HTTPError) {
        head = ResponseHead(limits: hop.request.limits)
        response = nil
        discarded = 0
        isConnected = false
        moved = 0
        received = 0
        started = monotonicNow()
        handle.reset()
        lists = try hop.configure(handle, configuration: configuration)
        installCallbacks()
    }

    /// The error of a request whose time is up or that was cancelled, nil while it may go on.
    func expire(now: UInt64) -> HTTPError? {
        if cancellation.isCancelled { return .cancelled(host: host) }
        if let deadline, now >= deadline {
            // Not to be tried again: it did move, and would do so no faster.
            let seconds = hop.request.limits.total?.components.seconds ?? 0
            return HTTPError(
                .timeout, "the answer of \(host) was not complete after \(max(1, seconds)) s",
                hint: "it comes in, but too slowly to end: the registry or something on the way is overloaded",
                host: host)
        }
        if isConnected, now >= stall.deadline {
            let seconds = hop.request.limits.stall.components.seconds
            return HTTPError(
                .timeout, "the transfer from \(host) stalled: almost nothing came for \(max(1, seconds)) s", host: host,
                isRetryable: true)
        }
        return nil
    }

    /// What a finished hop means.
    func complete(_ code: CURLcode) -> Outcome {
        let (request, answer) = (hop.request, response)
        let outcome = outcome(code)
        var failure: HTTPError?
        if case .finished(.failure(let error)) = outcome { failure = error }
        trace(request, answer, failure)
        return outcome
    }

    /// Tells whoever wants to see the requests about one that has ended, whichever way.
    func trace(_ failure: HTTPError) { trace(hop.request, response, failure) }

    private func trace(_ request: HTTPRequest, _ answer: HTTPResponse?, _ failure: HTTPError?) {
        guard let sink = configuration.trace() else { return }
        let trace = RequestTrace(
            method: request.method, url: request.url, authorization: request.headers["Authorization"],
            started: started)
        sink(
            trace.line(
                answer, received: received, isReused: isConnected ? handle.get(CURLINFO_NUM_CONNECTS) == 0 : nil,
                failure: failure, now: monotonicNow()))
    }

    private func outcome(_ code: CURLcode) -> Outcome {
        if let failure { return .finished(.failure(failure)) }
        if let response, hop.follows(response) {
            do throws(HTTPError) {
                hop = try hop.redirected(by: response)
                return .again
            } catch {
                return .finished(.failure(error))
            }
        }
        guard code == CURLE_OK else {
            let error = HTTPError(
                curl: code, detail: handle.detail, osError: handle.get(CURLINFO_OS_ERRNO), host: host)
            return .finished(.failure(error))
        }
        guard let response else {
            return .finished(
                .failure(HTTPError(.protocolViolation, "\(host) sent no HTTP response", host: host, isRetryable: true)))
        }
        return .finished(.success(response))
    }
}

extension Exchange {
    /// The callbacks hold this object unretained: whoever drives the handle holds it until the handle is removed.
    private func installCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        handle.set(CURLOPT_HEADERDATA, context)
        _ = ccurl_set_data_function(handle.raw, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let exchange = Exchange.from(context), let bytes else { return 0 }
            let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return exchange.takeHeader(buffer) ? buffer.count : 0
        }
        handle.set(CURLOPT_WRITEDATA, context)
        _ = ccurl_set_data_function(handle.raw, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let exchange = Exchange.from(context), let bytes else { return 0 }
            let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return exchange.takeBody(buffer) ? buffer.count : 0
        }
        handle.set(CURLOPT_NOPROGRESS, false)
        handle.set(CURLOPT_XFERINFODATA, context)
        _ = ccurl_set_progress_function(handle.raw) { context, _, down, _, up in
            guard let exchange = Exchange.from(context) else { return 1 }
            return exchange.takeProgress(Int64(down &+ up)) ? 0 : 1
        }
        handle.set(CURLoption(UInt32(CURLOPTTYPE_OBJECTPOINT) + 313), context)  // CURLOPT_PREREQDATA, since 7.80
        let known = ccurl_set_prereq_function(handle.raw) { context, _, _, _, _ in
            Exchange.from(context)?.connected()
            return 0
        }
        if known != CURLE_OK { connected() }
        guard case .stream = hop.request.body else { return }
        handle.set(CURLOPT_READDATA, context)
        _ = ccurl_set_data_function(handle.raw, CURLOPT_READFUNCTION) { bytes, size, count, context in
            let abort = Int(CURL_READFUNC_ABORT)
            guard let exchange = Exchange.from(context), let bytes else { return abort }
            return exchange.fill(UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) ?? abort
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Exchange? {
        context.map { Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
    }

    private func connected() {
        isConnected = true
        stall.restart(now: monotonicNow())
    }

    private func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        do {
            guard try head.take(line, host: host) == .complete else { return true }
            let response = HTTPResponse(
                status: head.status, headers: head.headers, url: hop.target.url, version: head.version)
            self.response = response
            if !hop.follows(response) { try onResponse(response) }
            return true
        } catch {
            failure = .consumer(error, host: host)
            return false
        }
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let response else { return false }
        received += Int64(bytes.count)
        // One receive brings many calls: those that are left need not be waited for.
        if cancellation.isCancelled {
            failure = .cancelled(host: host)
            return false
        }
        if hop.follows(response) {
            // A short body is read so that the connection can be used again; a long one is not worth it.
            discarded += bytes.count
            return discarded <= 64 << 10
        }
        do {
            try onBytes(bytes)
        } catch {
            failure = .consumer(error, host: host)
            return false
        }
        if let rate, !rate.take(bytes.count, cancellation: cancellation) {
            failure = .cancelled(host: host)
            return false
        }
        // After the callback: time spent in it is the caller's, not the server's.
        stall.moved(bytes.count, now: monotonicNow())
        return true
    }

    private func takeProgress(_ total: Int64) -> Bool {
        if cancellation.isCancelled {
            failure = .cancelled(host: host)
            return false
        }
        if total != moved {
            stall.moved(Int(clamping: total &- moved), now: monotonicNow())
            moved = total
        }
        return true
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard case .stream(_, let read) = hop.request.body else { return nil }
        do {
            let count = try read(buffer)
            guard (0...buffer.count).contains(count) else { return nil }
            if let rate, !rate.take(count, cancellation: cancellation) {
                failure = .cancelled(host: host)
                return nil
            }
            stall.restart(now: monotonicNow())
            return count
        } catch {
            failure = .consumer(error, host: host)
            return nil
        }
    }
}
