package import Layers

extension Store {
    /// Makes a layer blob out of a directory or a tar stream, durable in the store and protected by `lease`; its facts and
    /// file table are known from then on. Blocks: call it on a thread that may wait.
    ///
    /// Throws `corrupt` for an invalid or hostile tar, `unsupported` for other packings, `no_space`, `io`, `interrupted`.
    package func importLayer(
        from source: LayerBuilder.Source, lease: Lease, limits: LayerLimits = LayerLimits(),
        cancelled: @escaping () -> Bool = { false }
    ) throws(StoreError) -> BuiltLayer {
        let blob = try beginNewBlob()
        let pending = PendingTable(layout: layout)
        var failure: StoreError?
        let built: BuiltLayer
        do throws(LayerError) {
            built = try LayerBuilder.build(
                from: source, limits: limits, table: pending?.writer(), cancelled: cancelled
            ) { bytes throws(LayerError) in
                do throws(StoreError) { try blob.append(bytes) } catch {
                    failure = error
                    throw LayerError(.io, error.message)
                }
            }
        } catch { throw failure ?? StoreError(error) }
        _ = try blob.commit { digest throws(StoreError) in try lease.protect([digest], cancelled: cancelled) }
        pending?.commit(built.facts)
        return built
    }
}
