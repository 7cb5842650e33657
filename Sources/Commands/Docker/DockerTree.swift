import Backend
import OCI
import Units

/// `docker images --tree` (docker/cli 28 `cli/command/image/tree.go`): each image with its platforms below it.
enum DockerTree {
    private struct Row {
        var name: String
        var id: String
        var size: String
        var contentSize: String
    }

    /// The table; a blank line stands between images.
    static func text(_ trees: [ImageTree]) -> String {
        var blocks: [[Row]] = []
        for tree in trees {
            let names = tree.names.isEmpty ? ["<untagged>"] : tree.names
            let total = tree.variants.reduce((size: Int64(0), content: Int64(0))) {
                ($0.size + $1.size + $1.contentSize, $0.content + $1.contentSize)
            }
            var rows = names.map { row($0, tree.digest.description, total.size, total.content) }
            for (place, variant) in tree.variants.enumerated() {
                let branch = place == tree.variants.count - 1 ? "└─ " : "├─ "
                rows.append(
                    row(
                        branch + variant.platform.description, variant.digest.description,
                        variant.size + variant.contentSize, variant.contentSize))
            }
            blocks.append(rows)
        }
        let width = max("IMAGE".count, blocks.joined().map(\.name.count).max() ?? 0)
        func line(_ row: Row) -> String {
            func right(_ text: String, _ width: Int) -> String {
                String(repeating: " ", count: max(0, width - text.count)) + text
            }
            let name = row.name + String(repeating: " ", count: width - row.name.count)
            let id = row.id + String(repeating: " ", count: max(0, 12 - row.id.count))
            return "\(name)   \(id)   \(right(row.size, 10))   \(right(row.contentSize, 12))\n"
        }
        let header = Row(name: "IMAGE", id: "ID", size: "DISK USAGE", contentSize: "CONTENT SIZE")
        return line(header) + blocks.map { $0.map(line).joined() }.joined(separator: "\n")
    }

    private static func row(_ name: String, _ id: String, _ size: Int64, _ content: Int64) -> Row {
        Row(
            name: name, id: DockerText.shortened(id: id), size: HumanUnits.size(size),
            contentSize: HumanUnits.size(content))
    }
}
