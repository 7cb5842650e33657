import CLinux
import Glibc

/// Turns a directory into a tar stream whose bytes depend on nothing but its content: entries by name, numeric owners,
/// whole seconds, hard links after the first name, sockets left out. The root itself is no entry.
struct DirectoryArchiver {
    private let root: String
    private let cancelled: () -> Bool
    /// The first path of every file with several names, by device and inode.
    private var links: [FileIdentity: [UInt8]] = [:]

    private struct FileIdentity: Hashable {
        let device: dev_t
        let inode: ino_t
    }

    typealias Sink = (UnsafeRawBufferPointer) throws(LayerError) -> Void

    init(root: String, cancelled: @escaping () -> Bool) {
        self.root = root
        self.cancelled = cancelled
    }

    /// Writes the whole stream, end blocks included.
    mutating func write(to sink: Sink) throws(LayerError) {
        // Paths still to be written, the next one last: a walk without recursion, in the order of the names.
        var stack: [[UInt8]] = try names(in: []).reversed()
        while let path = stack.popLast() {
            if cancelled() { throw .interrupted }
            if try add(path, to: sink) {
                stack += try names(in: path).reversed().map { path + [UInt8(ascii: "/")] + $0 }
            }
        }
        try emit(TarWriter.end, to: sink)
    }

    private func absolute(_ path: [UInt8]) -> [CChar] {
        (Array(root.utf8) + (path.isEmpty ? [] : [UInt8(ascii: "/")] + path) + [0]).map { CChar(bitPattern: $0) }
    }

    private func failure(_ operation: String, _ path: [UInt8]) -> LayerError {
        LayerError(SystemError(operation, root + "/" + LayerPath.printable(String(decoding: path, as: UTF8.self))))
    }

    private func names(in directory: [UInt8]) throws(LayerError) -> [[UInt8]] {
        let descriptor = dsh_open(absolute(directory), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
        // The root may be reached through a symbolic link; nothing below it is.
        let opened =
            descriptor < 0 && directory.isEmpty
            ? dsh_open(absolute(directory), O_RDONLY | O_DIRECTORY, 0) : descriptor
        guard opened >= 0 else { throw failure("open", directory) }
        guard let stream = fdopendir(opened) else {
            close(opened)
            throw failure("read", directory)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        errno = 0
        while let entry = readdir(stream) {
            guard let text = dsh_entry_name(entry) else { continue }
            let name = Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
            if name != [0x2e], name != [0x2e, 0x2e] { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw failure("read", directory) }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Writes one entry; whether it is a directory to go on with.
    private mutating func add(_ path: [UInt8], to sink: Sink) throws(LayerError) -> Bool {
        var status = stat()
        guard lstat(absolute(path), &status) == 0 else { throw failure("look at", path) }
        guard var entry = DirectoryArchiver.entry(path, status) else { return false }
        if entry.kind != .directory, status.st_nlink > 1 {
            let identity = FileIdentity(device: status.st_dev, inode: status.st_ino)
            if let first = links[identity] {
                entry.kind = .hardLink
                entry.linkName = first
                entry.size = 0
                try emit(TarWriter.headers(entry, attributes: []), to: sink)
                return false
            }
            links[identity] = path
        }
        if entry.kind == .symbolicLink { entry.linkName = try target(path) }
        let headers = TarWriter.headers(entry, attributes: try attributes(path))
        guard entry.kind == .regular else {
            try emit(headers, to: sink)
            return entry.kind == .directory
        }
        try copy(path, entry.size, headers: headers, to: sink)
        return false
    }

    private static func entry(_ path: [UInt8], _ status: stat) -> TarEntry? {
        let kind: TarEntry.Kind
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .regular
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .symbolicLink
        case S_IFCHR: kind = .characterDevice
        case S_IFBLK: kind = .blockDevice
        case S_IFIFO: kind = .fifo
        default: return nil
        }
        let isDevice = kind == .characterDevice || kind == .blockDevice
        return TarEntry(
            kind: kind, path: path, size: kind == .regular ? Int64(status.st_size) : 0,
            mode: UInt32(status.st_mode) & 0o7777, uid: Int64(status.st_uid), gid: Int64(status.st_gid),
            modified: Int64(status.st_mtim.tv_sec),
            deviceMajor: isDevice ? Int64(dsh_major(UInt64(status.st_rdev))) : 0,
            deviceMinor: isDevice ? Int64(dsh_minor(UInt64(status.st_rdev))) : 0)
    }

    private func target(_ path: [UInt8]) throws(LayerError) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: LayerPath.maximumLength + 1)
        let count = readlink(absolute(path), &buffer, buffer.count)
        guard count >= 0 else { throw failure("read", path) }
        return buffer.prefix(count).map { UInt8(bitPattern: $0) }
    }

    /// The attributes that images carry: capabilities and users' own. Others (SELinux labels, ACLs of the host) stay.
    private func attributes(_ path: [UInt8]) throws(LayerError) -> [(name: [UInt8], value: [UInt8])] {
        let file = absolute(path)
        let size = dsh_list_attributes(file, nil, 0)
        guard size > 0 else { return [] }
        var list = [CChar](repeating: 0, count: size)
        let used = dsh_list_attributes(file, &list, list.count)
        guard used > 0 else { return [] }
        var found: [(name: [UInt8], value: [UInt8])] = []
        for part in list.prefix(used).split(separator: 0) {
            let name = part.map { UInt8(bitPattern: $0) }
            guard name == Array("security.capability".utf8) || name.starts(with: "user.".utf8) else { continue }
            var value = [UInt8](repeating: 0, count: 65536)
            let length = dsh_get_attribute(file, Array(part) + [0], &value, value.count)
            guard length >= 0 else { throw failure("read an attribute of", path) }
            found.append((name, Array(value.prefix(length))))
        }
        return found.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    private func copy(_ path: [UInt8], _ size: Int64, headers: [UInt8], to sink: Sink) throws(LayerError) {
        let opened = dsh_open(absolute(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
        guard opened >= 0 else { throw failure("open", path) }
        let file = OpenFile(adopting: opened, path: String(decoding: path, as: UTF8.self))
        try emit(headers, to: sink)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        var left = size
        while left > 0 {
            if cancelled() { throw .interrupted }
            let want = Int(min(left, Int64(buffer.count)))
            let count: Int
            do {
                count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<want]))
            } catch { throw LayerError(error) }
            guard count > 0 else {
                throw LayerError(.io, "\(LayerPath.printable(file.path)) became shorter while it was read")
            }
            try sink(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            left -= Int64(count)
        }
        try emit(TarWriter.padding(size), to: sink)
    }

    private func emit(_ bytes: [UInt8], to sink: Sink) throws(LayerError) {
        try bytes.withBytes { raw throws(LayerError) in try sink(raw) }
    }
}
