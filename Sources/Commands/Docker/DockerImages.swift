import Backend
import Shell

/// `docker images`, `docker image ls`.
enum DockerImages {
    static let command = DockerCommand(
        paths: ["images", "image ls"], synonyms: ["image list": "image ls"], usage: "[OPTIONS] [REPOSITORY[:TAG]]",
        summary: "List images", aliases: "docker image ls, docker image list, docker images",
        flags: [
            .bool("all", "a", "Show all images (default hides intermediate images)"),
            .bool("digests", nil, "Show digests"),
            .filter("f", "Filter output based on conditions provided", keys: ImageFilter.keys),
            .string("format", nil, DockerFlag.listFormat),
            .bool("no-trunc", nil, "Don't truncate output"), .bool("quiet", "q", "Only show image IDs"),
            .bool("tree", nil, "List multi-platform images as a tree (EXPERIMENTAL)"),
        ], arguments: .atMost(1), names: .localImage, plain: { $0.plain("images") }, run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let words = call.words
        if words.isOn("tree") { return try await tree(call) }
        let (quiet, digests) = (words.isOn("quiet"), words.isOn("digests"))
        var source = words.string("format") ?? ""
        if source.isEmpty, !quiet { source = try await DockerSettings.load(call.session).imagesFormat }
        let format = DockerFormat.images(source.isEmpty ? "table" : source, quiet: quiet, digests: digests)
        var query = ImageQuery(reference: call.arguments.first, filters: try filters(words.list("filter")))
        query.withSizes = format.mayShowSizes
        var images = DockerImage.images(of: try await call.context.backend.images(query))
        // The client does not ask for these, and shows N/A.
        for place in images.indices { images[place].sharedSize = nil }
        let rows = DockerImage.rows(of: images, format: format, showsDigests: digests)
        try await call.outLines(
            try format.dockerLines(rows, DockerRowStyle(truncates: !words.isOn("no-trunc"))))
    }

    /// The conditions as the engine reads them (moby `daemon/images/images.go`): of several `dangling`, one true counts.
    static func filters(_ texts: [String]) throws(ShellError) -> [ImageFilter] {
        var filters: [ImageFilter] = []
        var dangling: Bool?
        for text in texts {
            do throws(ShellError) {
                let filter = try ImageFilter.parse(text)
                if case .dangling(let isWanted) = filter {
                    dangling = isWanted || dangling == true
                } else {
                    filters.append(filter)
                }
            } catch {
                let name = text.prefix { $0 != "=" }.filter { $0 != " " }.lowercased()
                let value = text.drop { $0 != "=" }.dropFirst()
                let words =
                    switch name {
                    case "dangling": "Invalid filter 'dangling=[\(value)]'"
                    case "until": error.message
                    default: "Invalid filter '\(name)'"
                    }
                throw DockerFailure.error("Error response from daemon: \(words)", code: .usage)
            }
        }
        return filters + (dangling.map { [.dangling($0)] } ?? [])
    }

    private static func tree(_ call: DockerCall) async throws {
        let others = [
            ("quiet", "--quiet"), ("no-trunc", "--no-trunc"), ("digests", "--show-digest"), ("format", "--format"),
        ]
        for (name, shown) in others
        where name == "format" ? call.words.string(name)?.isEmpty == false : call.words.isOn(name) {
            throw DockerFailure.error("\(shown) is not yet supported with --tree", code: .usage)
        }
        let query = ImageQuery(
            reference: call.arguments.first, filters: try filters(call.words.list("filter")))
        try await call.out(DockerTree.text(try await call.context.backend.trees(query)))
    }
}

extension DockerFormat {
    /// As `lines`, with failures worded as Docker's client words them.
    func dockerLines<Row: DockerRow>(
        _ rows: [Row], _ style: DockerRowStyle = DockerRowStyle()
    ) throws(ShellError) -> [String] {
        do { return try lines(rows, style) } catch { throw DockerFailure.error(error.message, code: error.code) }
    }
}
