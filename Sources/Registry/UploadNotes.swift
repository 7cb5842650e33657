import CLinux
import Glibc
import JSON
import OCI

/// Where uploads of large blobs are noted while they go on, so that a run after one that was killed, or lost its network,
/// can go on from what the registry has.
///
/// A directory of small files that may be deleted at any time, readable by their owner alone: who knows a session may write
/// to it. A file is locked while its upload goes on, so that no two processes write to one session.
package struct UploadNotes: Sendable {
    let directory: String
    /// Smaller blobs are sent again faster than they are looked for.
    let leastSize: Int64

    /// Registries forget sessions long before (Docker's purges them after a week).
    private static let longestAge: time_t = 7 * 24 * 3600
    /// More than this are not kept.
    private static let most = 256

    package init(directory: String, leastSize: Int64 = 16 << 20) {
        self.directory = directory
        self.leastSize = leastSize
    }

    /// The note of one upload, locked; nil where another process has it, or nothing can be noted: the upload does without.
    func open(_ blob: Descriptor, to endpoint: RegistryEndpoint) -> UploadNote? {
        guard blob.size >= leastSize, makeDirectory() else { return nil }
        let key = "\(endpoint.authority)/\(endpoint.path)@\(blob.digest)"
        let path = directory + "/" + Digest.of(Array(key.utf8)).hex
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return nil }
        guard dsh_flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            return nil
        }
        return UploadNote(file: file, path: path, key: key)
    }

    private func makeDirectory() -> Bool {
        if access(directory, W_OK) == 0 {
            removeOld()
            return true
        }
        var made = ""
        for component in directory.split(separator: "/") {
            made += (made.isEmpty && !directory.hasPrefix("/") ? "" : "/") + component
            mkdir(made, 0o700)
        }
        return access(directory, W_OK) == 0
    }

    private func removeOld() {
        guard let listing = opendir(directory) else { return }
        defer { closedir(listing) }
        var count = 0
        let oldest = time(nil) - UploadNotes.longestAge
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.utf8.count == 64 else { continue }
            count += 1
            var status = stat()
            let path = directory + "/" + name
            guard stat(path, &status) == 0 else { continue }
            if status.st_mtim.tv_sec < oldest || count > UploadNotes.most { unlink(path) }
        }
    }
}

/// The note of one upload. Only one thread uses it; the lock is given up with it.
final class UploadNote {
    private let file: Int32
    private let path: String
    private let key: String
    private static let longest = 16 << 10

    fileprivate init(file: Int32, path: String, key: String) {
        self.file = file
        self.path = path
        self.key = key
    }

    deinit { close(file) }

    /// Where the session goes on; nil where there is none, or only half of a note.
    var session: String? {
        var bytes = [UInt8](repeating: 0, count: UploadNote.longest)
        let count = pread(file, &bytes, bytes.count, 0)
        guard count > 0, let json = try? JSONValue.parse(Array(bytes.prefix(count))),
            json["Upload"]?.stringValue == key
        else { return nil }
        return json["Session"]?.stringValue
    }

    func write(session: String) {
        let json: JSONValue = ["Upload": .string(key), "Session": .string(session)]
        let bytes = Array(json.compact.utf8)
        guard bytes.count <= UploadNote.longest else { return remove() }
        // Shorter first: what is torn by a kill is no JSON, and so no note.
        if ftruncate(file, 0) != 0 || pwrite(file, bytes, bytes.count, 0) != bytes.count { remove() }
    }

    func remove() {
        _ = ftruncate(file, 0)
        unlink(path)
    }
}
