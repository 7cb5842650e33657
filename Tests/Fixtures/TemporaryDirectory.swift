import Foundation
import Synchronization

/// The system's directory for temporary files, without a slash at the end, as /proc/mounts spells it.
let temporaryRoot = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath().path

/// A directory of one test's own, gone with the last reference to it.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() {
        // Short and in lower case: podman takes no other paths.
        path = temporaryRoot + "/dsh-test-" + UUID().uuidString.lowercased().suffix(12)
        precondition(mkdir(path, 0o700) == 0, "no temporary directory to be had: \(String(cString: strerror(errno)))")
        let path = path
        _ = TemporaryDirectory.alive.withLock { $0.insert(path) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        _ = TemporaryDirectory.alive.withLock { $0.remove(path) }
    }

    /// Those that are there; what a test shares with others in a `static let` goes when the process ends.
    private static let alive: Mutex<Set<String>> = {
        atexit {
            for path in TemporaryDirectory.alive.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
        }
        return Mutex([])
    }()

    /// The path of `name` inside; the directories on the way are made, `name` itself is not.
    package func file(_ name: String) -> String {
        let file = path + "/" + name
        try? FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        return file
    }

    @discardableResult
    package func directory(_ name: String) -> String {
        let directory = path + "/" + name
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        return directory
    }

    @discardableResult
    package func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }

    @discardableResult
    package func write(_ name: String, _ bytes: [UInt8]) -> String {
        let path = file(name)
        writeFile(path, bytes)
        return path
    }
}

/// Writes `bytes` to `path`, making the directories on the way.
package func writeFile(_ path: String, _ bytes: [UInt8]) {
    let url = URL(fileURLWithPath: path)
    try? FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    do { try Data(bytes).write(to: url) } catch { preconditionFailure("cannot write \(path): \(error)") }
}

/// The bytes of the file at `path`; nil where there is none.
package func readFile(_ path: String) -> [UInt8]? {
    (try? Data(contentsOf: URL(fileURLWithPath: path))).map { [UInt8]($0) }
}
