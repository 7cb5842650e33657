import Glibc

/// Small configuration files.
enum ConfigurationFile {
    static let maximumBytes = 4 << 20

    /// The bytes of the file, nil where there is none. Throws `configuration` where it cannot be read.
    static func read(_ path: String) throws(RegistryError) -> [UInt8]? {
        func fail(_ why: String) -> RegistryError {
            RegistryError(.configuration, "cannot read \(path): \(why)", registry: "")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw fail(String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fail(String(cString: strerror(errno))) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= maximumBytes else { throw fail("it has more than \(maximumBytes) bytes") }
        }
    }

    /// The files of a directory that end in `.conf`, sorted by name; none where there is no such directory.
    static func list(_ directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".conf") { names.append(name) }
        }
        return names.sorted().map { directory + "/" + $0 }
    }
}
