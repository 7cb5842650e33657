import Testing

@testable import Layers

@Suite struct DecompressorTests {
    static let text: [UInt8] = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }

    @Test(arguments: LayerCompression.allCases, [1, 7, 4096, Int.max])
    func unpacksInPiecesOfAnySize(compression: LayerCompression, step: Int) throws {
        let plain = step == 1 ? Array(Self.text.prefix(5000)) : Self.text
        let packed =
            switch compression {
            case .none: plain
            case .gzip: try TarFixture.gzip(plain)
            case .zstd: TarFixture.zstd(plain)
            case .bzip2: try TarFixture.packed(plain, by: "bzip2")
            case .xz: try TarFixture.packed(plain, by: "xz")
            }
        #expect(try unpack(packed, step: step) == plain)
    }

    @Test(arguments: [1, 3, Int.max])
    func joinsMembersAndFrames(step: Int) throws {
        let first = Array("first ".utf8)
        let second = Array("second".utf8)
        #expect(try unpack(try TarFixture.gzip(first) + TarFixture.gzip(second), step: step) == first + second)
        let skippable: [UInt8] = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let frames = skippable + TarFixture.zstd(first) + skippable + TarFixture.zstd(second)
        #expect(try unpack(frames, step: step) == first + second)
    }

    @Test func nothingIsAnEmptyPlainStream() throws {
        #expect(try unpack([]) == [])
        #expect(try unpack([1, 2]) == [1, 2])
    }

    /// Whatever of a packed stream is missing, it is never taken for whole.
    @Test(arguments: [LayerCompression.gzip, .zstd])
    func findsTruncation(compression: LayerCompression) throws {
        let plain = Array(Self.text.prefix(2000))
        let packed = compression == .gzip ? try TarFixture.gzip(plain) : TarFixture.zstd(plain)
        for length in 4..<packed.count {
            #expect(throws: LayerError.self) { try unpack(Array(packed.prefix(length))) }
        }
    }

    @Test func findsDamage() throws {
        var packed = try TarFixture.gzip(Self.text)
        packed[packed.count - 6] ^= 1
        #expect(throws: LayerError(.corrupt, "the layer's gzip checksum is wrong")) { try unpack(packed) }
        #expect(throws: LayerError(.corrupt, "the layer has bytes that are no gzip member")) {
            try unpack(try TarFixture.gzip([1, 2, 3]) + Array("and more than a header has".utf8))
        }
        for offset in stride(from: 20, to: packed.count, by: 997) {
            var damaged = packed
            damaged[offset] ^= 0x55
            #expect(throws: LayerError.self) { try unpack(damaged) }
        }
    }

    @Test(arguments: ["bzip2", "xz"], [1, 3, Int.max])
    func joinsStreams(tool: String, step: Int) throws {
        let first = try TarFixture.packed(Array("first ".utf8), by: tool)
        let second = try TarFixture.packed(Array("second".utf8), by: tool)
        #expect(try unpack(first + second, step: step) == Array("first second".utf8))
        #expect(throws: LayerError.self) { try unpack(first + Array("and more than a header has".utf8), step: step) }
    }

    @Test(arguments: ["bzip2", "xz"])
    func findsTruncationAndDamage(tool: String) throws {
        let packed = try TarFixture.packed(Array(Self.text.prefix(2000)), by: tool)
        for length in stride(from: 4, to: packed.count, by: 7) {
            #expect(throws: LayerError.self) { try unpack(Array(packed.prefix(length))) }
        }
        for offset in stride(from: 6, to: packed.count, by: 97) {
            var damaged = packed
            damaged[offset] ^= 0x55
            #expect(throws: LayerError.self) { try unpack(damaged) }
        }
    }

    @Test func boundsTheDictionary() throws {
        let packed = try TarFixture.packed(Array("small".utf8), by: "xz", "--lzma2=dict=64MiB")
        #expect(throws: LayerError(.corrupt, "the layer's xz data needs more memory than is allowed")) {
            try unpack(packed, limits: LayerLimits(windowLog: 25))
        }
        #expect(try unpack(packed) == Array("small".utf8))
    }

    @Test func stopsBombs() throws {
        let zeros = [UInt8](repeating: 0, count: 8 << 20)
        let total = LayerLimits(maximumBytes: 1 << 20)
        let ratio = LayerLimits(maximumRatio: 100, ratioFrom: 1 << 20)
        let all = [
            try TarFixture.gzip(zeros), TarFixture.zstd(zeros), try TarFixture.packed(zeros, by: "bzip2"),
            try TarFixture.packed(zeros, by: "xz"),
        ]
        for packed in all {
            for limits in [total, ratio] {
                #expect { try unpack(packed, limits: limits) } throws: { ($0 as? LayerError)?.code == .corrupt }
            }
            #expect(try unpack(packed).count == zeros.count)
        }
    }

    @Test func boundsTheWindow() throws {
        let random: [UInt8] = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7) }
        let packed = TarFixture.zstd(random, windowLog: 22)
        #expect(throws: LayerError.self) { try unpack(packed, limits: LayerLimits(windowLog: 20)) }
        #expect(try unpack(packed) == random)
    }
}
