import Glibc
import JSON
import Synchronization

/// What plugins told about themselves, kept in one file of the cache directory: help and completion start nothing, and a
/// plugin is asked again only when its file has another size or time.
///
/// The file may be deleted at any time, and one that cannot be read or written only costs the asking again.
final class PluginIndex: Sendable {
    /// Of the file's layout.
    private static let version = 1
    private static let maximumBytes = 16 << 20

    private let path: String?
    private let files = Mutex<JSONObject?>(nil)

    /// nil: nothing outlives this process.
    init(path: String?) { self.path = path }

    /// The metadata of each command in a file, as they were given; nil where the file has changed or is new.
    func commands(of file: PluginFile) -> [JSONValue]? {
        guard let entry = all[file.path], entry["Size"]?.intValue.map(Int64.init) == file.size,
            entry["Modified"]?.stringValue == String(file.modified)
        else { return nil }
        return entry["Commands"]?.arrayValue
    }

    /// The programs that are known, by path, whether they are still there or not.
    var paths: [String] { all.keys }

    /// Keeps a file's metadata, and drops that of files that are gone.
    func keep(_ commands: [JSONValue], of file: PluginFile) {
        change { files in
            files[file.path] = [
                "Size": .number(Double(file.size)), "Modified": .string(String(file.modified)),
                "Commands": .array(commands),
            ]
        }
    }

    func forget(_ path: String) { change { $0[path] = nil } }

    private var all: JSONObject {
        files.withLock { files in
            let known = files ?? load()
            files = known
            return known
        }
    }

    private func change(_ body: (inout JSONObject) -> Void) {
        files.withLock { files in
            // Another dsh may have written since: what it learnt stays.
            var fresh = load()
            for (path, entry) in files ?? JSONObject() where fresh[path] == nil { fresh[path] = entry }
            for path in fresh.keys where access(path, F_OK) != 0 { fresh[path] = nil }
            body(&fresh)
            files = fresh
            write(fresh)
        }
    }

    private func load() -> JSONObject {
        guard let path, let file = PluginFile(path: path, kind: .definitions),
            let bytes = try? file.read(limit: Self.maximumBytes), let value = try? JSONValue.parse(bytes),
            value["Version"]?.intValue == Self.version
        else { return JSONObject() }
        return value["Files"]?.objectValue ?? JSONObject()
    }

    /// Written beside and renamed, so that a reader sees a whole file. Failing is no matter.
    private func write(_ files: JSONObject) {
        guard let path, let slash = path.lastIndex(of: "/") else { return }
        let directory = String(path[..<slash])
        Self.makeDirectories(directory)
        let temporary = "\(directory)/.plugins-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        let value: JSONValue = ["Version": .number(Double(Self.version)), "Files": .object(files)]
        var bytes: [UInt8] = []
        value.write(into: &bytes)
        let isWhole = Descriptors.writeAll(bytes, to: descriptor)
        close(descriptor)
        if !isWhole || rename(temporary, path) != 0 { unlink(temporary) }
    }

    /// `mkdir -p`; what fails shows in what comes next.
    static func makeDirectories(_ path: String) {
        var end = path.startIndex
        while end < path.endIndex {
            end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            mkdir(String(path[..<end]), 0o700)
        }
    }
}
