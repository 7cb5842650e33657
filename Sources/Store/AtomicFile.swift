import Glibc
import Layers
import Synchronization

/// Whole files that appear under their name at once.
enum AtomicFile {
    private static let counter = Atomic<UInt64>(0)

    /// What temporary names begin with.
    static let prefix = ".new-"

    /// Whether the process that a temporary name (`.new-PID-…`) is of has ended.
    static func isOwnerGone(_ name: String) -> Bool {
        guard name.hasPrefix(prefix), let owner = pid_t(name.dropFirst(prefix.count).prefix { $0 != "-" }), owner > 0
        else { return false }
        return kill(owner, 0) != 0 && errno == ESRCH
    }

    /// A name that no other thread or process uses at the same time.
    static func uniqueName() -> String {
        "\(getpid())-\(counter.wrappingAdd(1, ordering: .relaxed).newValue)-\(UInt32.random(in: 0...UInt32.max))"
    }

    /// Writes `bytes` beside `path` and renames them into place; with `durable`, they are on disk before and the name
    /// after.
    static func write(_ bytes: [UInt8], to path: String, durable: Bool) throws(SystemError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let temporary = directory + "/" + prefix + uniqueName()
        do throws(SystemError) {
            let file = try OpenFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, operation: "write")
            try file.write(bytes)
            if durable { try file.synchronize() }
            try Directory.rename(temporary, to: path)
        } catch {
            unlink(temporary)
            throw error
        }
        if durable { try Directory.synchronize(directory) }
    }
}
