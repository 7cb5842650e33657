import CLinux
import Glibc
import Layers
import OCI

/// A file under `ingest/` that becomes a blob: aggregates writes, digests what is written, starts write-back early.
///
/// 256 KB a write is what measured best; larger ones made the kernel take large folios and cost half as much again.
struct PartialFile: ~Copyable {
    static let writeLength = 256 << 10
    static let writebackLength: Int64 = 8 << 20
    /// Room on the disk is asked for this far ahead, never beyond the size that is expected: a file system that gets to know a
    /// file's blocks one by one needs a sixth more time for writing it.
    static let reserveLength: Int64 = 256 << 20
    /// Below this there is nothing to gain.
    private static let leastReserve: Int64 = 1 << 20
    /// One is filled while another thread digests up to two. Without such a thread only the first is ever touched.
    private static let bufferCount = 3

    let file: OpenFile
    private let stream: StreamDigest
    private let buffers: UnsafeMutableRawBufferPointer
    /// Which buffer is being filled.
    private var current = 0
    private var buffered = 0
    /// Bytes that are in the file; `size` counts the buffer's too.
    private var written: Int64 = 0
    private var writebackFrom: Int64 = 0
    /// How long the file is expected to become; 0 where nobody knows.
    private let expected: Int64
    /// Up to where room was asked for.
    private var reserved: Int64 = 0

    var size: Int64 { written + Int64(buffered) }

    init(_ file: consuming OpenFile, algorithm: Digest.Algorithm, expecting expected: Int64 = 0) {
        self.file = file
        self.expected = expected
        stream = StreamDigest(algorithm)
        buffers = .allocate(byteCount: PartialFile.bufferCount * PartialFile.writeLength, alignment: 4096)
    }

    deinit {
        stream.stop()
        buffers.deallocate()
    }

    private var buffer: UnsafeMutableRawBufferPointer {
        let start = current * PartialFile.writeLength
        return UnsafeMutableRawBufferPointer(rebasing: buffers[start..<(start + PartialFile.writeLength)])
    }

    /// Digests what the file holds already and stands at its end.
    mutating func resume(cancelled: () -> Bool) throws(StoreError) {
        let stream = stream
        var count: Int64 = 0
        try file.readPieces(through: buffer, failure: StoreError.init) { bytes throws(StoreError) in
            if cancelled() { throw .interrupted }
            stream.update(bytes)
            count += Int64(bytes.count)
        }
        written = count
        writebackFrom = count
    }

    /// Takes the next bytes. With `digestingAside` another thread digests what is written, while this one goes on.
    mutating func append(_ bytes: UnsafeRawBufferPointer, digestingAside: Bool = false) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            if buffered == 0, rest.count >= PartialFile.writeLength, !digestingAside {
                let piece = UnsafeRawBufferPointer(rebasing: rest[..<PartialFile.writeLength])
                stream.update(piece)
                try write(piece)
                rest = UnsafeRawBufferPointer(rebasing: rest[PartialFile.writeLength...])
                continue
            }
            let count = min(rest.count, PartialFile.writeLength - buffered)
            UnsafeMutableRawBufferPointer(rebasing: buffer[buffered..<(buffered + count)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
            buffered += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            guard buffered == PartialFile.writeLength else { continue }
            if digestingAside { try flushAside() } else { try flush() }
        }
    }

    /// Writes what is in the buffer, digested before.
    mutating func flush() throws(SystemError) {
        guard buffered > 0 else { return }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<buffered])
        buffered = 0
        stream.update(bytes)
        try write(bytes)
    }

    /// Writes the full buffer while another thread digests it, and goes on with the next.
    private mutating func flushAside() throws(SystemError) {
        let bytes = UnsafeRawBufferPointer(buffer)
        buffered = 0
        stream.updateAside(bytes)
        current = (current + 1) % PartialFile.bufferCount
        try write(bytes)
        stream.wait(untilPending: PartialFile.bufferCount - 1)
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        reserve(bytes.count)
        try file.write(bytes)
        written += Int64(bytes.count)
        if written - writebackFrom >= PartialFile.writebackLength {
            dsh_start_writeback(file.descriptor, writebackFrom, written - writebackFrom)
            writebackFrom = written
        }
    }

    private mutating func reserve(_ count: Int) {
        guard written + Int64(count) > reserved else { return }
        let length = min(expected - written, PartialFile.reserveLength)
        // A full disk shows itself when it is written to; some file systems reserve nothing.
        guard length >= PartialFile.leastReserve, dsh_reserve(file.descriptor, written, length) == 0 else {
            reserved = .max
            return
        }
        reserved = written + length
    }

    /// Gives back the room that was reserved for what did not come.
    func releaseReserve() {
        if reserved > written, reserved < .max { ftruncate(file.descriptor, off_t(written)) }
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
        stream.restart()
        buffered = 0
        reserved = 0
        written = 0
        writebackFrom = 0
    }

    /// The digest of all that was written; what comes then begins a new one.
    func digest() -> Digest { stream.finish() }
}
