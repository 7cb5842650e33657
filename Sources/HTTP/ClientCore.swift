import Synchronization

/// What a client makes at its first request, so that one that is never used does not load libcurl.
final class ClientCore: Sendable {
    struct Parts: Sendable {
        let caches: SharedCaches
        let loop: RequestLoop
        let pool: TransferPool
    }

    private let configuration: HTTPClient.Configuration
    private let made = Mutex<Parts?>(nil)

    init(_ configuration: HTTPClient.Configuration) { self.configuration = configuration }

    func parts() -> Parts {
        made.withLock { made in
            if let made { return made }
            let caches = SharedCaches()
            let parts = Parts(
                caches: caches, loop: RequestLoop(configuration: configuration, caches: caches), pool: TransferPool())
            made = parts
            return parts
        }
    }

    func stop() { made.withLock { $0?.loop.stop() } }
}
