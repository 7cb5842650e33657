import Glibc
import Layers
import OCI
import Store
import Threads

extension LocalBackend {
    package func prune(_ request: PruneRequest) async throws(BackendError) -> [PruneStep] {
        try await withCancellationFlag { flag throws(BackendError) in
            let cancelled: @Sendable () -> Bool = { flag.isCancelled }
            let rows = try storing { () throws(StoreError) in
                try store.images(cancelled: cancelled).map(PrunableRow.init)
            }
            let taken: [PrunableRow]
            if let plan = request.plan {
                taken = try PruneSelection.planned(plan, among: rows)
            } else {
                taken = try PruneSelection(request).rows(among: rows)
            }
            let leftovers = request.leftoverSelection
            if request.plan != nil { try checkLeftovers(request, leftovers, cancelled) }
            var steps = try removeImages(taken, among: rows, request, cancelled)
            if let leftovers {
                let report = try storing { () throws(StoreError) in
                    try store.collectGarbage(leftovers, dryRun: request.dryRun, cancelled: cancelled)
                }
                steps += report.steps
            }
            return steps
        }
    }

    /// What is left over has to be what the plan says before anything is removed.
    private func checkLeftovers(
        _ request: PruneRequest, _ selection: GarbageSelection?, _ cancelled: @escaping @Sendable () -> Bool
    ) throws(BackendError) {
        guard let plan = request.plan, let selection else { return }
        let report = try storing { () throws(StoreError) in
            try store.collectGarbage(selection, dryRun: true, cancelled: cancelled)
        }
        let planned = plan.filter { $0.kind == .blob || $0.kind == .file }
        try PruneSelection.compare(report.steps, with: planned)
    }

    /// Removes the rows in one change of the store; what it did, image by image.
    private func removeImages(
        _ taken: [PrunableRow], among rows: [PrunableRow], _ request: PruneRequest,
        _ cancelled: @escaping @Sendable () -> Bool
    ) throws(BackendError) -> [PruneStep] {
        let plan = request.plan?.filter { [.reference, .image, .layer].contains($0.kind) }
        guard !taken.isEmpty else {
            if let plan { try PruneSelection.compare([], with: plan) }
            return []
        }
        let anatomies = RemovalAnatomies(taken.map(\.row), among: rows.map(\.row), in: self)
        var sizes: [Digest: Int64] = [:]
        if request.isDockers {
            let descriptors = anatomies.layers
            for (digest, facts) in store.layerFacts(for: descriptors, cancelled: cancelled) {
                if case .success(let facts) = facts { sizes[digest] = facts.fileBytes }
            }
        }
        let report = try storing { () throws(StoreError) in
            try store.remove(
                taken.map(\.row.selector), dryRun: request.dryRun, cancelled: cancelled,
                confirm: { report throws(StoreError) in
                    guard let plan else { return }
                    do throws(BackendError) {
                        try PruneSelection.compare(anatomies.steps(report.collected), with: plan)
                    } catch { throw StoreError(.conflict, error.message, hint: error.hint) }
                })
        }
        return anatomies.steps(report.collected, fileBytes: sizes, isDockers: request.isDockers)
    }
}

extension PruneRequest {
    /// Which of the blobs and files that nothing needs go; nil for none.
    fileprivate var leftoverSelection: GarbageSelection? {
        if let plan {
            let names = plan.filter { $0.kind == .blob || $0.kind == .file }.map(\.subject)
            return names.isEmpty ? nil : GarbageSelection(leftoverAge: 0, only: Set(names))
        }
        // They have no labels and no names, so that a filter for these excludes them.
        var age: Int64 = 0
        for filter in filters {
            switch filter {
            case .until(let moment): age = max(age, Int64(time(nil)) - moment.seconds)
            case .dangling: break
            default: return nil
            }
        }
        guard leftovers, keptReferences.isEmpty else { return nil }
        return GarbageSelection(
            minimumAge: max(600, age), leftoverAge: max(all ? 0 : PruneRequest.partialAge, age))
    }

    /// A partial download younger than this is taken up again by the next pull, likely enough to be kept.
    private static let partialAge: Int64 = 86400
}

extension CollectionReport {
    fileprivate var steps: [PruneStep] {
        blobs.map { PruneStep(.blob, $0.digest.description, digest: $0.digest, reclaimed: $0.size) }
            + files.map { PruneStep(.file, $0.name, reclaimed: $0.size) }
    }
}
