import Backend
import OCI
import Units

/// `docker images --tree`: each image with its platforms below it, as the client prints it where there is no terminal
/// (docker/cli 28 `cli/command/image/tree.go`).
enum DockerTree {
    private struct Row {
        var name: String
        /// nil for a further name of an image, which stands alone on its line.
        var cells: (id: String, size: String, contentSize: String)?
    }

    /// The client's columns, but that of names: their titles are as wide as they are, or this wide.
    private static let titles = [("ID", 12), ("DISK USAGE", 10), ("CONTENT SIZE", 12), ("EXTRA", 5)]
    private static let gap = "   "

    /// The table, for `width` characters of a line. `isBold` puts in the escapes that the header has in Docker even in a file.
    static func text(_ trees: [ImageTree], width: Int, isBold: Bool) -> String {
        let blocks = trees.map(rows)
        let rest = titles.reduce(0) { $0 + $1.1 + gap.count }
        let wanted = blocks.joined().map(\.name.count).max() ?? 0
        let column = max("IMAGE".count, min(wanted, width - rest))
        let legend = "Info ->  U In Use "
        var text = "WARNING: This is an experimental feature. The output may change and shouldn't be depended on.\n"
        text += padded("", to: max(0, width - legend.count)) + legend + "\n\n"
        let header = [("IMAGE", column)] + titles
        text +=
            header.map { title, width in
                (isBold ? "\u{1B}[39m\u{1B}[1m\(title)\u{1B}[0m" : title) + padded("", to: width - title.count)
            }.joined(separator: gap).trimmingBlanks + "\n"
        for block in blocks { text += block.map { line($0, column) }.joined() + "\n" }
        return text
    }

    private static func rows(_ tree: ImageTree) -> [Row] {
        let size = tree.variants.reduce(Int64(0)) { $0 + $1.size + $1.contentSize }
        let content = tree.variants.reduce(Int64(0)) { $0 + $1.contentSize }
        let names = tree.names.isEmpty ? ["<untagged>"] : tree.names
        var rows = names.map { Row(name: $0) }
        rows[rows.count - 1].cells = cells(tree.digest, size, content)
        for (place, variant) in tree.variants.enumerated() {
            let branch = place == tree.variants.count - 1 ? "└─ " : "├─ "
            rows.append(
                Row(
                    name: branch + variant.platform.description,
                    cells: cells(variant.digest, variant.size + variant.contentSize, variant.contentSize)))
        }
        return rows
    }

    private static func cells(
        _ digest: Digest, _ size: Int64, _ content: Int64
    ) -> (id: String, size: String, contentSize: String) {
        (DockerText.shortened(id: digest.description), HumanUnits.size(size), HumanUnits.size(content))
    }

    private static func line(_ row: Row, _ column: Int) -> String {
        let name = row.name.count > column ? row.name.prefix(column - 1) + "…" : row.name[...]
        guard let (id, size, contentSize) = row.cells else { return name + "\n" }
        // Nothing here uses an image, so that the last column is empty.
        let cells = [
            padded(String(name), to: column), padded(id, to: 12), padded(size, to: 10, left: true),
            padded(contentSize, to: 12, left: true), padded("", to: 5),
        ]
        return cells.joined(separator: gap) + "\n"
    }

    private static func padded(_ text: String, to width: Int, left: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - text.count))
        return left ? blanks + text : text + blanks
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
