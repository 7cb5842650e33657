import Backend
import Shell
import Synchronization

/// Where `save` puts an archive's bytes, and what went wrong there.
///
/// The backend calls `append` from one thread of its own, which may wait, and is done with it when it returns.
final class ArchiveSink: @unchecked Sendable {
    private let write: (UnsafeRawBufferPointer, _ cancelled: () -> Bool) throws(ShellError) -> Void
    private let isCancelled = Atomic<Bool>(false)
    /// The error of the writing, which the backend passes on as one of its own.
    private var failure: ShellError?

    private init(_ write: @escaping (UnsafeRawBufferPointer, () -> Bool) throws(ShellError) -> Void) {
        self.write = write
    }

    /// Saves to a file, which appears under its name when it is whole. Throws what the backend throws, and `no_space`,
    /// `io` or `not_found` for the file; then nothing of it stays.
    static func save(
        _ request: SaveRequest, toFile path: String, showsProgress: Bool, _ context: CommandContext
    ) async throws -> SaveResult {
        let file = try await OutputFile(path, .replace)
        defer { file.discard() }
        let sink = ArchiveSink { bytes, cancelled throws(ShellError) in
            try file.writeWaiting(bytes, cancelled: cancelled)
        }
        let result = try await sink.save(request, showsProgress: showsProgress, context)
        try Task.checkCancellation()
        try await file.commit()
        return result
    }

    /// Saves to standard output. Throws `usage` where something stands behind the command, or a program, which takes values
    /// and no bytes.
    static func saveToStandardOutput(
        _ request: SaveRequest, showsProgress: Bool, _ context: CommandContext
    ) async throws {
        guard context.view.takesText, context.view.shape != nil else {
            throw ShellError(
                .usage, "save without -o writes bytes to standard output, and nothing can stand behind it",
                hint: "give a file: -o FILE")
        }
        let output = context.session.bytes
        try output.begin()
        let sink = ArchiveSink { bytes, _ throws(ShellError) in try output.write(bytes) }
        _ = try await sink.save(request, showsProgress: showsProgress, context)
    }

    private func save(
        _ request: SaveRequest, showsProgress: Bool, _ context: CommandContext
    ) async throws -> SaveResult {
        let display = showsProgress ? context.session.pullEvents() : nil
        defer { display?.finish() }
        let meter = ByteMeter("saving", display)
        do {
            return try await withTaskCancellationHandler {
                try await context.backend.save(request, to: append) { meter.report($0, of: $1) }
            } onCancel: {
                isCancelled.store(true, ordering: .relaxed)
            }
        } catch {
            if let failure { throw failure }
            throw error
        }
    }

    private func append(_ bytes: UnsafeRawBufferPointer) throws(BackendError) {
        do throws(ShellError) { try write(bytes, { isCancelled.load(ordering: .relaxed) }) } catch {
            failure = error
            throw BackendError(BackendError.Code(rawValue: error.code.rawValue) ?? .io, error.message, hint: error.hint)
        }
    }
}
