import Foundation
import JSON
import OCI
import Testing

@testable import Store

@Suite struct ArchiveWriterTests {
    /// Collects what a writer gives.
    private final class Bytes {
        var all: [UInt8] = []
        func append(_ bytes: UnsafeRawBufferPointer) { all += bytes }
    }

    private func writer(_ format: ArchiveFormat, _ bytes: Bytes) -> ArchiveWriter {
        ArchiveWriter(format) { bytes.append($0) }
    }

    private func image(_ names: [String]) throws -> (ArchivedImage, [[UInt8]]) {
        let layer = StoreFixture.layer("one")
        let config = StoreFixture.config([layer])
        let manifest: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue),
            "config": StoreFixture.descriptor(config, .ociConfig).json,
            "layers": [StoreFixture.descriptor(layer, .ociLayer).json],
        ]
        let bytes = Array(manifest.compact.utf8)
        let parsed = try Manifest(bytes: bytes)
        let references = try names.map { try Reference($0) }
        return (
            ArchivedImage(descriptor: parsed.descriptor, references: references, manifest: parsed),
            [layer, config, bytes]
        )
    }

    /// Names and contents of a tar of short names without pax headers.
    private func files(_ tar: [UInt8]) -> [(name: String, content: [UInt8])] {
        var found: [(name: String, content: [UInt8])] = []
        var start = 0
        while start + 512 <= tar.count, tar[start] != 0 {
            let name = String(decoding: tar[start..<(start + 100)].prefix { $0 != 0 }, as: UTF8.self)
            let digits = String(decoding: tar[(start + 124)..<(start + 135)], as: UTF8.self)
            let size = Int(digits, radix: 8) ?? 0
            found.append((name, Array(tar[(start + 512)..<(start + 512 + size)])))
            start += 512 + (size + 511) / 512 * 512
        }
        return found
    }

    @Test(arguments: ArchiveFormat.allCases) func holdsALayout(format: ArchiveFormat) throws {
        let (image, blobs) = try image(["nginx:1.25", "example.com/team/web:2", "nginx"])
        let bytes = Bytes()
        let writer = writer(format, bytes)
        for blob in blobs { try writer.writeBlob(blob, digest: .of(blob)) }
        // A second time it is there already.
        try writer.writeBlob(blobs[0], digest: .of(blobs[0]))
        #expect(writer.blobCount == 3)
        try writer.finish([image])
        #expect(bytes.all.count % 512 == 0)
        let files = files(bytes.all)
        let lists =
            format == .docker
            ? ["index.json", "manifest.json", "oci-layout", "repositories"] : ["index.json", "oci-layout"]
        #expect(
            files.map(\.name)
                == ["blobs/", "blobs/sha256/"] + blobs.map { "blobs/sha256/" + Digest.of($0).hex } + lists)
        let index = try JSONValue.parse(files.first { $0.name == "index.json" }?.content ?? [])
        let annotations = (index["manifests"]?.arrayValue ?? []).map { $0["annotations"] }
        #expect(
            annotations == [
                [
                    "io.containerd.image.name": "docker.io/library/nginx:1.25",
                    "org.opencontainers.image.ref.name": "1.25",
                ],
                ["io.containerd.image.name": "example.com/team/web:2", "org.opencontainers.image.ref.name": "2"],
                ["io.containerd.image.name": "docker.io/library/nginx"],
            ])
        guard format == .docker else { return }
        func text(_ name: String) -> String {
            String(decoding: files.first { $0.name == name }?.content ?? [], as: UTF8.self)
        }
        let (layer, config) = (Digest.of(blobs[0]).hex, Digest.of(blobs[1]).hex)
        #expect(
            text("manifest.json") == """
                [{"Config":"blobs/sha256/\(config)","RepoTags":["nginx:1.25","example.com/team/web:2"],\
                "Layers":["blobs/sha256/\(layer)"]}]

                """)
        #expect(
            text("repositories")
                == "{\"nginx\":{\"1.25\":\"\(layer)\"},\"example.com/team/web\":{\"2\":\"\(layer)\"}}\n")
    }

    @Test func refusesBlobsThatAreNotWhatTheyAreCalled() throws {
        let blob = Array("content".utf8)
        let cases: [(size: Int64, bytes: [UInt8], code: StoreError.Code)] = [
            (7, Array("contents".utf8), .corrupt), (7, Array("conten".utf8), .corrupt),
            (7, Array("contenT".utf8), .digestMismatch),
        ]
        for (size, bytes, code) in cases {
            let writer = writer(.oci, Bytes())
            let error = #expect(throws: StoreError.self) {
                try writer.beginBlob(.of(blob), size: size)
                try bytes.withUnsafeBytes { try writer.append($0) }
                try writer.endBlob()
            }
            #expect(error?.code == code)
            #expect(!writer.contains(.of(blob)))
        }
    }

    @Test func aLayoutInADirectoryIsAStore() throws {
        let fixture = try StoreFixture()
        let (image, blobs) = try image(["nginx:1.25"])
        let root = fixture.path + "/layout"
        let writer = ArchiveWriter(layoutAt: root)
        for blob in blobs { try writer.writeBlob(blob, digest: .of(blob)) }
        #expect(throws: StoreError.self) { try writer.writeBlob([1], digest: .of([2])) }
        try writer.finish([image])
        let store = try Store(path: root)
        #expect(try store.entries().map(\.reference) == [try Reference("nginx:1.25")])
        #expect(try store.readBlob(image.descriptor.digest) == blobs[2])
        let names = try FileManager.default.subpathsOfDirectory(atPath: root).sorted()
        #expect(!names.contains { $0.contains(".new-") }, "\(names)")
    }

    @Test func thePlanKnowsTheSize() throws {
        let (image, blobs) = try image(["nginx:1.25"])
        for format in ArchiveFormat.allCases {
            var plan = ArchivePlan()
            plan.images = [image]
            for blob in blobs { plan.add(.of(blob), ArchivePlan.Blob(size: Int64(blob.count), content: .made(blob))) }
            let bytes = Bytes()
            let fixture = try StoreFixture()
            try fixture.store.write(plan, to: writer(format, bytes))
            #expect(try plan.size(format) == Int64(bytes.all.count))
        }
    }

    @Test func anErrorOfTheSinkComesThroughThePacker() throws {
        for packing in [nil, ArchivePacking.gzip, .zstd] {
            let packer = try ArchivePacker(packing) { (_) throws(StoreError) in
                throw StoreError(.noSpace, "full")
            }
            let error = #expect(throws: StoreError.self) {
                let noise = (0..<(1 << 20)).map { _ in UInt8.random(in: 0...255) }
                try noise.withUnsafeBytes { try packer.append($0) }
                try packer.finish()
            }
            #expect(error?.code == .noSpace)
        }
    }
}
