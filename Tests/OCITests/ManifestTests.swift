import JSON
import OCI
import Testing

@Suite struct ManifestTests {
    static let hex = String(repeating: "0f", count: 32)
    static let manifest = """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","x-unknown":[1],\
        "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:\(hex)","size":7},\
        "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:\(hex)","size":9}]}
        """

    @Test func keepsRawBytes() throws {
        let bytes = Array(ManifestTests.manifest.utf8)
        let manifest = try Manifest(bytes: bytes)
        #expect(manifest.bytes == bytes)
        #expect(manifest.digest == Digest.of(bytes))
        #expect(manifest.mediaType == .ociManifest)
        #expect(manifest.layers.map(\.size) == [9])
        #expect(manifest.isImage)
    }

    static let refused: [(String, String)] = [
        ("{}", "schemaVersion is not 2"), ("[]", "not a JSON object"), ("{", "not JSON"),
        (#"{"schemaVersion":1}"#, "schema 1"), (#"{"schemaVersion":2}"#, "lacks config or layers"),
        (#"{"schemaVersion":2,"config":{},"layers":[]}"#, "lacks mediaType, digest or size"),
        (#"{"schemaVersion":2,"mediaType":"text/html"}"#, "unsupported manifest media type"),
        (
            #"{"schemaVersion":2,"config":{"mediaType":"a","digest":"sha256:zz","size":1},"layers":[]}"#,
            "invalid digest"
        ),
        (
            "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a\",\"digest\":\"sha256:\(hex)\",\"size\":-1},\"layers\":[]}",
            "lacks mediaType, digest or size"
        ),
    ]

    @Test(arguments: refused) func refuses(_ text: String, _ part: String) {
        do {
            _ = try Manifest(bytes: Array(text.utf8))
            Issue.record("accepted \(text)")
        } catch { #expect(error.description.contains(part), "\(error)") }
    }

    @Test func refusesTypeConfusion() {
        #expect(throws: ManifestError.self) {
            try Manifest(bytes: Array(ManifestTests.manifest.utf8), mediaType: .dockerManifest)
        }
        #expect(throws: ManifestError.self) {
            try Index(bytes: Array(ManifestTests.manifest.utf8), mediaType: .ociIndex)
        }
        #expect(throws: ManifestError(.schema1)) {
            try Manifest(bytes: Array(ManifestTests.manifest.utf8), mediaType: .dockerSchema1Signed)
        }
    }

    @Test func indexSelectsImagesOnly() throws {
        func entry(_ os: String, _ architecture: String, _ digit: String, extra: String = "") -> String {
            """
            {"mediaType":"application/vnd.oci.image.manifest.v1+json","size":1,\
            "digest":"sha256:\(String(repeating: digit, count: 64))",\
            "platform":{"os":"\(os)","architecture":"\(architecture)"}\(extra)}
            """
        }
        let attestation = #","annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#
        let entries = [
            entry("unknown", "unknown", "1", extra: attestation), entry("linux", "arm64", "2"),
            entry("linux", "amd64", "3"),
        ]
        let text = "{\"schemaVersion\":2,\"manifests\":[\(entries.joined(separator: ","))]}"
        let index = try Index(bytes: Array(text.utf8), mediaType: .ociIndex)
        #expect(index.images.count == 2)
        #expect(try index.select(Platform("linux/amd64")).digest.hex.first == "3")
        #expect(
            throws: ManifestError(
                .noMatchingPlatform(wanted: "linux/s390x", available: ["linux/arm64", "linux/amd64"]))
        ) { try index.select(Platform("linux/s390x")) }
    }

    @Test func configChainsItsLayers() throws {
        let other = String(repeating: "1e", count: 32)
        let text = """
            {"architecture":"arm64","os":"linux","variant":"v8","created":"2024-01-02T03:04:05Z",
             "config":{"Labels":{"a":"b"},"Env":["X=1"]},
             "rootfs":{"type":"layers","diff_ids":["sha256:\(ManifestTests.hex)","sha256:\(other)"]},
             "history":[{"created_by":"ADD","created":"2024-01-01T00:00:00Z"},{"created_by":"CMD","empty_layer":true}]}
            """
        let config = try ImageConfig(bytes: Array(text.utf8))
        #expect(config.platform.description == "linux/arm64/v8")
        #expect(config.labels == ["a": "b"])
        #expect(config.history.map(\.isEmptyLayer) == [false, true])
        let chain = config.chainIDs
        #expect(chain[0].hex == ManifestTests.hex)
        #expect(chain[1] == Digest.of(Array("sha256:\(ManifestTests.hex) sha256:\(other)".utf8)))
    }
}
