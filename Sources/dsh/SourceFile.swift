import Glibc
import Language

/// Reads a script, or standard input for `-`.
enum SourceFile {
    /// A script larger than this is none.
    static let maximumBytes = 64 << 20

    /// Throws the system's error text.
    static func read(_ path: String) throws(UsageMistake) -> Source {
        let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw UsageMistake("cannot read \(path): \(String(cString: strerror(errno)))", hint: nil)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw UsageMistake("cannot read \(path): \(String(cString: strerror(errno)))", hint: nil)
            }
            if count == 0 { break }
            bytes += buffer[..<count]
            if bytes.count > maximumBytes { throw UsageMistake("\(path) is too large for a script", hint: nil) }
        }
        return Source(name: path == "-" ? "<stdin>" : path, bytes: bytes)
    }
}
