import Glibc
import Layers
import Synchronization

/// Whole files that appear under their name at once.
enum AtomicFile {
    private static let counter = Atomic<UInt64>(0)

    /// A name that no other thread or process uses at the same time.
    static func uniqueName() -> String {
        "\(getpid())-\(counter.wrappingAdd(1, ordering: .relaxed).newValue)-\(UInt32.random(in: 0...UInt32.max))"
    }

    /// Writes `bytes` beside `path` and renames them into place; with `durable`, they are on disk before and the name
    /// after.
    static func write(_ bytes: [UInt8], to path: String, durable: Bool) throws(SystemError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let temporary = directory + "/.new-" + uniqueName()
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
