import Backend
import Foundation
import OCI
import Store
import Testing

@Suite struct UsageTests {
    @Test func countsImagesOnceAndFilesByPurpose() async throws {
        let fixture = try BackendFixture()
        #expect(try await fixture.backend.diskUsage().disk?.bytes == 0)
        let image = try fixture.add("a:1", "a:2")
        try fixture.add("b:1", config: #"{"architecture":"arm64","os":"linux"}"#)
        try fixture.store.writeBlob([1, 2], digest: .of([1, 2]))
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: fixture.store.path + "/ingest/sha256-x.partial"))
        let usage = try await fixture.backend.diskUsage()
        #expect(usage.imageCount == 2 && usage.activeCount == 0 && usage.layerBytes == 0)
        let disk = try #require(usage.disk)
        #expect(disk.blobs.count == 4 && disk.blobs.bytes > image.manifest.size + image.config.size)
        #expect(disk.unreferenced == DiskUsage.Part(count: 1, bytes: 2))
        #expect(disk.partials == DiskUsage.Part(count: 1, bytes: 3))
        #expect(disk.quarantine == DiskUsage.Part(count: 0, bytes: 0))
        #expect(disk.bytes > disk.blobs.bytes + disk.cache.bytes + 5)

        let images = try await fixture.backend.imageUsage()
        #expect(images.map(\.names) == [["a:1", "a:2"], ["b:1"]])
        #expect(images[0].diskSize == image.manifest.size + image.config.size && images[0].containers == 0)
    }

    @Test func infoNeedsNoNetworkAndTellsNoSecret() async throws {
        let fixture = try BackendFixture(
            registries: """
                [[registry]]
                prefix = "docker.io"
                location = "127.0.0.1:5"
                blocked = true
                [[registry.mirror]]
                location = "m.example/x"
                insecure = true
                """)
        try fixture.add("a:1", "a:2")
        let info = try await fixture.backend.info()
        #expect(info.name == "local" && info.storePath == fixture.store.path)
        #expect(info.referenceCount == 2 && info.imageCount == 1 && info.danglingCount == 0)
        #expect((info.freeBytes ?? 0) > 0)
        #expect(
            info.registries == [
                BackendInfo.Registry(
                    prefix: "docker.io", location: "127.0.0.1:5", insecure: nil, blocked: true,
                    mirrors: [BackendInfo.Registry.Mirror(location: "m.example/x", insecure: true, use: "all")])
            ])
        #expect(info.libraries.map(\.name) == ["curl", "openssl", "zstd"])
        #expect(info.libraries.allSatisfy { $0.version.first?.isNumber == true })
    }
}
