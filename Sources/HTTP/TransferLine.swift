import CCurl
import Synchronization
import Threads

/// An easy handle in a multi handle of its own: what one blocking transfer runs on, its connections kept for the next.
/// A multi handle and not `curl_easy_perform`, since only the former can be woken at once when it is cancelled.
final class TransferLine: @unchecked Sendable {  // Only one thread holds a line at a time, handed on under a lock.
    /// How many bytes one `recv` may bring. libcurl polls before each: with its own 16 KB a fast blob costs a tenth more of
    /// time, a fifth more in the system; above 128 KB nothing more was to be had.
    private static let receiveLength = 128 << 10

    private let handle: EasyHandle
    private let multi: UnsafeMutableRawPointer
    /// The origin asked last, to which a connection is probably open.
    private(set) var lastHost = ""

    init(_ caches: SharedCaches) throws(HTTPError) {
        handle = try EasyHandle(caches)
        guard let multi = ccurl_multi_init() else { throw HTTPError(.unavailable, "libcurl gives no handle") }
        self.multi = multi
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 4)
    }

    deinit { _ = ccurl_multi_cleanup(multi) }

    /// Runs the request to its end on this thread.
    func run(
        _ request: HTTPRequest, configuration: HTTPClient.Configuration, cancellation: CancellationFlag,
        onResponse: @escaping (HTTPResponse) throws -> Void,
        onBytes: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws(HTTPError) -> HTTPResponse {
        let exchange = try Exchange(
            request, handle: handle, configuration: configuration, cancellation: cancellation,
            rate: request.rate, onResponse: onResponse, onBytes: onBytes)
        lastHost = exchange.host
        let signals = ccurl_sigpipe_block()
        let waker = cancellation.onCancel { [self] in _ = ccurl_multi_wakeup(multi) }
        defer {
            cancellation.removeHandler(waker)
            // No option may point at what is freed with this request.
            handle.reset()
            ccurl_sigpipe_restore(signals)
        }
        while true {
            try exchange.prepare()
            switch try drive(exchange) {
            case .again: continue
            case .finished(let result): return try result.get()
            }
        }
    }

    private func drive(_ exchange: Exchange) throws(HTTPError) -> Exchange.Outcome {
        handle.set(CURLOPT_BUFFERSIZE, TransferLine.receiveLength)
        let added = ccurl_multi_add(multi, handle.raw)
        guard added == CURLM_OK else { throw HTTPError(.unavailable, String(cString: ccurl_multi_strerror(added))) }
        defer { _ = ccurl_multi_remove(multi, handle.raw) }
        while true {
            var active: Int32 = 0
            let code = ccurl_multi_perform(multi, &active)
            guard code == CURLM_OK else {
                throw HTTPError(.network, String(cString: ccurl_multi_strerror(code)), host: exchange.host)
            }
            var result = CURLE_OK
            if ccurl_multi_next_done(multi, &result) != nil { return exchange.complete(result) }
            let now = monotonicNow()
            if let error = exchange.expire(now: now) {
                exchange.trace(error)
                throw error
            }
            _ = ccurl_multi_poll(multi, waitMilliseconds(until: exchange.nextDeadline, now: now))
        }
    }
}

/// The lines that wait for their next transfer, best match first.
final class TransferPool: Sendable {
    private let idle = Mutex<[TransferLine]>([])

    func take(for host: String, _ caches: SharedCaches) throws(HTTPError) -> TransferLine {
        let found = idle.withLock { lines in
            (lines.lastIndex { $0.lastHost == host } ?? lines.indices.last).map { lines.remove(at: $0) }
        }
        if let found { return found }
        return try TransferLine(caches)
    }

    func give(_ line: TransferLine) {
        // What is pushed out closes its connections here, outside the lock.
        let surplus = idle.withLock { lines in
            lines.append(line)
            return lines.count > 16 ? lines.removeFirst() : nil
        }
        _ = surplus
    }
}
