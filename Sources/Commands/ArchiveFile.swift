import Backend
import Shell

/// The file that `copy` writes an archive to: whole under its name, or not there.
final class ArchiveFile: ArchiveOutput, @unchecked Sendable {  // One thread at a time uses it, says `ArchiveOutput`.
    private let file: OutputFile

    private init(_ file: OutputFile) { self.file = file }

    /// Opens it for writing. Throws as `OutputFile` does, in the backend's words.
    static func open(_ path: String) async throws -> any ArchiveOutput {
        do { return ArchiveFile(try await OutputFile(path, .replace)) } catch let error as ShellError {
            throw BackendError(output: error)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, cancelled: () -> Bool) throws(BackendError) {
        do throws(ShellError) { try file.writeWaiting(bytes, cancelled: cancelled) } catch {
            throw BackendError(output: error)
        }
    }

    func commit() async throws(BackendError) {
        do { try await file.commit() } catch {
            throw (error as? ShellError).map(BackendError.init(output:)) ?? .interrupted
        }
    }

    func discard() { file.discard() }
}

extension BackendError {
    /// A file's own error on its way through the backend, which knows the same words.
    fileprivate init(output error: ShellError) {
        self.init(Code(rawValue: error.code.rawValue) ?? .io, error.message, hint: error.hint)
    }
}
