import HTTP
import Synchronization

/// Where the bytes of an upload come from: read on the thread that uploads, as fast as the registry takes them.
package protocol UploadSource: AnyObject, Sendable {
    /// What is read next begins at `offset`. An upload that is tried again goes back, or on from where the registry is.
    func seek(to offset: Int64) throws
    /// Fills the buffer and returns how many bytes it put there, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
    /// Nothing more is wanted. May be called more than once.
    func close()
}

/// Bytes in memory.
package final class UploadBytes: UploadSource {
    private let bytes: [UInt8]
    private let position = Mutex(0)

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package func seek(to offset: Int64) { position.withLock { $0 = Int(min(max(0, offset), Int64(bytes.count))) } }

    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        position.withLock { position in
            let count = min(buffer.count, bytes.count - position)
            buffer.copyBytes(from: bytes[position..<position + count])
            position += count
            return count
        }
    }

    package func close() {}
}

/// One request's part of a source: no more than its length is read, and no less.
final class UploadBody: Sendable {
    private struct State {
        var left: Int64
        var failure: (any Error)?
    }

    private let source: any UploadSource
    private let state: Mutex<State>
    private let onBytes: @Sendable (_ left: Int64) -> Void

    init(_ source: any UploadSource, length: Int64, onBytes: @escaping @Sendable (_ left: Int64) -> Void) {
        self.source = source
        self.onBytes = onBytes
        state = Mutex(State(left: length))
    }

    /// How much was not read.
    var left: Int64 { state.withLock { $0.left } }
    /// What reading threw, rather than the connection.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// The source ended before its length: it is not what its descriptor says.
    struct Ended: Error {}

    func read(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let left = state.withLock { $0.left }
        guard left > 0 else { return 0 }
        do {
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(min(left, Int64(buffer.count)))))
            let count = try source.read(into: part)
            guard count > 0 else { throw Ended() }
            let rest = left - Int64(count)
            state.withLock { $0.left = rest }
            onBytes(rest)
            return count
        } catch {
            state.withLock { $0.failure = error }
            throw error
        }
    }
}
