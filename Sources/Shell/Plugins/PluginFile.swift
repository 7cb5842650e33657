import CLinux
import Glibc

/// A file that holds a plugin, as it was when it was looked at.
package struct PluginFile: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// An executable `dsh-NAME`.
        case program
        /// A `.dsh` file of definitions.
        case definitions
    }

    package let path: String
    package let kind: Kind
    let size: Int64
    /// Nanoseconds since 1970.
    let modified: Int64
    private let mode: mode_t
    private let owner: uid_t

    /// What every executable plugin's file name starts with.
    package static let prefix = "dsh-"
    package static let definitionsSuffix = ".dsh"

    /// nil where there is no such regular file, or it is a program that we may not run.
    package init?(path: String, kind: Kind) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        if kind == .program, access(path, X_OK) != 0 { return nil }
        self.path = path
        self.kind = kind
        size = Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        mode = status.st_mode
        owner = status.st_uid
    }

    /// The name without directory, `dsh-` and `.dsh`.
    package var stem: String {
        let base = path.split(separator: "/").last.map(String.init) ?? path
        switch kind {
        case .program: return String(base.dropFirst(Self.prefix.count))
        case .definitions: return String(base.dropLast(Self.definitionsSuffix.count))
        }
    }

    /// Why it must not be run: somebody else could have put anything into it. nil where all is well.
    package var danger: String? {
        if mode & S_IWOTH != 0 { return "anyone may write to \(path)" }
        var status = stat()
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        guard stat(directory.isEmpty ? "/" : directory, &status) == 0 else { return nil }
        let isOpen = status.st_mode & S_IWOTH != 0
        // In a directory such as /tmp everyone may put a file, but not change another's.
        if isOpen, status.st_mode & S_ISVTX == 0 { return "anyone may write to \(directory)" }
        if isOpen, owner != geteuid(), owner != 0 { return "\(path) belongs to somebody else" }
        return nil
    }

    /// Throws `external` for a file with a `danger`.
    func requireSafe(_ name: String) throws(ShellError) {
        guard let danger else { return }
        throw ShellError.plugin(name, "is not run: \(danger)", hint: "take that right away with `chmod o-w`")
    }

    /// All of a `.dsh` file's bytes. Throws `io`.
    func read(limit: Int) throws(ShellError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ShellError(.io, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw ShellError(.io, "cannot read \(path): \(String(cString: strerror(errno)))")
            }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
        throw ShellError(.io, "\(path) is larger than \(limit >> 10) KiB")
    }
}
