import Backend
import Shell
import Units

/// `docker image prune`.
enum DockerImagePrune {
    static let command = DockerCommand(
        paths: ["image prune"], usage: "[OPTIONS]", summary: "Remove unused images",
        flags: [
            .bool("all", "a", "Remove all unused images, not just dangling ones"),
            .filter(nil, "Provide filter values (e.g. \"until=<timestamp>\")", keys: keys.sorted()),
            .bool("force", "f", "Do not prompt for confirmation"),
        ], arguments: .none, plain: { $0.plain("prune") }, run: run)

    private static let keys: Set<String> = ["dangling", "label", "label!", "until"]

    @Sendable private static func run(_ call: DockerCall) async throws {
        let all = call.words.isOn("all")
        let removed =
            all
            ? "all images without at least one container associated to them." : "all dangling images."
        if !call.words.isOn("force") {
            let question = "WARNING! This will remove \(removed)\nAre you sure you want to continue?"
            guard try await DockerConfirmation.asks(question, call) else { return }
        }
        let settings = try await DockerSettings.load(call.session)
        let report = try await prune(call.words.list("filter"), all: all, settings, call)
        try await call.out(report.text + "Total reclaimed space: \(HumanUnits.size(report.bytes, digits: 4))\n")
    }

    /// Removes images as the engine would, and words it as the client does: with a blank line below, or not at all.
    static func prune(
        _ filters: [String], all: Bool, _ settings: DockerSettings, _ call: DockerCall
    ) async throws -> (text: String, bytes: Int64) {
        var conditions = DockerPruneFilters(filters)
        conditions.add("dangling", all ? "false" : "true")
        conditions.add(configured: settings.pruneFilters)
        let steps = try await call.context.backend.prune(try conditions.request(all: all, keys: keys))
        call.meaning.add(rows: steps.map(PruneRow.json))
        var lines: [String] = []
        var bytes: Int64 = 0
        for step in steps {
            switch step.kind {
            case .reference: lines.append("untagged: \(step.subject)\n")
            case .image: lines.append("deleted: \(step.subject)\n")
            case .layer:
                lines.append("deleted: \(step.subject)\n")
                bytes += step.fileBytes ?? 0
            // What is left over of downloads is nothing that Docker knows of.
            case .blob, .file: break
            }
        }
        return lines.isEmpty ? ("", 0) : ("Deleted Images:\n" + lines.joined() + "\n", bytes)
    }
}
