package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `history IMAGE`: the steps that made an image, newest first.
package struct History: Command {
    package static let declaration = CommandDeclaration(
        name: "history", category: .images, summary: "show the steps that made an image, newest first",
        discussion: "A step without an Id was made elsewhere: docker shows it as <missing>.",
        arguments: .localImage, input: .references,
        result: ResultShape(
            .array,
            [
                Field("Id", .digest, "the image's Id at the newest step; <missing> below", column: "IMAGE"),
                Field("Created", .time, "when the step was made, RFC 3339", column: "CREATED"),
                Field("CreatedBy", .text, "the command that made it, whole", column: "CREATED BY"),
                Field("Size", .bytes, "file bytes that the step added", column: "SIZE"),
                Field("Comment", .text, "the builder's remark", column: "COMMENT"),
                Field("Tags", .list, "the image's names, at the newest step"),
                Field("Layer", .digest, "digest of the step's layer; null for a step without one"),
            ]),
        examples: [
            Example("history nginx | map(select(.Size > 1e6)) | .[] | {Size, CreatedBy}", "the steps that weigh")
        ])

    @Argument(help: "an image: a reference or an Id") package var image: [String] = []
    @Option(help: "which image of a multi-platform one") package var platform: String?
    @Flag(help: "as Docker: values are never truncated here") package var noTrunc = false
    @Flag(name: [.short, .long], help: "only the Ids") package var quiet = false
    @Option(name: [.customShort("H"), .long], help: "as Docker: only the table humanises") package var human = true

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let names = try await context.requiredReferences(image, command: "history")
        let wanted = try platform.map(parsePlatform)
        for name in names {
            let rows = try await context.backend.history(name, platform: wanted)
            if quiet {
                context.view.shape = ResultShape(.array)
                try await context.emit(.array(rows.map { .string($0.id?.description ?? "<missing>") }))
            } else {
                try await context.emit(.array(rows.map(\.json)))
            }
        }
    }
}

extension HistoryRow {
    /// The record as `history` declares it.
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object["Id"] = .string(id?.description ?? "<missing>")
        object["Created"] = created.map(JSONValue.string) ?? .null
        object["CreatedBy"] = .string(createdBy)
        object["Size"] = .number(Double(size))
        object["Comment"] = .string(comment)
        object["Tags"] = .array(tags.map(JSONValue.string))
        object["Layer"] = layer.map { .string($0.description) } ?? .null
        return .object(object)
    }
}
