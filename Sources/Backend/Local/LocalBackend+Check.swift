import OCI
import Store
import Threads

extension LocalBackend {
    package func check(
        _ request: CheckRequest, progress: @Sendable (_ done: Int64, _ of: Int64) -> Void
    ) async throws(BackendError) -> [CheckResult] {
        try await withCancellationFlag { flag throws(BackendError) in
            let only = request.names.isEmpty ? nil : try rows(named: request.names).map(\.entry)
            var results: [CheckResult] = []
            var damaged: Set<StoreEntry> = []
            for (finding, isRepaired) in try findings(request, only: only, flag, progress) {
                damaged.formUnion(finding.images)
                results.append(CheckResult(finding, isRepaired: isRepaired))
            }
            let entries = only ?? (try? store.entries()) ?? []
            return entries.map { CheckResult($0, isOk: !damaged.contains($0)) } + results
        }
    }

    /// The rows that these names mean: of an Id all of its image.
    private func rows(named names: [String]) throws(BackendError) -> [ImageRow] {
        let rows = try rows(for: names)
        var found: [ImageRow] = []
        for name in names {
            let match = try ImageMatch(name, in: rows)
            for row in match.named.map({ [$0] }) ?? match.rows where !found.contains(where: { $0.entry == row.entry }) {
                found.append(row)
            }
        }
        return found
    }

    /// What is to be said of the store, and of each whether it was repaired where that was asked for.
    private func findings(
        _ request: CheckRequest, only: [StoreEntry]?, _ flag: CancellationFlag,
        _ progress: @Sendable (Int64, Int64) -> Void
    ) throws(BackendError) -> [(StoreFinding, Bool?)] {
        try storing { () throws(StoreError) in
            let found = try store.fsck(
                hashing: request.digests, only: only.map { Set($0.map(\.digest)) },
                cancelled: { flag.isCancelled }, progress: progress)
            guard request.repair else { return found.map { ($0, nil) } }
            var mended: [Bool] = []
            for finding in found { mended.append(try store.repair(finding, dryRun: request.dryRun)) }
            // One file may be wrong in more than one way, and is put aside for one of them.
            let files = Set(zip(found, mended).filter(\.1).map(\.0.file))
            return found.map { ($0, $0.isDamage ? files.contains($0.file) : nil) }
        }
    }
}

extension CheckResult {
    fileprivate init(_ entry: StoreEntry, isOk: Bool) {
        self.init(
            .image, reference: entry.reference?.familiar ?? entry.name, digest: entry.digest, isOk: isOk,
            problem: isOk ? nil : "incomplete", message: isOk ? nil : "something of it is damaged or absent")
    }

    fileprivate init(_ finding: StoreFinding, isRepaired: Bool?) {
        let isLayout = [.badLayout, .badIndex, .badEntry].contains(finding.kind)
        self.init(
            finding.digest != nil ? .blob : isLayout ? .layout : .file, digest: finding.digest, file: finding.file,
            isOk: !finding.isDamage, problem: finding.kind.word, message: finding.message, size: finding.size,
            images: finding.images.map { $0.reference?.familiar ?? $0.name ?? $0.digest.description }.sorted(),
            isRepaired: isRepaired)
    }
}

extension StoreFinding.Kind {
    /// The stable word that scripts switch on.
    fileprivate var word: String {
        switch self {
        case .badLayout: "bad_layout"
        case .badIndex: "bad_index"
        case .badEntry: "bad_entry"
        case .strayFile: "stray_file"
        case .digestMismatch: "digest_mismatch"
        case .missingBlob: "missing_blob"
        case .sizeMismatch: "size_mismatch"
        case .badManifest: "bad_manifest"
        case .unreadable: "unreadable"
        case .partial: "partial"
        case .unreferenced: "unreferenced"
        }
    }
}
