/// A media type of a manifest, index, config or layer.
///
/// Names: OCI image-spec `media-types.md`; Docker's from distribution's `manifest-v2-2.md`.
package struct MediaType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// The type without parameters and in lower case, as it comes in a `Content-Type` header.
    package init(contentType: String) {
        let bare = contentType.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        self.init(rawValue: String(bare.filter { $0 != " " && $0 != "\t" }).lowercased())
    }

    package var description: String { rawValue }

    package static let ociManifest = MediaType(rawValue: "application/vnd.oci.image.manifest.v1+json")
    package static let ociIndex = MediaType(rawValue: "application/vnd.oci.image.index.v1+json")
    package static let ociConfig = MediaType(rawValue: "application/vnd.oci.image.config.v1+json")
    package static let ociLayer = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar")
    package static let ociLayerGzip = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar+gzip")
    package static let ociLayerZstd = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar+zstd")
    package static let ociEmpty = MediaType(rawValue: "application/vnd.oci.empty.v1+json")
    package static let dockerManifest = MediaType(rawValue: "application/vnd.docker.distribution.manifest.v2+json")
    package static let dockerManifestList = MediaType(
        rawValue: "application/vnd.docker.distribution.manifest.list.v2+json")
    package static let dockerConfig = MediaType(rawValue: "application/vnd.docker.container.image.v1+json")
    package static let dockerLayerGzip = MediaType(rawValue: "application/vnd.docker.image.rootfs.diff.tar.gzip")
    package static let dockerLayer = MediaType(rawValue: "application/vnd.docker.image.rootfs.diff.tar")
    package static let dockerForeignLayer = MediaType(
        rawValue: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")
    package static let dockerSchema1 = MediaType(rawValue: "application/vnd.docker.distribution.manifest.v1+json")
    package static let dockerSchema1Signed = MediaType(
        rawValue: "application/vnd.docker.distribution.manifest.v1+prettyjws")

    /// The manifest and index types that dsh can read, best first: what goes into an `Accept` header.
    package static let accepted: [MediaType] = [.ociIndex, .ociManifest, .dockerManifestList, .dockerManifest]

    package var isIndex: Bool { self == .ociIndex || self == .dockerManifestList }
    package var isManifest: Bool { self == .ociManifest || self == .dockerManifest }
    package var isSchema1: Bool { self == .dockerSchema1 || self == .dockerSchema1Signed }
    package var isImageConfig: Bool { self == .ociConfig || self == .dockerConfig }

    /// A layer that its manifest says is not to be distributed: it may be absent, and is fetched from its `urls`.
    package var isForeignLayer: Bool {
        self == .dockerForeignLayer || rawValue.hasPrefix("application/vnd.oci.image.layer.nondistributable.v1.tar")
    }

    /// A file system layer of an image, of any compression.
    package var isLayer: Bool {
        rawValue.hasPrefix("application/vnd.oci.image.layer.v1.tar")
            || rawValue.hasPrefix("application/vnd.docker.image.rootfs.diff.tar") || isForeignLayer
    }
}
