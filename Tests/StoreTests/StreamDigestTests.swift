import OCI
import Testing

@testable import Store

@Suite struct StreamDigestTests {
    /// Whoever takes the bytes, and however they are cut: the order is kept.
    @Test(arguments: [Digest.Algorithm.sha256, .sha512])
    func digestsInOrderOnEitherThread(algorithm: Digest.Algorithm) {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<400_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let stream = StreamDigest(algorithm)
        bytes.withUnsafeBytes { all in
            for _ in 0..<2 {
                var rest = all
                while !rest.isEmpty {
                    let count = min(rest.count, Int.random(in: 1...40_000, using: &generator))
                    let piece = UnsafeRawBufferPointer(rebasing: rest[..<count])
                    if Bool.random(using: &generator) { stream.updateAside(piece) } else { stream.update(piece) }
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                }
                #expect(stream.finish() == .of(bytes, algorithm: algorithm))
            }
            stream.stop()
        }
    }

    @Test func forgetsWhatItHadAndGoesOn() {
        let stream = StreamDigest(.sha256)
        let bytes = [UInt8](repeating: 7, count: 100_000)
        bytes.withUnsafeBytes { all in
            stream.updateAside(all)
            stream.restart()
            stream.updateAside(all)
            stream.wait(untilPending: 0)
            #expect(stream.finish() == .of(bytes))
            stream.updateAside(all)
            stream.stop()
            // Nothing is lost with the thread, and what comes now needs none.
            stream.updateAside(all)
            stream.wait(untilPending: 0)
            #expect(stream.finish() == .of(bytes + bytes))
            stream.stop()
        }
    }
}
