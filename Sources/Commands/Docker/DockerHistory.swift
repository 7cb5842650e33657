import Backend
import Shell

/// `docker history`, `docker image history`.
enum DockerHistory {
    static let command = DockerCommand(
        paths: ["history", "image history"], usage: "[OPTIONS] IMAGE", summary: "Show the history of an image",
        aliases: "docker image history, docker history",
        flags: [
            .listFormat(DockerHistoryRow.columns),
            .bool("human", "H", "Print sizes and dates in human readable format", isOn: true),
            .bool("no-trunc", nil, "Don't truncate output"),
            .string(
                "platform", nil,
                "Show history for the given platform. Formatted as \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"),
            .bool("quiet", "q", "Only show image IDs"),
        ], arguments: .exactly(1), names: .localImage, plain: { $0.plain("history") }, isRepeatable: true,
        run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let words = call.words
        let isHuman = words.string("human") != "false"
        let platform = try words.string("platform").map(DockerPlatform.parse)
        let rows = try await call.context.backend.history(call.arguments[0], platform: platform)
        let source = words.string("format") ?? ""
        let format = DockerFormat.history(
            source.isEmpty ? "table" : source, quiet: words.isOn("quiet"), isHuman: isHuman)
        let style = DockerRowStyle(truncates: !words.isOn("no-trunc"), isHuman: isHuman)
        try await call.outLines(try format.dockerLines(rows.map(\.dockerRow), style))
    }
}
