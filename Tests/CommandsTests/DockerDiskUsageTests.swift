import Backend
import Testing

@testable import Commands

/// `docker system df` as docker/cli 28 prints it.
@Suite struct DockerDiskUsageTests {
    private let usage = DiskUsage(
        imageCount: 5, activeCount: 0, layerBytes: 2_916_576, reclaimable: 2_916_576, disk: nil)

    @Test func tables() throws {
        let lines = try DockerFormat.diskUsage("table").lines(DockerDiskUsageRow.rows(usage))
        #expect(
            lines == [
                "TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE",
                "Images          5         0         2.917MB   2.917MB (100%)",
                "Containers      0         0         0B        0B",
                "Local Volumes   0         0         0B        0B",
                "Build Cache     0         0         0B        0B",
            ])
        let json = try DockerFormat.diskUsage("json").lines(DockerDiskUsageRow.rows(usage))
        #expect(
            json[0]
                == #"{"Active":"0","Reclaimable":"2.917MB (100%)","Size":"2.917MB","TotalCount":"5","Type":"Images"}"#)
        let raw = try DockerFormat.diskUsage("raw").lines(DockerDiskUsageRow.rows(usage))
        #expect(raw[1] == "type: Containers\ntotal: 0\nactive: 0\nsize: 0B\nreclaimable: 0B\n")
    }

    @Test(arguments: [(0, 0, "0B"), (1000, 1000, "1kB (100%)"), (1000, 999, "999B (99%)"), (3, 1, "1B (33%)")])
    func shares(_ size: Int64, _ reclaimable: Int64, _ text: String) throws {
        let row = DockerDiskUsageRow(type: "Images", size: size, reclaimable: reclaimable)
        #expect(try DockerFormat(source: "{{.Reclaimable}}").lines([row]) == [text])
    }
}
