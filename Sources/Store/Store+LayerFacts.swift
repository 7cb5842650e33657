import Glibc
package import Layers
package import OCI
import Synchronization
import Threads

extension Store {
    /// What is known of a layer from an earlier time; nil where nothing is, or the record is damaged.
    package func cachedLayerFacts(_ digest: Digest) -> LayerFacts? {
        guard let file = try? OpenFile(layout.facts(digest), flags: O_RDONLY | O_NOFOLLOW),
            let record = try? file.readAll(limit: 4096), let facts = LayerFacts(record: record),
            facts.digest == digest
        else { return nil }
        return facts
    }

    /// A layer's facts, from the cache or worked out now, which reads and unpacks the whole blob on this thread.
    ///
    /// Throws `not_found` where the blob is absent, `corrupt` for content that no engine would unpack, `interrupted`.
    package func layerFacts(
        for layer: Descriptor, limits: LayerLimits = LayerLimits(), cancelled: () -> Bool = { false }
    ) throws(StoreError) -> LayerFacts {
        if let known = cachedLayerFacts(layer.digest) { return known }
        let blob = try openBlob(layer.digest)
        // Without a cache that can be written the facts are as good; they are only worked out again.
        let pending = PendingTable(layout: layout)
        let facts: LayerFacts
        do {
            facts = try LayerReader.facts(
                of: blob, digest: layer.digest, mediaType: layer.mediaType, limits: limits, table: pending?.writer(),
                cancelled: cancelled)
        } catch {
            guard error.code == .noSpace || error.code == .io, pending != nil else { throw StoreError(error) }
            return try factsWithoutTable(layer, limits: limits, cancelled: cancelled)
        }
        pending?.commit(facts)
        return facts
    }

    private func factsWithoutTable(
        _ layer: Descriptor, limits: LayerLimits, cancelled: () -> Bool
    ) throws(StoreError) -> LayerFacts {
        let blob = try openBlob(layer.digest)
        do {
            return try LayerReader.facts(
                of: blob, digest: layer.digest, mediaType: layer.mediaType, limits: limits, cancelled: cancelled)
        } catch { throw StoreError(error) }
    }

    /// Keeps facts that were worked out elsewhere, such as by `LayerBuilder`, without a file table.
    package func remember(_ facts: LayerFacts) {
        try? Directory.create(layout.factsDirectory(facts.digest.algorithm))
        try? AtomicFile.write(facts.record, to: layout.facts(facts.digest), durable: false)
    }

    /// Hands out a layer's entries in their order, from the cached table or, where there is none, from a new one.
    ///
    /// Throws as `layerFacts` does, and what `each` throws.
    package func layerEntries(
        of layer: Descriptor, cancelled: () -> Bool = { false }, each: (TarEntry) throws(LayerError) -> Void
    ) throws(StoreError) {
        for attempt in 0..<2 {
            if let file = try? OpenFile(layout.fileTable(layer.digest), flags: O_RDONLY | O_NOFOLLOW),
                let bytes = try? file.readAll(limit: 1 << 30)
            {
                // Decoded whole before any entry is handed out, so that a damaged table is never half used.
                var entries: [TarEntry] = []
                if (try? FileTable.read(bytes, each: { entries.append($0) })) != nil {
                    for entry in entries {
                        do { try each(entry) } catch { throw StoreError(error) }
                    }
                    return
                }
            }
            guard attempt == 0 else { break }
            unlink(layout.facts(layer.digest))
            _ = try layerFacts(for: layer, cancelled: cancelled)
        }
        throw StoreError(.io, "the cache of file tables cannot be written", hint: "look at \(layout.cache)")
    }

    /// The facts of many layers: from the cache, and for the rest on up to `workers` threads. Blocks until all are
    /// there; call it on a thread that may wait.
    ///
    /// Returns an answer for each layer; a layer that cannot be read does not keep the others from being.
    package func layerFacts(
        for layers: [Descriptor], workers: Int = 2, cancelled: @escaping @Sendable () -> Bool = { false },
        progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) -> [Digest: Result<LayerFacts, StoreError>] {
        var answers: [Digest: Result<LayerFacts, StoreError>] = [:]
        var missing: [Descriptor] = []
        var seen: Set<Digest> = []
        for layer in layers where seen.insert(layer.digest).inserted {
            if let known = cachedLayerFacts(layer.digest) {
                answers[layer.digest] = .success(known)
            } else {
                missing.append(layer)
            }
        }
        guard !missing.isEmpty else { return answers }
        // The largest first, so that no worker is left with it at the end.
        let board = Board(missing.sorted { $0.size > $1.size })
        let work: @Sendable () -> Void = { [self] in
            while let layer = board.next() {
                let answer = Result { () throws(StoreError) in try layerFacts(for: layer, cancelled: cancelled) }
                progress(board.finish(layer.digest, answer), board.total)
            }
        }
        var first = workers > 1 && missing.count > 1 ? WorkerThread(work) : nil
        work()
        if let thread = first.take() { thread.join() }
        return answers.merging(board.answers) { $1 }
    }

    private final class Board: Sendable {
        let total: Int
        private let state: Mutex<(waiting: [Descriptor], answers: [Digest: Result<LayerFacts, StoreError>])>

        init(_ layers: [Descriptor]) {
            total = layers.count
            state = Mutex((layers.reversed(), [:]))
        }

        func next() -> Descriptor? { state.withLock { $0.waiting.popLast() } }

        func finish(_ digest: Digest, _ answer: Result<LayerFacts, StoreError>) -> Int {
            state.withLock { state in
                state.answers[digest] = answer
                return state.answers.count
            }
        }

        var answers: [Digest: Result<LayerFacts, StoreError>] { state.withLock { $0.answers } }
    }
}
