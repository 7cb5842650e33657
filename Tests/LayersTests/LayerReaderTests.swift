import Glibc
import OCI
import Testing

@testable import Layers

@Suite struct LayerReaderTests {
    let directory = TemporaryDirectory()

    private func file(_ name: String, _ bytes: [UInt8]) throws -> OpenFile {
        let path = directory.path + "/" + name
        do {
            let file = try OpenFile(path, flags: O_WRONLY | O_CREAT | O_TRUNC)
            try file.write(bytes)
        }
        return try OpenFile(path, flags: O_RDONLY)
    }

    @Test(arguments: LayerCompression.allCases)
    func tellsTheFacts(compression: LayerCompression) throws {
        let tar = TarWalkerTests.sample
        let blob =
            switch compression {
            case .none: tar
            case .gzip: try TarFixture.gzip(tar)
            case .zstd: TarFixture.zstd(tar)
            case .bzip2: try TarFixture.packed(tar, by: "bzip2")
            case .xz: try TarFixture.packed(tar, by: "xz")
            }
        let facts = try LayerReader.facts(
            of: try file("blob", blob), digest: .of(blob), mediaType: .ociLayerGzip,
            table: FileTableWriter(try OpenFile(directory.path + "/table", flags: O_WRONLY | O_CREAT)))
        #expect(
            facts
                == LayerFacts(
                    digest: .of(blob), diffID: .of(tar), compression: compression, packedBytes: Int64(blob.count),
                    unpackedBytes: Int64(tar.count), fileBytes: 708, entries: 7))
        #expect(LayerFacts(record: facts.record) == facts)
        var entries: [TarEntry] = []
        let table = try OpenFile(directory.path + "/table", flags: O_RDONLY).readAll(limit: 1 << 20)
        try FileTable.read(table) { entries.append($0) }
        #expect(entries == (try walk(tar).entries))
    }

    @Test func holdsToTheMediaTypeWhereAsked() throws {
        let blob = TarFixture.zstd(TarWalkerTests.sample)
        let strict = LayerLimits(requiresMediaType: true)
        #expect(throws: LayerError(.corrupt, "the layer is zstd, but its media type is \(MediaType.ociLayerGzip)")) {
            _ = try LayerReader.facts(
                of: try file("b", blob), digest: .of(blob), mediaType: .ociLayerGzip, limits: strict)
        }
        _ = try LayerReader.facts(of: try file("b", blob), digest: .of(blob), mediaType: .ociLayerZstd, limits: strict)
    }

    @Test func stopsWhenTold() throws {
        #expect(throws: LayerError.interrupted) {
            _ = try LayerReader.facts(
                of: try file("b", TarWalkerTests.sample), digest: .of([]), mediaType: .ociLayer, cancelled: { true })
        }
    }

    /// A table that was cut or changed anywhere is refused, and never traps.
    @Test func findsDamagedTablesAndRecords() throws {
        let blob = TarWalkerTests.sample
        let facts = try LayerReader.facts(
            of: try file("blob", blob), digest: .of(blob), mediaType: .ociLayer,
            table: FileTableWriter(try OpenFile(directory.path + "/table", flags: O_WRONLY | O_CREAT)))
        let table = try OpenFile(directory.path + "/table", flags: O_RDONLY).readAll(limit: 1 << 20)
        for length in 0..<table.count {
            #expect(throws: LayerError.self) { try FileTable.read(Array(table.prefix(length))) { _ in } }
            var damaged = table
            damaged[length] ^= 0x10
            #expect(throws: LayerError.self) { try FileTable.read(damaged) { _ in } }
        }
        for length in 0..<facts.record.count { #expect(LayerFacts(record: Array(facts.record.prefix(length))) == nil) }
    }

    @Test func refusesSumsThatDoNotFit() throws {
        let huge = TarFixture.pax([
            ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "9223372036854775807"),
        ])
        let blob = huge + TarFixture.entry("a") + huge + TarFixture.entry("b")
        #expect {
            _ = try LayerReader.facts(of: try file("b", blob), digest: .of(blob), mediaType: .ociLayer)
        } throws: {
            ($0 as? LayerError)?.code == .corrupt
        }
    }
}
