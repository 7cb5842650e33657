import Layers
package import OCI
import Store
import Threads

/// A file that two images have differently.
package struct ChangedFile: Sendable {
    package enum Change: String, Sendable {
        case added, changed, removed
    }

    /// From the root, with a slash in front; bytes that are no UTF-8 are U+FFFD.
    package let path: String
    package let change: Change
    /// `file`, `directory`, `symlink`, `hardlink`, `device` or `fifo`, as it is now or was last.
    package let kind: String
    /// Bytes, 0 where it is no file or is not there.
    package let size: Int64
    package let sizeBefore: Int64

    fileprivate init(_ change: FileChange) {
        let entry = change.after ?? change.before
        path = "/" + (entry?.pathText ?? "")
        self.change =
            switch change.kind {
            case .added: .added
            case .changed: .changed
            case .removed: .removed
            }
        kind = entry.map { ChangedFile.word(for: $0.kind) } ?? ""
        size = change.after?.fileBytes ?? 0
        sizeBefore = change.before?.fileBytes ?? 0
    }

    private static func word(for kind: TarEntry.Kind) -> String {
        switch kind {
        case .regular: "file"
        case .hardLink: "hardlink"
        case .symbolicLink: "symlink"
        case .characterDevice, .blockDevice: "device"
        case .directory: "directory"
        case .fifo: "fifo"
        }
    }
}

extension RegistryBackend {
    /// What differs between the files of two images whose layers are all in the store; nil where some are not.
    ///
    /// Layers that were not looked into before are unpacked once. Throws `corrupt`, `io`, `interrupted`.
    package func fileChanges(
        from old: Manifest, to new: Manifest
    ) async throws(BackendError) -> [ChangedFile]? {
        let store = try store()
        guard old.isImage, new.isImage, (old.layers + new.layers).allSatisfy({ store.hasBlob($0.digest) }) else {
            return nil
        }
        return try await withCancellationFlag { flag throws(BackendError) in
            func files(_ manifest: Manifest) throws(BackendError) -> (ImageFiles, [String]) {
                var files = ImageFiles()
                for layer in manifest.layers.reversed() {
                    var entries: [TarEntry] = []
                    try storing { () throws(StoreError) in
                        try store.layerEntries(of: layer, cancelled: { flag.isCancelled }) { entries.append($0) }
                    }
                    files.add(entries)
                }
                return (files, manifest.layers.reversed().map(\.digest.description))
            }
            return FileChange.between(try files(old), try files(new)).map(ChangedFile.init)
        }
    }
}
