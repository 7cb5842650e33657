import Glibc
import Layers
import OCI

/// Blobs that a removal would have deleted, had a lease not held them: a list beside the partial blobs, read and written
/// under the store's lock. Whoever ends a lease, or removes something, deletes of them what nothing keeps any more, so
/// that nothing is left for ever. Losing the list loses only that: `collectGarbage` finds everything.
extension Store {
    /// The end of a lease. Does without where the lock cannot be had: the next removal or lease finds the list, too.
    func collectHeldBack() {
        guard access(layout.heldBack, F_OK) == 0 else { return }
        try? locked { () throws(StoreError) in
            let kept = try marks(of: try readIndex(), cancelled: { false })
            collectHeldBack(adding: [], kept: kept.reached, leased: try leasedDigests(cleaning: true))
        }
    }

    /// Deletes what of the list and of `added` neither `kept` nor `leased` has, and lists what is still leased. The lock
    /// must be held.
    func collectHeldBack(adding added: Set<Digest>, kept: Set<Digest>, leased: Set<Digest>) {
        let listed = heldBack()
        guard !listed.isEmpty || !added.isEmpty else { return }
        var rest: Set<Digest> = []
        for digest in listed.union(added) where hasBlob(digest) {
            if leased.contains(digest) {
                rest.insert(digest)
            } else if !kept.contains(digest) {
                // What cannot be deleted now is tried again the next time.
                do throws(StoreError) { try delete(digest) } catch { rest.insert(digest) }
            }
        }
        guard rest != listed else { return }
        if rest.isEmpty {
            unlink(layout.heldBack)
        } else {
            let lines = rest.sorted().map { $0.description + "\n" }.joined()
            try? AtomicFile.write(Array(lines.utf8), to: layout.heldBack, durable: false)
        }
    }

    private func heldBack() -> Set<Digest> {
        guard let file = try? OpenFile(layout.heldBack, flags: O_RDONLY | O_NOFOLLOW),
            let bytes = try? file.readAll(limit: 64 << 20)
        else { return [] }
        return Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { try? Digest(String($0)) })
    }
}
