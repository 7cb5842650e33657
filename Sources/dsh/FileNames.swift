import Glibc
import Terminal

/// Completion of paths.
enum FileNames {
    /// More files than this in one directory are not offered.
    private static let limit = 2_000

    /// The paths that begin with `prefix`; a directory ends in `/` and goes on. Hidden files only when asked for.
    static func beginning(with prefix: String) -> [Candidate] {
        let cut = prefix.lastIndex(of: "/").map { prefix.index(after: $0) } ?? prefix.startIndex
        let directory = String(prefix[..<cut])
        let start = prefix[cut...]
        guard let stream = opendir(directory.isEmpty ? "." : directory) else { return [] }
        defer { closedir(stream) }
        var names: [Candidate] = []
        while let entry = readdir(stream), names.count < limit {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != "..", name.hasPrefix(start), start.hasPrefix(".") || !name.hasPrefix(".") else {
                continue
            }
            var status = stat()
            let isDirectory = stat(directory + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            names.append(Candidate(directory + name + (isDirectory ? "/" : ""), isFinal: !isDirectory))
        }
        return names.sorted { $0.text < $1.text }
    }
}
