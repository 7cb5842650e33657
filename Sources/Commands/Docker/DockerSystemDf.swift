import Backend
import GoTemplate
import JSON
import OCI
import Shell

/// `docker system df`.
enum DockerSystemDf {
    static let command = DockerCommand(
        paths: ["system df"], usage: "[OPTIONS]", summary: "Show docker disk usage",
        flags: [
            .listFormat(DockerDiskUsageRow.columns),
            .bool("verbose", "v", "Show detailed information on space usage"),
        ], arguments: .none, plain: { words in words.isGiven("format") ? nil : words.plain("df") },
        isRepeatable: true, run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let given = call.words.string("format") ?? ""
        let source = given.isEmpty ? "table" : given
        guard call.words.isOn("verbose") else {
            let usage = try await call.context.backend.diskUsage()
            return try await call.outLines(
                try DockerFormat.diskUsage(source).dockerLines(DockerDiskUsageRow.rows(usage)))
        }
        let rows = try await call.context.backend.imageUsage().map(DockerImageRow.init)
        guard source == "table" else { return try await show(rows, source, call) }
        let columns = [
            "Repository", "Tag", "ID", "CreatedSince", "Size", "SharedSize", "UniqueSize", "Containers",
        ]
        let template = "table " + columns.map { "{{.\($0)}}" }.joined(separator: "\\t")
        let images = try DockerFormat(source: template).dockerLines(rows)
        try await call.outLines(["Images space usage:", ""] + images + DockerSystemDf.empty)
    }

    /// The sections of what an engine without containers, volumes and build cache has none of.
    private static let empty: [String] = {
        func header(_ titles: String...) -> String {
            String(decoding: TabWriter.layOut(Array(titles.joined(separator: "\t").utf8)), as: UTF8.self)
        }
        return [
            "", "Containers space usage:", "",
            header("CONTAINER ID", "IMAGE", "COMMAND", "LOCAL VOLUMES", "SIZE", "CREATED", "STATUS", "NAMES"),
            "", "Local Volumes space usage:", "", header("VOLUME NAME", "LINKS", "SIZE"),
            "", "Build cache usage: 0B", "",
            header("CACHE ID", "CACHE TYPE", "SIZE", "CREATED", "LAST USED", "USAGE", "SHARED"),
        ]
    }()

    // MARK: Templates of --verbose

    private static let rawTemplate = """
        {{range .Images}}type: Image
        repository: {{ .Repository }}
        tag: {{.Tag}}
        digest: {{.Digest}}
        image_id: {{.ID}}
        created_at: {{.CreatedAt}}
        virtual_size: {{.Size}}

        {{end -}}
        """

    /// One document of all, which ends where the template does: without a line's end of its own.
    private static func show(_ rows: [DockerImageRow], _ source: String, _ call: DockerCall) async throws {
        let format = DockerFormat(source: source)
        let style = DockerRowStyle(truncates: format.isTable)
        let images = rows.map { row in
            JSONValue.object(
                JSONObject(distinct: row.texts(style).map { ($0.placeholder, JSONValue.string($0.text)) }))
        }
        let document = TemplateValue(
            ["Images": .array(images), "Containers": [], "Volumes": [], "BuildCache": []], as: DockerSystemDf.type)
        let template: Template
        do { template = try Template(source == "raw" ? rawTemplate : format.templateText) } catch {
            throw DockerFailure.template(error)
        }
        do throws(TemplateError) { _ = try template.bytes(document) } catch {
            // What was written before it failed stands; the failure itself is worded as the template's own.
            try await call.out(String(decoding: template.bytesBeforeFailure(document), as: UTF8.self))
            throw DockerFailure.error(error.message, code: ShellError.Code(rawValue: error.code))
        }
        try await call.out(String(decoding: template.bytesBeforeFailure(document), as: UTF8.self))
    }

    private static let type: TemplateType = {
        func list(_ name: String, _ row: TemplateType) -> TemplateType.Field { .init(name, .slice(row)) }
        func other(_ name: String) -> TemplateType { DockerTypes.row(name, []) }
        return .pointer(
            .structure(
                TemplateType.Structure(
                    "formatter.diskUsageContext",
                    [
                        list("Images", DockerImageRow.type), list("Containers", other("ContainerContext")),
                        list("Volumes", other("volumeContext")), list("BuildCache", other("buildCacheContext")),
                    ])))
    }()
}

extension DockerImageRow {
    /// The row of `docker system df --verbose`: with the first of the image's tags, and without a digest.
    fileprivate init(_ image: ImageUsage) {
        let tags = image.names.compactMap { try? Reference($0) }.filter { $0.digest == nil }
        let first = tags.min { $0.canonical.utf8.lexicographicallyPrecedes($1.canonical.utf8) }
        self.init(
            id: image.id.description, repository: first?.repository.familiar ?? "<none>", tag: first?.tag ?? "<none>",
            digest: "", created: image.created.flatMap { Timestamp($0)?.seconds } ?? DockerText.noTime,
            size: image.size ?? 0, sharedSize: image.sharedSize ?? 0, containers: Int64(image.containers))
    }
}
