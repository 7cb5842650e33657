import Foundation
import Testing

@testable import Layers

/// What the deflaters pack, the inflaters unpack.
@Suite struct DeflaterTests {
    /// Text that packs well, then noise that does not, of more than the deflaters' buffers together.
    private static let content: [UInt8] = {
        var state: UInt64 = 7
        let text = Array(String(repeating: "layer of an image; ", count: 40_000).utf8)
        return text
            + (0..<700_001).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
    }()

    private func packed(_ compression: LayerCompression, piece: Int) throws -> [UInt8] {
        var packed: [UInt8] = []
        func emit(_ bytes: UnsafeRawBufferPointer) throws(LayerError) { packed += bytes }
        var gzip = try GzipDeflater()
        let zstd = try ZstdDeflater()
        var start = 0
        while start < Self.content.count {
            let end = min(start + piece, Self.content.count)
            try Array(Self.content[start..<end]).withBytes { raw throws(LayerError) in
                if compression == .gzip { try gzip.push(raw, emit: emit) } else { try zstd.push(raw, emit: emit) }
            }
            start = end
        }
        if compression == .gzip { try gzip.finish(emit: emit) } else { try zstd.finish(emit: emit) }
        return packed
    }

    @Test(arguments: [LayerCompression.gzip, .zstd], [997, 65_536, 4 << 20])
    func whatIsPackedUnpacksToTheSame(compression: LayerCompression, piece: Int) throws {
        let packed = try packed(compression, piece: piece)
        #expect(packed.count < Self.content.count)
        #expect(LayerCompression(sniffing: packed) == compression)
        var decompressor = Decompressor()
        var unpacked: [UInt8] = []
        func emit(_ bytes: UnsafeRawBufferPointer) throws(LayerError) { unpacked += bytes }
        try packed.withBytes { raw throws(LayerError) in try decompressor.push(raw, emit: emit) }
        try decompressor.finish(emit: emit)
        #expect(unpacked == Self.content)
        // The same pieces, the same bytes.
        #expect(try self.packed(compression, piece: piece) == packed)
    }
}
