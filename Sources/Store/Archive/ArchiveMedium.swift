import Glibc
import Layers

/// Where `ArchiveWriter` puts its files: a tar stream, or a directory.
protocol ArchiveMedium: AnyObject {
    /// Begins a file of exactly `size` bytes; the one before is at its end.
    func begin(_ path: String, size: Int64) throws(StoreError)
    func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError)
    /// The file has all its bytes, and they are right.
    func end() throws(StoreError)
    /// Everything is written.
    func finish() throws(StoreError)
}

/// A tar stream whose bytes depend on nothing but the files: time 0, owner 0, directories before what is in them.
final class TarMedium: ArchiveMedium {
    private let sink: (UnsafeRawBufferPointer) throws(StoreError) -> Void
    private var directories: Set<String> = []
    private var size: Int64 = 0

    init(sink: @escaping (UnsafeRawBufferPointer) throws(StoreError) -> Void) { self.sink = sink }

    func begin(_ path: String, size: Int64) throws(StoreError) {
        for slash in path.indices where path[slash] == "/" && directories.insert(String(path[..<slash])).inserted {
            try emit(header(.directory, String(path[..<slash]), size: 0, mode: 0o755))
        }
        self.size = size
        try emit(header(.regular, path, size: size, mode: 0o644))
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) { try sink(bytes) }

    func end() throws(StoreError) { try emit(TarWriter.padding(size)) }

    func finish() throws(StoreError) { try emit(TarWriter.end) }

    private func header(_ kind: TarEntry.Kind, _ path: String, size: Int64, mode: UInt32) -> [UInt8] {
        TarWriter.headers(TarEntry(kind: kind, path: Array(path.utf8), size: size, mode: mode), attributes: [])
    }

    private func emit(_ bytes: [UInt8]) throws(StoreError) {
        try bytes.withBytes { raw throws(StoreError) in try sink(raw) }
    }
}

/// A directory that becomes an OCI image layout. A file gets its name when it is whole; a file that is there already is
/// taken for right where it is a blob, and replaced where it is not.
final class DirectoryMedium: ArchiveMedium {
    private let root: String
    private var path = ""
    private var temporary: String?
    private var file: OpenFile?

    init(root: String) { self.root = root }

    deinit {
        if let temporary { unlink(temporary) }
    }

    func begin(_ path: String, size: Int64) throws(StoreError) {
        // What is left of a file that failed.
        if let temporary { unlink(temporary) }
        temporary = nil
        self.path = root + "/" + path
        let directory = self.path.lastIndex(of: "/").map { String(self.path[..<$0]) } ?? "."
        let name = directory + "/" + AtomicFile.prefix + AtomicFile.uniqueName()
        do throws(SystemError) {
            try Directory.create(directory)
            file = try OpenFile(name, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, operation: "write")
        } catch { throw StoreError.outside(error) }
        temporary = name
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        do throws(SystemError) { try file?.write(bytes) } catch { throw StoreError.outside(error) }
    }

    func end() throws(StoreError) {
        guard let temporary else { return }
        do throws(SystemError) {
            try file?.synchronize()
            file = nil
            try Directory.rename(temporary, to: path)
        } catch { throw StoreError.outside(error) }
        self.temporary = nil
    }

    func finish() throws(StoreError) {
        do throws(SystemError) { try Directory.synchronize(root) } catch { throw StoreError.outside(error) }
    }
}
