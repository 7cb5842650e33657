import Backend
import GoTemplate

/// A row of `docker search` (docker/cli 28, `cli/command/registry/formatter_search.go`).
struct DockerSearchRow: DockerRow {
    var name: String
    var description: String
    var starCount: Int64
    var isOfficial: Bool
    /// Docker writes truth as `[OK]` or nothing, and as `true` or `false` where the whole row is JSON.
    var isJSON = false

    init(_ result: SearchResult) {
        name = result.name
        description = result.description
        starCount = result.starCount
        isOfficial = result.isOfficial
    }

    static let columns = [
        ("Description", "DESCRIPTION"), ("IsOfficial", "OFFICIAL"), ("Name", "NAME"), ("StarCount", "STARS"),
    ].map { (placeholder: $0.0, title: $0.1) }

    static let type = DockerTypes.row("searchContext", columns.map(\.placeholder), package: "registry")

    func texts(_ style: DockerRowStyle) -> [(placeholder: String, text: String)] {
        let line = String(
            String.UnicodeScalarView(description.unicodeScalars.map { "\r\n".unicodeScalars.contains($0) ? " " : $0 }))
        return [
            ("Description", style.truncates ? DockerText.clipped(line, to: 45) : line),
            ("IsOfficial", isOfficial ? (isJSON ? "true" : "[OK]") : (isJSON ? "false" : "")),
            ("Name", name),
            ("StarCount", String(starCount)),
        ]
    }
}

extension DockerFormat {
    /// The format of `docker search`: `source` is `--format`'s text, `table` where there is none.
    static func search(_ source: String) -> DockerFormat {
        guard source == "table" else { return DockerFormat(source: source) }
        return DockerFormat(source: "table {{.Name}}\\t{{.Description}}\\t{{.StarCount}}\\t{{.IsOfficial}}")
    }
}
