import Synchronization

/// Blobs that were found whole where nothing vouches for them, by reading them: each is read once in a command. They share a
/// disk: a plan, which asks about all at once, has its `reading` few at a time; a transfer reads in its own slot, so there
/// are as many as the command has of those.
final class BlobChecks: Sendable {
    private static let remembered = 50_000
    private static let atOnce = 2

    private let sound = Mutex<Set<UploadFlights.Key>>([])
    private let readers = TransferSlots(BlobChecks.atOnce)

    /// Whether it was found whole, or written whole, before.
    func isSound(_ key: UploadFlights.Key) -> Bool { sound.withLock { $0.contains(key) } }

    func add(_ key: UploadFlights.Key) {
        sound.withLock { sound in
            // What is forgotten is read again.
            if sound.count >= BlobChecks.remembered { sound.removeAll() }
            sound.insert(key)
        }
    }

    /// Runs `body`, which reads a blob for a plan, when its turn comes.
    func reading<Value: Sendable, Failure: Error>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await readers.run(body)
    }
}
