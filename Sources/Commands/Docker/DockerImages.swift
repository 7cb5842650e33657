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
            .listFormat(DockerImageRow.columns),
            .bool("no-trunc", nil, "Don't truncate output"), .bool("quiet", "q", "Only show image IDs"),
            .bool("tree", nil, "List multi-platform images as a tree (EXPERIMENTAL)"),
        ], arguments: .atMost(1), names: .localImage, plain: { $0.plain("images") }, isRepeatable: true,
        run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let words = call.words
        if words.isOn("tree") { return try await tree(call) }
        let (quiet, digests) = (words.isOn("quiet"), words.isOn("digests"))
        var source = words.string("format") ?? ""
        if source.isEmpty, !quiet { source = try await DockerSettings.load(call.session).imagesFormat }
        let format = DockerFormat.images(source.isEmpty ? "table" : source, quiet: quiet, digests: digests)
        let (filters, patterns) = try conditions(call)
        let query = ImageQuery(filters: filters, withSizes: format.mayShowSizes)
        var images = DockerImage.images(of: try await call.context.backend.images(query))
        // The client does not ask for these, and shows N/A.
        for place in images.indices { images[place].sharedSize = nil }
        if !patterns.isEmpty { images = images.compactMap { $0.named(patterns) } }
        let rows = DockerImage.rows(of: images, format: format, showsDigests: digests)
        try await call.outLines(
            try format.dockerLines(rows, DockerRowStyle(truncates: !words.isOn("no-trunc"))))
    }

    /// The conditions as the engine reads them (moby `daemon/images/images.go`): of several `dangling`, one true counts.
    /// The patterns of names stand apart.
    private static func conditions(
        _ call: DockerCall
    ) throws(ShellError) -> (filters: [ImageFilter], patterns: [String]) {
        var filters: [ImageFilter] = []
        var patterns = call.arguments
        var dangling: Bool?
        for text in call.words.list("filter") {
            do throws(ShellError) {
                switch try ImageFilter.parse(text) {
                case .dangling(let isWanted):
                    // The engine knows the two words only.
                    guard text.hasSuffix("true") || text.hasSuffix("false") else { throw ShellError(.usage, "") }
                    dangling = isWanted || dangling == true
                case .reference(let pattern): patterns.append(pattern)
                case let filter: filters.append(filter)
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
        if patterns.contains(where: { !GlobPattern.isValid($0) }) {
            throw DockerFailure.error("Error response from daemon: syntax error in pattern", code: .usage)
        }
        return (filters + (dangling.map { [.dangling($0)] } ?? []), patterns)
    }

    private static func tree(_ call: DockerCall) async throws {
        let others = [
            ("quiet", "--quiet"), ("no-trunc", "--no-trunc"), ("digests", "--show-digest"), ("format", "--format"),
        ]
        for (name, shown) in others
        where name == "format" ? call.words.string(name)?.isEmpty == false : call.words.isOn(name) {
            throw DockerFailure.error("\(shown) is not yet supported with --tree", code: .usage)
        }
        let (filters, patterns) = try conditions(call)
        let query = ImageQuery(filters: filters + patterns.map { .reference($0) })
        let isTerminal = call.session.console.showsOutput
        let width = isTerminal ? call.session.console.inputWidth ?? 80 : 80
        // Without --all images without a name are left out.
        let trees = try await call.context.backend.trees(query).filter { call.words.isOn("all") || !$0.names.isEmpty }
        try await call.out(DockerTree.text(trees, width: width, isBold: !isTerminal))
    }
}

extension DockerImage {
    /// The image with those of its names that a pattern fits, in the familiar form alone (distribution's `FamiliarMatch`);
    /// nil where there is none.
    fileprivate func named(_ patterns: [String]) -> DockerImage? {
        func fits(_ name: String) -> Bool { patterns.contains { GlobPattern.matches($0, name) } }
        var image = self
        image.repositories = repositories.compactMap { name, tags, digests in
            if fits(name) { return (name, tags, digests) }
            let (tags, digests) = (tags.filter { fits("\(name):\($0)") }, digests.filter { fits("\(name)@\($0)") })
            return tags.isEmpty && digests.isEmpty ? nil : (name, tags, digests)
        }
        return image.repositories.isEmpty ? nil : image
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
