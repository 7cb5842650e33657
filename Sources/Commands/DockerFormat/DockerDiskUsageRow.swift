import Backend
import GoTemplate
import Units

/// A row of `docker system df` (docker/cli 28, `cli/command/formatter/disk_usage.go`).
struct DockerDiskUsageRow: DockerRow {
    var type: String
    var count = 0
    var active = 0
    var size: Int64 = 0
    var reclaimable: Int64 = 0

    static let columns = [
        ("Active", "ACTIVE"), ("Reclaimable", "RECLAIMABLE"), ("Size", "SIZE"), ("TotalCount", "TOTAL"),
        ("Type", "TYPE"),
    ].map { (placeholder: $0.0, title: $0.1) }

    /// The first row's, which is what errors name.
    static let type = DockerTypes.row("diskUsageImagesContext", columns.map(\.placeholder))

    func texts(_ style: DockerRowStyle) -> [(placeholder: String, text: String)] {
        let percent = size > 0 ? " (\(Int64(Double(reclaimable) * 100 / Double(size)))%)" : ""
        return [
            ("Active", String(active)),
            ("Reclaimable", HumanUnits.size(reclaimable, digits: 4) + percent),
            ("Size", HumanUnits.size(size, digits: 4)),
            ("TotalCount", String(count)),
            ("Type", type),
        ]
    }

    /// The rows that an engine without containers, volumes and build cache has.
    static func rows(_ usage: DiskUsage) -> [DockerDiskUsageRow] {
        [
            DockerDiskUsageRow(
                type: "Images", count: usage.imageCount, active: usage.activeCount, size: usage.layerBytes,
                reclaimable: usage.reclaimable)
        ] + ["Containers", "Local Volumes", "Build Cache"].map { DockerDiskUsageRow(type: $0) }
    }
}

extension DockerFormat {
    /// The format of `docker system df`: `source` is `--format`'s text, `table` where there is none.
    static func diskUsage(_ source: String) -> DockerFormat {
        switch source {
        case "table":
            DockerFormat(source: "table {{.Type}}\\t{{.TotalCount}}\\t{{.Active}}\\t{{.Size}}\\t{{.Reclaimable}}")
        case "raw":
            DockerFormat(
                source: "type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\n"
                    + "reclaimable: {{.Reclaimable}}\n")
        default: DockerFormat(source: source)
        }
    }
}
