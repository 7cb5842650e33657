import Fixtures
import Glibc
import JSON
import Testing

@testable import Terminal

@Suite struct OutputFileTests {
    private func pipePair() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test func nobodyReads() throws {
        OutputFile.ignoreBrokenPipes()
        let ends = try pipePair()
        close(ends.read)
        defer { close(ends.write) }
        var renderer = Renderer(to: ends.write, RenderingOptions(format: .json))
        #expect(throws: TerminalError.brokenPipe) {
            try renderer.write([1, 2, 3])
            try renderer.finish()
        }
        // What could not be written is dropped, not written again.
        #expect(throws: Never.self) { try renderer.finish() }
    }

    @Test func fullDevice() throws {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(full >= 0)
        defer { close(full) }
        #expect(throws: TerminalError.noSpace) { try OutputFile.write([1], to: full) }
        #expect(TerminalError.noSpace.code == "no_space")
    }

    @Test func closedDescriptor() {
        #expect(throws: TerminalError.system(operation: "cannot write", errno: EBADF)) {
            try OutputFile.write([1], to: -1)
        }
        #expect(
            TerminalError.system(operation: "cannot write", errno: EBADF).message == "cannot write: Bad file descriptor"
        )
    }

    /// A slow reader behind a non-blocking pipe gets every byte.
    @Test func partialWrites() async throws {
        let ends = try pipePair()
        _ = fcntl(ends.write, F_SETFL, O_NONBLOCK)
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let reader = Task.detached {
            var received: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(ends.read, &buffer, buffer.count)
                if count <= 0 { return received }
                received += buffer[..<count]
            }
        }
        try OutputFile.write(bytes, to: ends.write)
        close(ends.write)
        let received = await reader.value
        close(ends.read)
        #expect(received == bytes)
    }

    /// A reader that takes nothing is waited for, but not once a signal came. What there is room for is written.
    @Test func aSignalEndsTheWait() throws {
        let ends = try pipePair()
        defer { for end in [ends.read, ends.write] { close(end) } }
        let bytes = [UInt8](repeating: 7, count: 1 << 20)
        var asked = 0
        #expect(throws: TerminalError.interrupted) {
            try OutputFile.write(bytes, to: ends.write) {
                asked += 1
                return asked > 20
            }
        }
        #expect(TerminalError.interrupted.code == "interrupted")
        var waiting: Int32 = 0
        #expect(ioctl(ends.read, UInt(FIONREAD), &waiting) == 0 && waiting >= 4096)
    }
}
