import Foundation
import Synchronization
import Testing
import Threads

@Suite struct BytePipeTests {
    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) } }

    @Test(arguments: [1, 7, 4096]) func allBytesInOrder(capacity: Int) {
        let pipe = BytePipe(capacity: capacity)
        let sent = bytes(20_000)
        let writer = WorkerThread {
            for start in stride(from: 0, to: sent.count, by: 333) {
                sent[start..<min(start + 333, sent.count)].withUnsafeBytes { #expect(pipe.write($0)) }
            }
            pipe.finish()
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 100)
        while true {
            let count = buffer.withUnsafeMutableBytes { pipe.read(into: $0) }
            if count == 0 { break }
            received += buffer[..<count]
        }
        writer?.join()
        #expect(received == sent)
    }

    @Test func aClosedPipeWakesBothSides() {
        let full = BytePipe(capacity: 4)
        let empty = BytePipe(capacity: 4)
        let results = Mutex<[Int]>([])
        let writer = WorkerThread {
            let isOpen = [UInt8](repeating: 1, count: 9).withUnsafeBytes { full.write($0) }
            results.withLock { $0.append(isOpen ? 1 : 0) }
        }
        let reader = WorkerThread {
            var buffer = [UInt8](repeating: 0, count: 4)
            let count = buffer.withUnsafeMutableBytes { empty.read(into: $0) }
            results.withLock { $0.append(count) }
        }
        usleep(20_000)
        full.close()
        empty.close()
        writer?.join()
        reader?.join()
        #expect(results.withLock { $0 } == [0, 0])
    }
}
