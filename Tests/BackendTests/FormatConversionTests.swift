import JSON
import OCI
import Testing

@testable import Backend

/// Documents as `copy --format` makes them: only what has to change does, and what goes is told.
@Suite struct FormatConversionTests {
    private static let config = #"{"mediaType":"CONFIG","digest":"sha256:\#(hex("c"))","size":2}"#

    private static func hex(_ digit: String) -> String { String(repeating: digit, count: 64) }

    private static func layer(_ type: String, _ more: String = "") -> String {
        #"{"mediaType":"\#(type)","digest":"sha256:\#(hex("1"))","size":3\#(more)}"#
    }

    private static func manifest(_ type: MediaType, _ config: MediaType, _ layers: String, _ more: String = "")
        -> String
    {
        let config = Self.config.replacing("CONFIG", with: config.rawValue)
        return #"{"schemaVersion":2,"mediaType":"\#(type)","config":\#(config),"layers":[\#(layers)]\#(more)}"#
    }

    private func document(_ text: String, _ type: MediaType) -> DocumentTree.Document {
        let bytes = Array(text.utf8)
        return DocumentTree.Document(
            descriptor: Descriptor(mediaType: type, digest: .of(bytes), size: Int64(bytes.count)), bytes: bytes)
    }

    private func convert(
        _ documents: [DocumentTree.Document], _ format: ImageFormat
    ) throws -> (tree: DocumentTree, dropped: [String]) {
        var dropped: [String] = []
        let tree = try DocumentTree(documents).converted(to: format, dropped: &dropped)
        return (tree, dropped)
    }

    private static let docker = "application/vnd.docker.image.rootfs."
    private static let oci = "application/vnd.oci.image.layer."

    /// A layer's type in OCI's format, and in Docker's.
    static let layers: [(oci: String, docker: String)] = [
        (oci + "v1.tar", docker + "diff.tar"),
        (oci + "v1.tar+gzip", docker + "diff.tar.gzip"),
        (oci + "nondistributable.v1.tar+gzip", docker + "foreign.diff.tar.gzip"),
        (oci + "nondistributable.v1.tar", docker + "foreign.diff.tar"),
    ]

    @Test(arguments: layers.indices) func layersHaveCounterparts(position: Int) throws {
        let types = Self.layers[position]
        let more = #","urls":["https://example.com/l"],"x.unknown":{"a":[1,null]}"#
        let fields = #","x.other":[true,"é"]"#
        let ours = Self.manifest(.ociManifest, .ociConfig, Self.layer(types.oci, more), fields)
        let theirs = Self.manifest(.dockerManifest, .dockerConfig, Self.layer(types.docker, more), fields)
        let (there, dropped) = try convert([document(ours, .ociManifest)], .docker)
        #expect(there.root.map { String(decoding: $0.bytes, as: UTF8.self) } == theirs)
        #expect(there.root?.descriptor == document(theirs, .dockerManifest).descriptor && dropped == [])
        let (back, _) = try convert([document(theirs, .dockerManifest)], .oci)
        #expect(back.root.map { String(decoding: $0.bytes, as: UTF8.self) } == ours)
        #expect(there.blobs.map(\.mediaType.rawValue).last == types.docker)
    }

    @Test(arguments: ImageFormat.allCases) func whatIsOfTheFormatKeepsEveryByte(format: ImageFormat) throws {
        let (type, config) =
            format == .oci ? (MediaType.ociManifest, MediaType.ociConfig) : (.dockerManifest, .dockerConfig)
        let layer = format == .oci ? Self.layers[1].oci : Self.layers[1].docker
        let text = Self.manifest(type, config, "  " + Self.layer(layer, #","annotations":{"a":"b"}"#), "\n")
        let (tree, dropped) = try convert([document(text, type)], format)
        #expect(tree.root?.bytes == Array(text.utf8) && dropped == [])
    }

    /// Text that `unsupported` says for a manifest with such layers or fields.
    static let refused: [(layers: String, more: String, text: String)] = [
        (layer(oci + "v1.tar+zstd"), "", "zstd"),
        (layer(oci + "v1.tar+gzip+encrypted"), "", "has no counterpart"),
        (layer("application/vnd.in-toto+json"), "", "attestation"),
        (layer(oci + "v1.tar"), #","artifactType":"application/x""#, "an artifact of type application/x"),
    ]

    @Test(arguments: refused.indices) func whatDockerCannotHoldIsRefused(position: Int) throws {
        let (layers, more, text) = Self.refused[position]
        let manifest = document(Self.manifest(.ociManifest, .ociConfig, layers, more), .ociManifest)
        do {
            _ = try convert([manifest], .docker)
            Issue.record("it was converted")
        } catch let error as BackendError {
            #expect(error.code == .unsupported && error.message.contains(text), "\(error)")
        }
        // OCI takes everything as it is.
        #expect(try convert([manifest], .oci).tree.root?.bytes == manifest.bytes)
    }

    @Test func anIndexFollowsItsChildren() throws {
        let annotated = #","annotations":{"k":"v"}"#
        let image = document(
            Self.manifest(.ociManifest, .ociConfig, Self.layer(Self.layers[1].oci), annotated), .ociManifest)
        let about = document(
            Self.manifest(.ociManifest, .ociConfig, Self.layer("application/vnd.in-toto+json")), .ociManifest)
        func entry(_ document: DocumentTree.Document, _ more: String) -> String {
            let descriptor = document.descriptor
            return
                #"{"mediaType":"\#(descriptor.mediaType)","digest":"\#(descriptor.digest)","size":\#(descriptor.size)\#(more)}"#
        }
        let platform = #","platform":{"architecture":"amd64","os":"linux"}"#
        let attested =
            #","annotations":{"vnd.docker.reference.digest":"\#(image.descriptor.digest)","vnd.docker.reference.type":"attestation-manifest"}"#
        let index = document(
            #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(entry(image, platform)),\#(entry(about, attested))]\#(annotated)}"#,
            .ociIndex)
        let (there, dropped) = try convert([image, about, index], .docker)
        #expect(there.documents.map(\.descriptor.mediaType) == [.dockerManifest, .dockerManifestList])
        let list = try Index(bytes: there.root?.bytes ?? [], mediaType: .dockerManifestList)
        #expect(list.manifests.map(\.digest) == [there.documents[0].descriptor.digest])
        #expect(list.manifests[0].platform?.architecture == "amd64" && list.annotations.isEmpty)
        #expect(list.manifests[0].size == Int64(there.documents[0].bytes.count))
        let (first, second, third) = (image.descriptor.digest, about.descriptor.digest, index.descriptor.digest)
        #expect(
            dropped == [
                "\(first): annotations",
                "\(second): an attestation or artifact with layers of type application/vnd.in-toto+json",
                "\(third): annotations",
            ])
        // The attestation's own blobs go with it.
        #expect(there.blobs.allSatisfy { $0.mediaType.isLayer || $0.mediaType == .dockerConfig })
        // Back in OCI's types what is about an image says so of the one that it is now.
        let mixed = document(
            #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(entry(there.documents[0], platform)),\#(entry(about, attested.replacing(first.description, with: there.documents[0].descriptor.digest.description)))]}"#,
            .ociIndex)
        let (back, _) = try convert([there.documents[0], about, mixed], .oci)
        let made = try Index(bytes: back.root?.bytes ?? [], mediaType: .ociIndex)
        #expect(made.manifests[0].digest == back.documents[0].descriptor.digest)
        #expect(
            made.manifests[1].annotations["vnd.docker.reference.digest"] == made.manifests[0].digest.description)
    }

    @Test func anIndexOfNothingThatDockerHoldsIsRefused() throws {
        let about = document(
            Self.manifest(.ociManifest, .ociConfig, Self.layer("application/vnd.in-toto+json")), .ociManifest)
        let index = document(
            #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(about.descriptor.json.compact)]}"#,
            .ociIndex)
        #expect(throws: BackendError.self) { try convert([about, index], .docker) }
    }
}
