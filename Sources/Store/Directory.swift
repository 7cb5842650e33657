import CLinux
import Glibc
import Layers

/// Names, removal and durability of directory entries.
enum Directory {
    /// The names in `path` that begin with `prefix`, sorted; none where it does not exist. Throws `SystemError` for any
    /// other failure.
    static func names(_ path: String, beginningWith prefix: String = "") throws(SystemError) -> [String] {
        guard let stream = opendir(path) else {
            if errno == ENOENT { return [] }
            throw SystemError("read", path, isReading: true)
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            if let text = dsh_entry_name(entry), strncmp(text, prefix, prefix.utf8.count) == 0 {
                let name = String(cString: text)
                if name != ".", name != ".." { names.append(name) }
            }
            errno = 0
        }
        guard errno == 0 else { throw SystemError("read", path, isReading: true) }
        return names.sorted()
    }

    /// Makes `path` and what is missing above it.
    static func create(_ path: String) throws(SystemError) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw SystemError("make the directory", path)
        }
        try create(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemError("make the directory", path) }
    }

    /// Makes names that were added to or taken from `path` durable.
    static func synchronize(_ path: String) throws(SystemError) {
        let directory = try OpenFile(path, flags: O_RDONLY | O_DIRECTORY)
        // Some file systems do not sync directories; they say EINVAL.
        guard fsync(directory.descriptor) == 0 || errno == EINVAL else { throw SystemError("write out", path) }
    }

    static func rename(_ from: String, to: String) throws(SystemError) {
        guard Glibc.rename(from, to) == 0 else { throw SystemError("rename a file to", to) }
    }

    /// Removes a file; one that is not there is fine.
    static func remove(_ path: String) throws(SystemError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemError("remove", path) }
    }

    /// Removes what has the name `path`, a directory with all below it; no link is followed. At most `names` names and so many
    /// directories in each other are looked at: of more, and of what may not be removed, the rest stays.
    static func removeTree(_ path: String, names: Int = 100_000, depth: Int = 64) {
        var left = names
        removeTree(path, in: AT_FDCWD, &left, depth)
    }

    private static func removeTree(_ name: UnsafePointer<CChar>, in parent: Int32, _ left: inout Int, _ depth: Int) {
        guard unlinkat(parent, name, 0) != 0, errno == EISDIR || errno == EPERM, depth > 0 else { return }
        let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return
        }
        defer { closedir(stream) }
        // As they are: they need not be UTF-8.
        var names: [[CChar]] = []
        while names.count < left, let entry = readdir(stream) {
            guard let text = dsh_entry_name(entry), strcmp(text, ".") != 0, strcmp(text, "..") != 0 else { continue }
            names.append(Array(UnsafeBufferPointer(start: text, count: strlen(text) + 1)))
        }
        left -= names.count
        for name in names { removeTree(name, in: descriptor, &left, depth - 1) }
        unlinkat(parent, name, AT_REMOVEDIR)
    }
}
