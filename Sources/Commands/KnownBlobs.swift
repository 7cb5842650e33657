import Glibc
import OCI
import Shell

/// The blobs that the receiver of an archive has already, as a file or a directory tells.
enum KnownBlobs {
    private static let limit = 256 << 20

    /// The digests of an OCI image layout's blobs, where `path` is one or its `index.json`; of any other file every digest
    /// that stands in it, whatever is around them.
    ///
    /// Throws `not_found` and `io` for what cannot be read, `usage` for what holds no digest at all.
    static func read(_ path: String) async throws -> Set<Digest> {
        var root = path
        if path.hasSuffix("/index.json") { root = String(path.dropLast("/index.json".count)) }
        if path == "index.json" { root = "." }
        var found = try blobs(ofLayout: root)
        if found == nil { found = digests(in: try await InputFile(path).all(limit: limit)) }
        guard let found, !found.isEmpty else {
            throw ShellError(
                .usage, "\(path) names no blob: there is not a single digest in it",
                hint: "give an OCI image layout, or a file with digests (sha256:…), such as a list of them")
        }
        return found
    }

    /// Nil where there is no directory `blobs` in `root`.
    private static func blobs(ofLayout root: String) throws(ShellError) -> Set<Digest>? {
        guard let list = opendir(root + "/blobs") else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw ShellError(.io, "cannot read \(root)/blobs: \(String(cString: strerror(errno)))")
        }
        closedir(list)
        var found: Set<Digest> = []
        for algorithm in Digest.Algorithm.allCases {
            guard let list = opendir("\(root)/blobs/\(algorithm.rawValue)") else { continue }
            defer { closedir(list) }
            while let entry = readdir(list) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                    String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
                }
                if let digest = try? Digest("\(algorithm.rawValue):\(name)") { found.insert(digest) }
            }
        }
        return found
    }

    private static func digests(in text: [UInt8]) -> Set<Digest> {
        var found: Set<Digest> = []
        for algorithm in Digest.Algorithm.allCases {
            let mark = Array("\(algorithm.rawValue):".utf8)
            var start = text.startIndex
            while let colon = text[start...].firstIndex(of: UInt8(ascii: ":")) {
                start = colon + 1
                let end = start + algorithm.hexLength
                guard colon + 1 >= mark.count, end <= text.count,
                    text[(start - mark.count)..<start].elementsEqual(mark),
                    let digest = try? Digest(String(decoding: text[(start - mark.count)..<end], as: UTF8.self))
                else { continue }
                found.insert(digest)
            }
        }
        return found
    }
}
