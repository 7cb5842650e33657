import CCurl
import Glibc

/// One curl easy handle. It belongs to whichever thread drives it; freed with its last reference.
final class EasyHandle {
    let raw: UnsafeMutableRawPointer
    /// Where curl writes its message for a failed request.
    private let message: UnsafeMutablePointer<CChar>
    private static let messageSize = 256  // CURL_ERROR_SIZE
    private let caches: SharedCaches

    init(_ caches: SharedCaches) throws(HTTPError) {
        try HTTPError.requireCurl()
        guard let raw = ccurl_easy_init() else { throw HTTPError(.unavailable, "libcurl gives no handle") }
        self.raw = raw
        self.caches = caches
        message = .allocate(capacity: EasyHandle.messageSize)
        message.initialize(repeating: 0, count: EasyHandle.messageSize)
        if let share = caches.raw { _ = ccurl_set_share(raw, share) }
    }

    deinit {
        ccurl_easy_cleanup(raw)
        message.deallocate()
    }

    /// Forgets every option; connections and the shared caches stay.
    func reset() {
        ccurl_easy_reset(raw)
        message[0] = 0
        set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(message))
    }

    /// curl's own message for what failed last, empty where it gave none.
    var detail: String { String(cString: message) }

    func set(_ option: CURLoption, _ value: Int) { _ = ccurl_set_long(raw, option, value) }
    func set(_ option: CURLoption, _ value: Bool) { _ = ccurl_set_long(raw, option, value ? 1 : 0) }
    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) { _ = ccurl_set_pointer(raw, option, value) }
    func set(_ option: CURLoption, offset: Int64) { _ = ccurl_set_offset(raw, option, curl_off_t(offset)) }

    /// Whether libcurl took the option: for those without which a request would be another one.
    @discardableResult
    func set(_ option: CURLoption, _ value: String) -> Bool {
        ccurl_set_string(raw, option, value) == CURLE_OK
    }

    func get(_ info: CURLINFO) -> Int { ccurl_get_long(raw, info) }
}

/// A list of texts for curl; freed with its last reference, so it must outlive the request that uses it.
final class TextList {
    private(set) var raw: UnsafeMutablePointer<curl_slist>?

    init(_ texts: [String]) {
        for text in texts {
            // Out of memory leaves the list as it was.
            if let longer = ccurl_slist_append(raw, text) { raw = longer }
        }
    }

    deinit { ccurl_slist_free(raw) }
}

/// The DNS cache and TLS sessions that every handle of a client shares.
// The C object has a lock for each kind of data; the pointer is constant.
final class SharedCaches: @unchecked Sendable {
    let raw: OpaquePointer?

    init() { raw = ccurl_load() == nil ? ccurl_share_create() : nil }

    deinit { if let raw { ccurl_share_destroy(raw) } }
}

/// Nanoseconds on a clock that only goes forward.
func monotonicNow() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
}

/// Finds a connection on which too little moves.
struct StallClock {
    private let window: UInt64
    private let minimum: Int
    private var since: UInt64
    private var bytes = 0

    init(_ limits: HTTPLimits, now: UInt64) {
        window = UInt64(max(1, limits.stall.nanoseconds))
        minimum = max(1, limits.stallBytes)
        since = now
    }

    /// When the connection counts as stalled unless more bytes come.
    var deadline: UInt64 { since.addingReportingOverflow(window).overflow ? .max : since + window }

    mutating func moved(_ count: Int, now: UInt64) {
        bytes += count
        if bytes >= minimum { restart(now: now) }
    }

    mutating func restart(now: UInt64) {
        since = now
        bytes = 0
    }
}
