import CLinux
import Glibc
import Layers
import OCI

/// A blob on its way into a layout that others may own.
///
/// Until it is whole and verified it has no name where the file system can do so (O_TMPFILE): however the process ends,
/// nothing is left of it. Belongs to one thread at a time; dropping it deletes what was written.
package final class LayoutBlob {
    private let descriptor: Descriptor
    private let layout: StoreLayout
    /// The name for the moment of the commit, or, where files without one cannot be had, from the beginning.
    private let temporary: String
    private let isNamed: Bool
    private var partial: PartialFile?
    private var isVerified = false

    /// Throws `SystemError`, not found where the layout has no `blobs` (any more).
    init(_ descriptor: Descriptor, layout: StoreLayout) throws(SystemError) {
        self.descriptor = descriptor
        self.layout = layout
        let directory = layout.blobDirectory(descriptor.digest.algorithm)
        temporary = directory + "/" + AtomicFile.prefix + AtomicFile.uniqueName()
        // Not what is above it: that belongs to the layout, which is made with its lock.
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
            throw SystemError("make the directory", directory)
        }
        // Its name is given through /proc.
        let unnamed = access("/proc/self/fd", X_OK) == 0 ? dsh_open_unnamed(directory, 0o644) : -1
        isNamed = unnamed < 0
        let file =
            unnamed >= 0
            ? OpenFile(adopting: unnamed, path: layout.blob(descriptor.digest))
            : try OpenFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, operation: "write")
        partial = PartialFile(file, algorithm: descriptor.digest.algorithm, expecting: descriptor.size)
    }

    deinit {
        if isNamed { unlink(temporary) }
    }

    /// Takes the next bytes. Throws `corrupt` beyond the descriptor's size, `no_space`, `io`.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        let count = partial?.size ?? 0
        guard Int64(bytes.count) <= descriptor.size - count else {
            throw StoreError(
                .corrupt,
                "the blob \(descriptor.digest) is longer than the \(descriptor.size) bytes its descriptor says"
            )
        }
        do throws(SystemError) { try partial?.append(bytes) } catch { throw StoreError.layout(error) }
    }

    /// Verifies size and digest and writes it out; it has no name of its own yet.
    ///
    /// Throws `corrupt` where bytes are missing, `digest_mismatch`, `no_space`, `io`.
    package func verify() throws(StoreError) {
        if isVerified { return }
        let count = partial?.size ?? 0
        guard count == descriptor.size else {
            throw StoreError(
                .corrupt, "the blob \(descriptor.digest) ended after \(count) of \(descriptor.size) bytes")
        }
        do throws(SystemError) { try partial?.flush() } catch { throw StoreError.layout(error) }
        let actual = partial?.digest()
        guard actual == descriptor.digest else {
            throw StoreError(
                .digestMismatch,
                "the blob \(descriptor.digest) has another digest: \(actual.map(\.description) ?? "none")")
        }
        do throws(SystemError) { try partial?.file.synchronize() } catch { throw StoreError.layout(error) }
        isVerified = true
    }

    /// Gives what was verified its name, in place of whatever is there. Returns whether nothing was: of several who write one
    /// blob at once, one hears so.
    ///
    /// Throws `no_space`, `io`.
    package func place() throws(StoreError) -> Bool {
        let path = layout.blob(descriptor.digest)
        do throws(SystemError) {
            // The directory may have gone with an addition that failed at the same time.
            try Directory.create(layout.blobDirectory(descriptor.digest.algorithm))
            if !isNamed, let file = partial?.file.descriptor, dsh_link_unnamed(file, temporary) != 0 {
                throw SystemError("write", path)
            }
            let isNew: Bool
            do throws(SystemError) { isNew = try name(path) } catch {
                unlink(temporary)
                throw error
            }
            partial = nil
            return isNew
        } catch { throw StoreError.layout(error) }
    }

    /// Renames the temporary file; whether nothing had that name.
    private func name(_ path: String) throws(SystemError) -> Bool {
        while dsh_rename_new(temporary, path) != 0 {
            if errno == EEXIST {
                if dsh_exchange(temporary, path) == 0 {
                    // Whatever was there: a directory, too.
                    Directory.removeTree(temporary)
                    return false
                }
                // Whoever wrote it has taken it out again.
                if errno == ENOENT { continue }
            }
            // A file system that can only replace.
            let isNew = access(path, F_OK) != 0
            try Directory.rename(temporary, to: path)
            return isNew
        }
        return true
    }
}

extension StoreError {
    /// A failed system call in a layout that is not the store: what it says of the store would mislead.
    static func layout(_ error: SystemError) -> StoreError {
        StoreError(
            error.isNoSpace ? .noSpace : .io, error.description,
            hint: error.isNoSpace ? "free some space and run it again" : nil)
    }
}
