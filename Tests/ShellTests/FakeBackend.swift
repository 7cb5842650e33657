import Backend
import Commands
import Glibc
import JSON
import Language
import OCI
import Shell
import Synchronization

/// A backend of three images in memory: what the shell does with values needs no store.
final class FakeBackend: ImageBackend {
    private let names = Mutex<[String]>(["alpine:3.19", "nginx:1.25", "node:20"])

    private static func digest(_ text: String) -> Digest { Digest.of(Array(text.utf8)) }

    func images(_ query: ImageQuery) async throws(BackendError) -> ImageList {
        var list: [ImageSummary] = []
        for (index, name) in names.withLock({ $0 }).enumerated() {
            guard let reference = try? Reference(name) else { continue }
            if let pattern = query.reference, !ImageFilter.matches(pattern, reference) { continue }
            list.append(
                ImageSummary(
                    name: reference.canonical, digest: FakeBackend.digest(name),
                    id: FakeBackend.digest("id" + name),
                    created: "2024-01-0\(index + 1)T00:00:00Z", size: Int64(1000 * (index + 1)), sharedSize: 0,
                    platform: Platform(os: "linux", architecture: "amd64"), labels: [], lastPulled: nil))
        }
        return ImageList(list)
    }

    func trees(_ query: ImageQuery) async throws(BackendError) -> [ImageTree] { [] }

    func inspect(_ name: String, platform: Platform?) async throws(BackendError) -> ImageDetail {
        throw BackendError(.notFound, "no such image: \(name)", hint: "`images` lists them")
    }

    func history(_ name: String, platform: Platform?) async throws(BackendError) -> [HistoryRow] { [] }

    func pull(
        _ request: PullRequest, events: any PullEvents, onResult: @Sendable (PullResult) async throws -> Void
    ) async throws(BackendError) {}

    func tag(_ source: String, as target: String, dryRun: Bool) async throws(BackendError) -> TagResult {
        guard let reference = try? Reference(target) else { throw BackendError(.invalidReference, "invalid") }
        return TagResult(
            source: source, reference: reference.taggedDefault, id: FakeBackend.digest(source),
            digest: FakeBackend.digest(source), replaced: nil, status: dryRun ? .planned : .tagged)
    }

    func untag(_ names: [String], dryRun: Bool) async throws(BackendError) -> [RemovalResult] { [] }

    func remove(
        _ names: [String], options: RemoveOptions, onResult: @Sendable (RemovalResult) async throws -> Void
    ) async throws(BackendError) -> [BackendError] {
        var missing: [BackendError] = []
        for name in names {
            let found = self.names.withLock { list in
                guard let index = list.firstIndex(of: name) else { return false }
                if !options.dryRun { list.remove(at: index) }
                return true
            }
            if !found {
                missing.append(BackendError(.notFound, "no such image: \(name)"))
                continue
            }
            do {
                try await onResult(
                    RemovalResult(action: .untagged, subject: name, id: FakeBackend.digest("id" + name), reclaimed: 0))
            } catch { throw BackendError.interrupted }
        }
        if let first = missing.first { throw first }
        return []
    }

    func importImage(_ request: ImportRequest) async throws(BackendError) -> ImportResult {
        throw BackendError(.unsupported, "not here")
    }

    func save(
        _ request: SaveRequest, to sink: @escaping ByteSink, progress: @escaping @Sendable (Int64, Int64) -> Void
    ) async throws(BackendError) -> SaveResult {
        throw BackendError(.unsupported, "not here")
    }

    func load(
        _ request: LoadRequest, progress: @escaping @Sendable (_ done: Int64, _ of: Int64) -> Void
    ) async throws(BackendError) -> [LoadResult] { [] }

    func prune(_ request: PruneRequest) async throws(BackendError) -> [PruneStep] { [] }

    func diskUsage() async throws(BackendError) -> DiskUsage {
        DiskUsage(imageCount: 3, activeCount: 0, layerBytes: 6000, reclaimable: 6000, disk: nil)
    }

    func imageUsage() async throws(BackendError) -> [ImageUsage] { [] }

    func info() async throws(BackendError) -> BackendInfo {
        BackendInfo(name: "fake", referenceCount: 3, imageCount: 3)
    }

    func check(
        _ request: CheckRequest, progress: @Sendable (_ done: Int64, _ of: Int64) -> Void
    ) async throws(BackendError) -> [CheckResult] { [] }

    func names(beginningWith prefix: String) -> [String] { names.withLock { $0 }.filter { $0.hasPrefix(prefix) } }
}

struct SilentDisplay: PullDisplay {
    func report(_ event: PullEvent) {}
    func finish() {}
}

/// What a script gave: its values, compact, one a line, or its error as `code: message`.
struct Outcome: Equatable {
    var output: [String]
    var error: String?
    var position: String?
}

/// Runs a script in a session of its own: its values, compact, and what ended it. `last` is what the prompt gave before.
func runScript(
    _ text: String, arguments: [String] = [], last: JSONValue = .null
) async -> (values: [String], error: (any Error)?) {
    // As dsh does: a program that reads no more is no reason to die.
    signal(SIGPIPE, SIG_IGN)
    let session = Session(
        backend: FakeBackend(), commands: Builtins.table, environment: [:], pullEvents: { SilentDisplay() },
        note: { _ in })
    session.last = last
    let lines = Mutex<[String]>([])
    do {
        let loader = ScriptLoader(session: session)
        let script = try loader.load(Source(name: "test.dsh", text: text))
        try await loader.bind(arguments, to: script)
        try await Interpreter(session: session).run(script) { value, _ in
            lines.withLock { $0.append(value.compact) }
        }
        return (lines.withLock { $0 }, nil)
    } catch {
        return (lines.withLock { $0 }, error)
    }
}

/// The same as one value.
func run(_ text: String, arguments: [String] = []) async -> Outcome {
    let (values, error) = await runScript(text, arguments: arguments)
    switch error {
    case let error as ShellError:
        let place = error.span.map { "\($0.position.line):\($0.position.column)" }
        return Outcome(output: values, error: "\(error.code.rawValue): \(error.message)", position: place)
    case let exit as ScriptExit: return Outcome(output: values, error: "exit \(exit.status)")
    case let error?: return Outcome(output: values, error: "\(error)")
    case nil: return Outcome(output: values)
    }
}
