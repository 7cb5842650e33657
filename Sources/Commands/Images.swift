package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `images [REPOSITORY[:TAG]]`: what the store holds.
package struct Images: Command {
    package static let declaration = CommandDeclaration(
        name: "images", category: .images, summary: "list the images in the store, newest first",
        discussion: """
            One record for each name, and one for each image without a name (Dangling). A pattern works as Docker's
            reference filter does: `*` stops at a slash. Values are whole; only the table shortens them. What is no image,
            such as a Helm chart, is listed as well: it has no platform, and its Size counts its blobs as they are stored.

            --format gives texts as Docker's client prints them: a Go template for each row, `table` before one for columns
            under a header, `raw` or `table` alone. `--format json` gives the records one by one, each with Docker's ID,
            CreatedAt and CreatedSince too; nothing in them is shortened.

            --tree gives `{Reference, Names, Id, Digest, Created, Size, ContentSize, Available, Dangling, Platforms}` for each
            image, where Platforms holds `{Platform, Id, Digest, Size, ContentSize, Available}`: Size counts the files of
            what is here, ContentSize its bytes on this disk.
            """,
        arguments: .localImage, result: shape(digests: false),
        examples: [
            Example("images | sort_by(-.Size)[:5] | .[] | {Reference, Size}", "the five largest"),
            Example("images | map(.Size) | add", "bytes in all, shared layers counted each time"),
            Example("images --filter dangling=true", "images without a name"),
            Example("images --format '{{.Repository}}:{{.Tag}} {{.Size}}'", "texts, as docker prints them"),
            Example("images --format 'table {{.ID}}\\t{{.CreatedSince}}'", "columns of your own"),
        ])

    @Argument(help: "repository or repository:tag, a pattern") package var repository: String?
    @Flag(name: [.short, .long], help: "as Docker: this store has no hidden intermediate images") package var all =
        false
    @Flag(help: "show digests in the table (values always have them)") package var digests = false
    @Option(help: "a Go template, `table TEMPLATE`, or table, json, raw") package var format: String?
    @Option(
        name: [.short, .long], parsing: .singleValue,
        help: "KEY=VALUE: before, dangling, label, label!, reference, since, until")
    package var filter: [String] = []
    @Flag(help: "whole Ids in --format's texts (values are never truncated)") package var noTrunc = false
    @Flag(name: [.short, .long], help: "only the Ids, each once") package var quiet = false
    @Flag(help: "each image with its platforms below it, and what of it is on this disk") package var tree = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        var filters: [ImageFilter] = []
        for text in filter {
            do throws(ShellError) { filters.append(try ImageFilter.parse(text)) } catch { throw error.about(text) }
        }
        var query = ImageQuery(reference: repository, filters: filters)
        if tree {
            try rejectFlagsBesideTree()
            context.view.shape = ImageTree.shape
            return try await context.emit(.array(try await context.backend.trees(query).map(\.json)))
        }
        if let format, !format.isEmpty {
            let format = DockerFormat.images(format, quiet: quiet, digests: digests)
            query.withSizes = format.mayShowSizes
            return try await emit(try await context.backend.images(query), as: format, context)
        }
        query.withSizes = !quiet
        let images = try await context.backend.images(query)
        if quiet {
            context.view.shape = ResultShape(.array)
            return try await context.emit(.array(images.ids.map(JSONValue.string)))
        }
        if digests { context.view.shape = Images.shape(digests: true) }
        try await context.emit(.array(images.records.map(JSONValue.object)))
    }

    /// Docker's own limits.
    private func rejectFlagsBesideTree() throws(ShellError) {
        let others = [
            (quiet, "--quiet"), (noTrunc, "--no-trunc"), (digests, "--show-digest"),
            (!(format ?? "").isEmpty, "--format"),
        ]
        guard let (_, name) = others.first(where: \.0) else { return }
        throw ShellError(
            .usage, "\(name) is not yet supported with --tree", hint: "the tree's values hold everything whole")
    }

    private func emit(_ images: ImageList, as format: DockerFormat, _ context: CommandContext) async throws {
        context.view.shape = ResultShape(.text)
        if format.source == "json" {
            for (place, record) in images.records.enumerated() {
                try await context.emit(.object(images.withImage(place) { Images.addPlaceholders(of: $0, to: record) }))
            }
            return
        }
        let rows = DockerImage.rows(of: DockerImage.images(of: images), format: format, showsDigests: digests)
        for line in try format.lines(rows, DockerRowStyle(truncates: !noTrunc)) {
            try await context.emit(.string(line))
        }
    }

    /// The record with those of Docker's placeholders that it has under another name.
    private static func addPlaceholders(of image: ListedImage, to record: JSONObject) -> JSONObject {
        var object = record
        let row = DockerImageRow(
            id: String(decoding: image.id, as: UTF8.self), repository: "", tag: "", digest: "",
            created: DockerImage.created(image), size: 0)
        for (placeholder, text) in row.texts(DockerRowStyle(truncates: false)) where object[placeholder] == nil {
            if ["ID", "CreatedAt", "CreatedSince"].contains(placeholder) { object[placeholder] = .string(text) }
        }
        return object
    }

    private static func shape(digests: Bool) -> ResultShape {
        ResultShape(
            .array,
            [
                Field("Reference", .text, "familiar name; null for a dangling image"),
                Field("Repository", .text, "familiar repository; <none> without a name", column: "REPOSITORY"),
                Field("Tag", .text, "tag; <none> without one", column: "TAG"),
                Field(
                    "Digest", .digest, "what the registry served: of the index, where it was one",
                    column: digests ? "DIGEST" : nil),
                Field("Id", .digest, "digest of the image's config", column: "IMAGE ID"),
                Field("Created", .time, "when it was made, RFC 3339", column: "CREATED"),
                Field("Size", .bytes, "file bytes of all its layers", column: "SIZE"),
                Field("SharedSize", .bytes, "of those, in layers that other images have too"),
                Field("UniqueSize", .bytes, "of those, in layers of this image alone"),
                Field("Containers", .number, "containers that use it; -1 where nothing runs any"),
                Field("Platform", .text, "os/architecture[/variant]", column: "PLATFORM"),
                Field("Labels", .map, "labels of the image"),
                Field("Dangling", .boolean, "it has no name"),
                Field("LastPulled", .time, "when dsh pulled it last; null if it never did"),
            ])
    }
}

extension ImageList {
    /// The records as `images` declares them: the members come in the order of its fields.
    fileprivate var records: [JSONObject] {
        let records = JSONRecords(keys: Images.declaration.result.fields.map(\.name)) { place, take in
            withImage(place) { image in
                func text(_ bytes: UnsafeRawBufferPointer, _ otherwise: JSONMember = .null) -> JSONMember {
                    bytes.isEmpty ? otherwise : .text(bytes)
                }
                func number(_ value: Int64?) -> JSONMember { value.map { .number(Double($0)) } ?? .null }
                let isReference = !image.reference.isEmpty
                take(text(isReference ? image.reference : image.name))
                take(text(isReference ? image.repository : image.name, .text("<none>")))
                take(text(image.tag, .text("<none>")))
                take(.text(image.digest))
                take(.text(image.id))
                take(text(image.created))
                take(number(image.size))
                take(number(image.sharedSize))
                take(number(image.size.flatMap { size in image.sharedSize.map { size - $0 } }))
                take(.number(-1))
                take(text(image.platform))
                image.labels.withUnsafeBufferPointer { take(.texts($0)) }
                take(.bool(image.isDangling))
                take(text(image.lastPulled))
            }
        }
        return (0..<count).map { JSONObject(record: $0, of: records) }
    }
}
