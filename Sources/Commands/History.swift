package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `history IMAGE`: the steps that made an image, newest first.
package struct History: Command {
    package static let declaration = CommandDeclaration(
        name: "history", category: .images, summary: "show the steps that made an image, newest first",
        discussion: """
            A step without an Id was made elsewhere: docker shows it as <missing>.

            --format gives texts as Docker's client prints them, with Ids and commands cut unless --no-trunc is given: a Go
            template for each step, `table` before one for columns under a header, `table` alone. `--format json` gives
            the records one by one, each with Docker's ID, CreatedAt and CreatedSince too, and nothing cut.
            """,
        arguments: .localImage, input: .references, needs: "image",
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
            Example("history nginx | map(select(.Size > 1e6)) | .[] | {Size, CreatedBy}", "the steps that weigh"),
            Example("history --no-trunc --format '{{.CreatedBy}}' nginx", "the commands alone, as texts"),
        ])

    @Argument(help: "an image: a reference or an Id") package var image: [String] = []
    @Option(help: "which image of a multi-platform one") package var platform: String?
    @Option(help: "a Go template, `table TEMPLATE`, or table, json") package var format: String?
    @Flag(help: "whole Ids and commands in --format's texts (values are never truncated)") package var noTrunc = false
    @Flag(name: [.short, .long], help: "only the Ids") package var quiet = false
    @Flag(name: [.customShort("H"), .long], help: "sizes and ages in words in --format's texts: it is so anyway")
    package var human = false
    @Flag(help: "sizes as numbers and moments whole in --format's texts; also written --human=false")
    package var noHuman = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let names = try await context.requiredReferences(image, command: "history")
        let wanted = try platform.map(parsePlatform)
        for name in names {
            let rows = try await context.backend.history(name, platform: wanted)
            if let format, !format.isEmpty {
                let format = DockerFormat.history(format, quiet: quiet, isHuman: !noHuman)
                try await emit(rows, as: format, context)
            } else if quiet {
                context.view.shape = ResultShape(.array)
                try await context.emit(.array(rows.map { .string($0.id?.description ?? "<missing>") }))
            } else {
                try await context.emit(.array(rows.map(\.json)))
            }
        }
    }

    private func emit(_ rows: [HistoryRow], as format: DockerFormat, _ context: CommandContext) async throws {
        context.view.shape = ResultShape(.text)
        if format.source == "json" {
            for row in rows { try await context.emit(row.jsonWithPlaceholders) }
            return
        }
        let style = DockerRowStyle(truncates: !noTrunc, isHuman: !noHuman)
        for line in try format.lines(rows.map(\.dockerRow), style) { try await context.emit(.string(line)) }
    }
}

extension HistoryRow {
    var dockerRow: DockerHistoryRow {
        DockerHistoryRow(
            id: id?.description ?? "<missing>",
            created: created.flatMap { Timestamp($0)?.seconds } ?? DockerText.noTime, createdBy: createdBy, size: size,
            comment: comment)
    }

    /// The record with those of Docker's placeholders that it has under another name.
    fileprivate var jsonWithPlaceholders: JSONValue {
        var object = json.objectValue ?? JSONObject()
        for (placeholder, text) in dockerRow.texts(DockerRowStyle(truncates: false)) where object[placeholder] == nil {
            object[placeholder] = .string(text)
        }
        return .object(object)
    }

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
