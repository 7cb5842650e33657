import CCurl
package import Threads

/// HTTP over libcurl: many small requests on one thread, and blocking transfers of large bodies on their callers'
/// own threads. Both follow redirects by the same rules, and neither ever runs on Swift's cooperative pool.
package final class HTTPClient: Sendable {
    package struct Configuration: Sendable {
        package enum Proxy: Sendable, Hashable {
            /// `http_proxy`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` as libcurl reads them.
            case environment
            case none
            case url(String)
        }

        /// `dsh/<version>`.
        package var userAgent: String
        package var tls: TLSOptions
        package var proxy: Proxy
        /// How many connections the small requests open to one host.
        package var connectionsPerHost: Int
        /// Addresses for names, as `CURLOPT_RESOLVE` takes them: "host:port:address".
        package var resolve: [String]
        /// What takes a line about each request, asked for at each; nil while nobody wants one.
        package var trace: @Sendable () -> (@Sendable (String) -> Void)? = { nil }

        package init(
            version: String = "dev", tls: TLSOptions = TLSOptions(), proxy: Proxy = .environment,
            connectionsPerHost: Int = 8, resolve: [String] = []
        ) {
            userAgent = "dsh/\(version)"
            self.tls = tls
            self.proxy = proxy
            self.connectionsPerHost = connectionsPerHost
            self.resolve = resolve
        }
    }

    package let configuration: Configuration
    private let core: ClientCore

    /// Costs nothing until the first request.
    package init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        core = ClientCore(configuration)
    }

    deinit { core.stop() }

    /// Makes one request and gathers its body, which may have at most `maximumBytes`. Any status is a result.
    ///
    /// Throws `interrupted` when the task is cancelled; else what `HTTPError.Code` lists.
    package func send(
        _ request: HTTPRequest, maximumBytes: Int
    ) async throws(HTTPError) -> (HTTPResponse, [UInt8]) {
        try HTTPError.requireCurl()
        let cancellation = CancellationFlag()
        let loop = core.parts().loop
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(
                    RequestLoop.Job(request: request, maximumBytes: maximumBytes, cancellation: cancellation) {
                        continuation.resume(returning: $0)
                    })
            }
        } onCancel: {
            cancellation.cancel()
            loop.wake()
        }
        return try result.get()
    }

    /// Makes one request on the calling thread and blocks it until the last byte: never call it from a task.
    ///
    /// `onResponse` gets the head of the final response (redirects are followed), then `onBytes` each piece of its
    /// body, of at most 16 KB; a slow callback holds the sender back, and what a callback throws ends the transfer as
    /// `HTTPError.cause`. The connection is kept for the next transfer. Any status is a result.
    @discardableResult
    package func transfer(
        _ request: HTTPRequest, cancellation: CancellationFlag, onResponse: (HTTPResponse) throws -> Void = { _ in },
        onBytes: (UnsafeRawBufferPointer) throws -> Void
    ) throws(HTTPError) -> HTTPResponse {
        try HTTPError.requireCurl()
        if cancellation.isCancelled { throw .cancelled(host: "") }
        let parts = core.parts()
        let line = try parts.pool.take(for: try Target(request.url).authority, parts.caches)
        defer { parts.pool.give(line) }
        let result = withoutActuallyEscaping(onResponse) { onResponse in
            withoutActuallyEscaping(onBytes) { onBytes in
                Result { () throws(HTTPError) -> HTTPResponse in
                    try line.run(
                        request, configuration: configuration, cancellation: cancellation,
                        onResponse: onResponse, onBytes: onBytes)
                }
            }
        }
        return try result.get()
    }
}

extension HTTPClient {
    /// The version of the libcurl that is loaded; nil where there is none to load.
    package static var libraryVersion: String? {
        (try? HTTPError.requireCurl()).map { String(cString: ccurl_version()) }
    }
}
