import Glibc
import JSON
import Layers
import OCI

extension Store {
    /// Refuses what is there and is no layout that dsh knows, so that it is neither taken for an empty store nor written
    /// into (image-spec `image-layout.md`). What is absent as a whole is fine.
    ///
    /// Throws `corrupt` for a damaged `oci-layout` and for blobs without an `index.json`, `unsupported` for a later layout
    /// version, `io`.
    func checkLayout() throws(StoreError) {
        try checkLayoutFile()
        guard access(layout.indexFile, F_OK) != 0, errno == ENOENT, try hasBlobFiles() else { return }
        // Somebody may have made it, and then put blobs there, between the two looks.
        guard access(layout.indexFile, F_OK) != 0 else { return }
        throw StoreError(
            .corrupt, "\(layout.root) has blobs and no index.json, which names the images",
            hint: "restore index.json from a copy, or move the directory away and pull again")
    }

    /// The same for `oci-layout` alone, which may be missing: then `index.json` says what there is.
    func checkLayoutFile() throws(StoreError) {
        let path = layout.layoutFile
        let bytes: [UInt8]
        do {
            bytes = try OpenFile(path, flags: O_RDONLY).readAll(limit: 64 << 10)
        } catch {
            if error.isNotFound { return }
            throw StoreError(error)
        }
        // What dsh and most tools write, to the byte.
        if bytes == Store.layoutBytes { return }
        guard let version = (try? JSONValue.parse(bytes))?["imageLayoutVersion"]?.stringValue else {
            throw StoreError(
                .corrupt, "\(path) is damaged: it names no imageLayoutVersion",
                hint: "where the rest is whole, it is this text: \(String(decoding: Store.layoutBytes, as: UTF8.self))")
        }
        guard version.hasPrefix("1.") else {
            throw StoreError(
                .unsupported, "\(layout.root) is an OCI image layout of version \(version.prefix(40)); dsh knows 1.0.0",
                hint: "set DSH_STORE to another directory")
        }
    }

    static let layoutBytes = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)

    /// What is on its way there is no blob yet.
    private func hasBlobFiles() throws(StoreError) -> Bool {
        for algorithm in Digest.Algorithm.allCases {
            let directory = layout.blobDirectory(algorithm)
            let names = try storing { () throws(SystemError) in try Directory.names(directory) }
            if names.contains(where: { !$0.hasPrefix(AtomicFile.prefix) }) { return true }
        }
        return false
    }
}
