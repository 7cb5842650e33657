import CZstd
package import OCI

/// How a layer's tar stream is packed.
package enum LayerCompression: String, Sendable, CaseIterable {
    case none, gzip, zstd, bzip2, xz

    /// What the first bytes of a blob say (four are enough), as Docker's `DetectCompression` reads them: the content
    /// decides, not the media type.
    package init(sniffing head: [UInt8]) {
        if head.starts(with: [0x1f, 0x8b, 0x08]) {
            self = .gzip
        } else if LayerCompression.isZstandard(head) {
            self = .zstd
        } else if head.starts(with: [0x42, 0x5a, 0x68]) {
            self = .bzip2
        } else if head.starts(with: [0xfd, 0x37, 0x7a, 0x58]) {
            self = .xz
        } else {
            self = .none
        }
    }

    /// How many bytes `init(sniffing:)` wants to see, if there are so many.
    package static let sniffLength = 4

    /// A Zstandard frame, or a skippable one before it (RFC 8878 §3.1).
    private static func isZstandard(_ head: [UInt8]) -> Bool {
        guard head.count >= 4 else { return false }
        return head.starts(with: [0x28, 0xb5, 0x2f, 0xfd])
            || ((0x50...0x5f).contains(head[0]) && head[1...3].elementsEqual([0x2a, 0x4d, 0x18]))
    }

    /// What a layer's media type promises; nil where it says nothing that dsh knows.
    package static func promised(by type: MediaType) -> LayerCompression? {
        guard type.isLayer else { return nil }
        if type.rawValue.hasSuffix("+gzip") || type.rawValue.hasSuffix(".gzip") { return .gzip }
        if type.rawValue.hasSuffix("+zstd") || type.rawValue.hasSuffix(".zstd") { return .zstd }
        return type.rawValue.hasSuffix(".tar") ? LayerCompression.none : nil
    }
}

/// How much a layer may unfold to before it is taken for a bomb, and how strictly it is read.
package struct LayerLimits: Sendable, Hashable {
    /// The most bytes of unpacked tar.
    package var maximumBytes: Int64
    /// The most unpacked bytes for one packed byte, counted once `ratioFrom` bytes are out. Deflate cannot exceed 1032.
    package var maximumRatio: Int64
    package var ratioFrom: Int64
    /// The most entries of the tar.
    package var maximumEntries: Int
    /// The base-2 logarithm of zstd's largest window and of xz's largest dictionary: what the decoder may allocate.
    package var windowLog: Int32
    /// Refuse a layer whose content is not what its media type promises. Docker and containerd do not.
    package var requiresMediaType: Bool

    package init(
        maximumBytes: Int64 = 256 << 30, maximumRatio: Int64 = 1100, ratioFrom: Int64 = 1 << 30,
        maximumEntries: Int = 20_000_000, windowLog: Int32 = 27, requiresMediaType: Bool = false
    ) {
        self.maximumBytes = maximumBytes
        self.maximumRatio = maximumRatio
        self.ratioFrom = ratioFrom
        self.maximumEntries = maximumEntries
        self.windowLog = windowLog
        self.requiresMediaType = requiresMediaType
    }
}

extension LayerCompression {
    /// The version of the libzstd that is linked.
    package static var zstdVersion: String? { ZSTD_versionString().map { String(cString: $0) } }
}
