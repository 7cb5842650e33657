import GoTemplate
import Units

/// A row of `docker history` (docker/cli 28, `cli/command/image/formatter_history.go`).
struct DockerHistoryRow: DockerRow {
    /// The image's Id, or `<missing>`.
    var id: String
    /// Seconds since 1970.
    var created: Int64
    var createdBy: String
    var size: Int64
    var comment: String

    static let columns = [
        ("Comment", "COMMENT"), ("CreatedAt", "CREATED AT"), ("CreatedBy", "CREATED BY"), ("CreatedSince", "CREATED"),
        ("ID", "IMAGE"), ("Size", "SIZE"),
    ].map { (placeholder: $0.0, title: $0.1) }

    static let type = DockerTypes.row("historyContext", columns.map(\.placeholder), package: "image")

    /// Older steps have no age: builders that want the same result twice set such times.
    private static let year2000: Int64 = 946_684_800

    func texts(_ style: DockerRowStyle) -> [(placeholder: String, text: String)] {
        let moment = LocalTime(seconds: created).rfc3339
        let age = created <= Self.year2000 ? "N/A" : DockerText.age(seconds: created, at: style.now)
        let command = String(createdBy.map { $0 == "\t" ? " " : $0 })
        return [
            ("Comment", comment),
            ("CreatedAt", moment),
            ("CreatedBy", style.truncates ? DockerText.clipped(command, to: 45) : command),
            ("CreatedSince", style.isHuman ? age : moment),
            ("ID", style.truncates ? DockerText.shortened(id: id) : id),
            ("Size", style.isHuman ? HumanUnits.size(size) : String(size)),
        ]
    }
}

extension DockerFormat {
    /// The format of `docker history`: `source` is `--format`'s text, `table` where there is none.
    static func history(_ source: String, quiet: Bool, isHuman: Bool) -> DockerFormat {
        guard source == "table" else { return DockerFormat(source: source) }
        if quiet { return DockerFormat(source: "{{.ID}}") }
        let created = isHuman ? "{{.CreatedSince}}" : "{{.CreatedAt}}"
        return DockerFormat(source: "table {{.ID}}\\t\(created)\\t{{.CreatedBy}}\\t{{.Size}}\\t{{.Comment}}")
    }
}
