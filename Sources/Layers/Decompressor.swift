/// Unpacks a layer blob that is pushed in pieces: sniffs gzip, zstd, bzip2, xz or plain from the first bytes, keeps constant
/// memory (256 KB and the decoder's window) and bounds what comes out.
package struct Decompressor: ~Copyable {
    private let limits: LayerLimits
    private var inflater = Inflater.unknown
    /// The first bytes, until there are enough to sniff.
    private var head: [UInt8] = []
    private let output: UnsafeMutableRawBufferPointer
    package private(set) var bytesIn: Int64 = 0
    package private(set) var bytesOut: Int64 = 0

    private enum Inflater {
        case unknown, plain
        case gzip(GzipInflater)
        case zstd(ZstdInflater)
        case bzip2(Bzip2Inflater)
        case xz(XzInflater)
    }

    private static let outputLength = 256 << 10

    package init(limits: LayerLimits = LayerLimits()) {
        self.limits = limits
        output = .allocate(byteCount: Decompressor.outputLength, alignment: 64)
    }

    deinit { output.deallocate() }

    /// How the stream is packed; nil until its first bytes came.
    package var compression: LayerCompression? {
        switch inflater {
        case .unknown: nil
        case .plain: LayerCompression.none
        case .gzip: .gzip
        case .zstd: .zstd
        case .bzip2: .bzip2
        case .xz: .xz
        }
    }

    /// Takes the next bytes of the blob and hands out what they unpack to.
    ///
    /// Throws `corrupt` for invalid data and for a stream beyond the limits, `unsupported` where the library for
    /// bzip2 or xz is missing.
    package mutating func push(
        _ input: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void
    ) throws(LayerError) {
        guard !input.isEmpty else { return }
        bytesIn += Int64(input.count)
        guard case .unknown = inflater else { return try unpack(input, emit: emit) }
        head.append(contentsOf: input)
        if head.count >= LayerCompression.sniffLength { try start(emit: emit) }
    }

    /// The blob is at its end. Throws `corrupt` where the packed stream is not.
    package mutating func finish(emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void) throws(LayerError) {
        if case .unknown = inflater { try start(emit: emit) }
        switch inflater {
        case .unknown, .plain: break
        case .gzip(let gzip): try gzip.finish()
        case .zstd(let zstd): try zstd.finish()
        case .bzip2(let bzip2): try bzip2.finish()
        case .xz(let xz): try xz.finish()
        }
    }

    private mutating func start(emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void) throws(LayerError) {
        switch LayerCompression(sniffing: head) {
        case .none: inflater = .plain
        case .gzip: inflater = .gzip(try GzipInflater())
        case .zstd: inflater = .zstd(try ZstdInflater(windowLog: limits.windowLog))
        case .bzip2: inflater = .bzip2(try Bzip2Inflater())
        case .xz: inflater = .xz(try XzInflater(windowLog: limits.windowLog))
        }
        let first = head
        head = []
        try first.withBytes { raw throws(LayerError) in try unpack(raw, emit: emit) }
    }

    private mutating func unpack(
        _ input: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer) throws(LayerError) -> Void
    ) throws(LayerError) {
        let bytesIn = bytesIn
        let limits = limits
        var total = bytesOut
        defer { bytesOut = total }
        func bounded(_ bytes: UnsafeRawBufferPointer) throws(LayerError) {
            total += Int64(bytes.count)
            try Decompressor.check(total: total, packed: bytesIn, limits: limits)
            try emit(bytes)
        }
        switch inflater {
        case .unknown, .plain: if !input.isEmpty { try bounded(input) }
        case .gzip(let gzip): try gzip.push(input, output: output, emit: bounded)
        case .zstd(let zstd): try zstd.push(input, output: output, emit: bounded)
        case .bzip2(let bzip2): try bzip2.push(input, output: output, emit: bounded)
        case .xz(let xz): try xz.push(input, output: output, emit: bounded)
        }
    }

    private static func check(total: Int64, packed: Int64, limits: LayerLimits) throws(LayerError) {
        guard total <= limits.maximumBytes else {
            throw LayerError(.corrupt, "the layer unpacks to more than \(limits.maximumBytes) bytes")
        }
        if total > limits.ratioFrom, total / limits.maximumRatio > packed {
            throw LayerError(.corrupt, "the layer unpacks to more than \(limits.maximumRatio) times its size")
        }
    }
}
