import CLinux
import Glibc
import Layers
import OCI

/// A file under `ingest/` that becomes a blob: aggregates writes, digests what goes in, starts write-back early.
///
/// 256 KB a write is what measured best; larger ones made the kernel take large folios and cost half as much again.
struct PartialFile: ~Copyable {
    static let writeLength = 256 << 10
    static let writebackLength: Int64 = 8 << 20

    let file: OpenFile
    private var hasher: DigestHasher
    private let algorithm: Digest.Algorithm
    private let buffer: UnsafeMutableRawBufferPointer
    private var buffered = 0
    /// Bytes that are in the file; `size` counts the buffer's too.
    private var written: Int64 = 0
    private var writebackFrom: Int64 = 0

    var size: Int64 { written + Int64(buffered) }

    init(_ file: consuming OpenFile, algorithm: Digest.Algorithm) {
        self.file = file
        self.algorithm = algorithm
        hasher = DigestHasher(algorithm)
        buffer = .allocate(byteCount: PartialFile.writeLength, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    /// Digests what the file holds already and stands at its end.
    mutating func resume(cancelled: () -> Bool) throws(StoreError) {
        var found = DigestHasher(algorithm)
        var count: Int64 = 0
        try file.readPieces(through: buffer, failure: StoreError.init) { bytes throws(StoreError) in
            if cancelled() { throw .interrupted }
            found.update(bytes)
            count += Int64(bytes.count)
        }
        swap(&found, &hasher)
        written = count
        writebackFrom = count
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        hasher.update(bytes)
        var rest = bytes
        while !rest.isEmpty {
            if buffered == 0, rest.count >= PartialFile.writeLength {
                try write(UnsafeRawBufferPointer(rebasing: rest[..<PartialFile.writeLength]))
                rest = UnsafeRawBufferPointer(rebasing: rest[PartialFile.writeLength...])
                continue
            }
            let count = min(rest.count, PartialFile.writeLength - buffered)
            UnsafeMutableRawBufferPointer(rebasing: buffer[buffered..<(buffered + count)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
            buffered += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if buffered == PartialFile.writeLength { try flush() }
        }
    }

    mutating func flush() throws(SystemError) {
        guard buffered > 0 else { return }
        let count = buffered
        buffered = 0
        try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        try file.write(bytes)
        written += Int64(bytes.count)
        if written - writebackFrom >= PartialFile.writebackLength {
            dsh_start_writeback(file.descriptor, writebackFrom, written - writebackFrom)
            writebackFrom = written
        }
    }

    /// Cuts off what a failed write left beyond the last whole one.
    mutating func keepWhole() {
        buffered = 0
        ftruncate(file.descriptor, off_t(written))
    }

    /// Forgets everything: the file is empty and stands at its start.
    mutating func restart() throws(SystemError) {
        guard ftruncate(file.descriptor, 0) == 0, lseek(file.descriptor, 0, SEEK_SET) == 0 else {
            throw SystemError("empty", file.path)
        }
        hasher = DigestHasher(algorithm)
        buffered = 0
        written = 0
        writebackFrom = 0
    }

    /// The digest of all that went in; the hasher starts anew.
    mutating func digest() -> Digest {
        var finished = DigestHasher(algorithm)
        swap(&finished, &hasher)
        return finished.finish()
    }
}
