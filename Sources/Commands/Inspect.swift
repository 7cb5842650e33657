package import ArgumentParser
import Backend
import GoTemplate
import JSON
import OCI
package import Shell
import Synchronization

/// `inspect IMAGE…`: Docker's inspect document.
package struct Inspect: Command {
    package static let declaration = CommandDeclaration(
        name: "inspect", category: .images, summary: "tell all about images, as docker inspect does",
        discussion: """
            --format gives a text for each image as Docker's client prints it: a Go template over Docker's document, typed
            as there. Where the typed document fails, the template runs once more over plain JSON, as Docker has it, so
            that fields of dsh's own can be named, too. `--format json` gives the documents on one line.

            --remote reads manifest and config from the registry and no layers; Size is then what it has of the image, packed.
            """,
        arguments: .localImage, input: .references, needs: "image",
        result: ResultShape(
            .array,
            [
                Field("Id", .digest, "digest of the image's config"),
                Field("RepoTags", .list, "its names"),
                Field("RepoDigests", .list, "repository@digest of what was pulled"),
                Field("Parent", .text, "empty: only images that an engine built have one"),
                Field("Comment", .text, "of the last step that made it"),
                Field("Created", .time, "when it was made, RFC 3339"),
                Field("DockerVersion", .text, "of the engine that built it, where the config says"),
                Field("Author", .text, "who made it"),
                Field(
                    "Config", .object, "how to run it: Env, Cmd, Entrypoint, ExposedPorts, Labels, User, …",
                    fields: InspectDocument.configFields),
                Field("Architecture", .text, "as amd64, arm64"),
                Field("Variant", .text, "of the architecture, where it has one"),
                Field("Os", .text, "as linux"),
                Field("OsVersion", .text, "where the image names one"),
                Field("Size", .bytes, "file bytes of all its layers"),
                Field(
                    "RootFS", .object, "{Type, Layers}: diff_ids, base first",
                    fields: [Field("Type", .text, "layers"), Field("Layers", .list, "diff_ids, base first")]),
                Field(
                    "Metadata", .object, "{LastTagTime}",
                    fields: [Field("LastTagTime", .time, "when it was last given a name")]),
                Field(
                    "Descriptor", .object, "mediaType, digest and size of what the name points to",
                    fields: [
                        Field("mediaType", .text, "of the manifest or index"),
                        Field("digest", .digest, "of the manifest or index"),
                        Field("size", .bytes, "of the manifest or index"),
                    ]),
                Field(
                    "Manifest", .object, "the manifest of the platform shown: config, layers, annotations",
                    fields: [
                        Field("Digest", .digest, "of the manifest"), Field("MediaType", .text, "of the manifest"),
                        Field("Layers", .list, "descriptors, base first"),
                        Field("Annotations", .map, "of the manifest"),
                    ]),
            ]),
        examples: [
            Example("inspect nginx | .[0].Config.ExposedPorts", "one part of it"),
            Example("inspect nginx node:20 | .[] | {Name: .RepoTags[0], User: .Config.User}", "a table of your own"),
            Example("inspect --format '{{json .Config.Env}}' nginx", "a text, as docker prints it"),
            Example("inspect --remote python:3.11 | .[0].Config.Labels", "without pulling it"),
        ])

    @Argument(help: "images: references or Ids") package var image: [String] = []
    @Option(name: [.short, .long], help: "a Go template, or json") package var format: String?
    @Option(help: "which image of a multi-platform one") package var platform: String?
    @Flag(help: "from the registries, without fetching layers") package var remote = false
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        if remote { return try await inspectRemote(context) }
        let names = try await context.requiredReferences(image, command: "inspect")
        let wanted = try platform.map(parsePlatform)
        let template = try template()
        var documents: [JSONValue] = []
        var failures: [ShellError] = []
        for name in names {
            do {
                documents.append(InspectDocument(try await context.backend.inspect(name, platform: wanted)).json)
            } catch {
                failures.append(ShellError(error))
            }
        }
        // Those that were found are told even when others were not.
        if !documents.isEmpty || failures.isEmpty { try await emit(documents, template, context) }
        if var first = failures.first {
            first.others = Array(failures.dropFirst())
            throw first
        }
    }

    /// The same documents out of what registries have: manifests and configs, several at a time.
    private func inspectRemote(_ context: CommandContext) async throws {
        let wanted = try platform.map(parsePlatform)
        let template = try template()
        let words = try context.words(image, command: "inspect")
        let registries = context.registries.with(try transport.choice())
        let failures = PartialFailures()
        var documents: [JSONValue] = []
        try await SideBySide(width: RegistryBackend.requestsAtOnce).run(
            next: words.next, stop: words.stop,
            work: { word in
                let reference = try? parseReference(word).taggedDefault
                return (
                    word,
                    await result {
                        let image = try await registries.image(
                            reference ?? parseReference(word), platform: wanted ?? .host)
                        return InspectDocument(try ImageDetail(image)).json
                    }
                )
            },
            take: { (word: String, document: Result<JSONValue, any Error>) in
                switch document {
                case .success(let document):
                    failures.succeeded()
                    documents.append(document)
                case .failure(let error): try failures.add(error, about: word)
                }
            })
        if !documents.isEmpty { try await emit(documents, template, context) }
        try failures.throwAny()
    }

    /// The template of `--format`; nil for none and for `json`. Throws a usage error with Docker's text.
    private func template() throws(ShellError) -> Template? {
        guard let format, !format.isEmpty, format != "json" else { return nil }
        do { return try Template(format) } catch {
            throw ShellError(error, placeholders: []).about(format)
        }
    }

    private func emit(_ documents: [JSONValue], _ template: Template?, _ context: CommandContext) async throws {
        if format == "json" { context.view.shape = ResultShape(.text) }
        guard let template else { return try await context.emit(.array(documents)) }
        context.view.shape = ResultShape(.text)
        for document in documents {
            let text: [UInt8]
            do { text = try template.inspect(document, as: DockerTypes.imageInspect) } catch {
                throw ShellError(error, placeholders: []).about(format ?? "")
            }
            try await context.emit(.string(String(decoding: text, as: UTF8.self)))
        }
    }
}

extension ImageDetail {
    /// What a registry tells about an image. Throws `unsupported` for what is none.
    fileprivate init(_ image: RemoteImage) throws(ShellError) {
        guard let config = image.config else {
            throw ShellError(
                .unsupported, "\(image.reference) is no image, but \(image.manifest.config.mediaType)",
                hint: "`manifest \(image.reference)` shows what it is")
        }
        let repository = image.reference.repository.familiar
        self.init(
            id: image.manifest.config.digest,
            references: image.reference.tag == nil ? [] : [image.reference.familiar],
            repositoryDigests: ["\(repository)@\(image.root.digest)"], descriptor: image.root,
            manifest: image.manifest, config: config, size: image.manifest.contentSize, lastTagged: nil)
    }
}

/// Docker's inspect document, field for field (moby `api/types/image/image_inspect.go`), and what dsh adds at its end.
struct InspectDocument {
    let json: JSONValue

    /// What `Config` has (moby `api/types/container/config.go`), for completion and checks.
    static let configFields = [
        Field("Hostname", .text, "host name"), Field("Domainname", .text, "domain name"),
        Field("User", .text, "user[:group] that runs it"), Field("AttachStdin", .boolean, "attach standard input"),
        Field("AttachStdout", .boolean, "attach standard output"),
        Field("AttachStderr", .boolean, "attach standard error"),
        Field("ExposedPorts", .map, "port/protocol to {}"), Field("Tty", .boolean, "has a terminal"),
        Field("OpenStdin", .boolean, "keeps standard input open"),
        Field("StdinOnce", .boolean, "closes it after the first client"),
        Field("Env", .list, "NAME=value"), Field("Cmd", .list, "default arguments"),
        Field("Healthcheck", .object, "how to see that it works"), Field("Image", .text, "what it was made from"),
        Field("Volumes", .map, "path to {}"), Field("WorkingDir", .text, "where it starts"),
        Field("Entrypoint", .list, "program"), Field("OnBuild", .list, "steps for images built on it"),
        Field("Labels", .map, "name to text"), Field("StopSignal", .text, "signal that ends it"),
        Field("Shell", .list, "shell of shell-form commands"),
    ]

    init(_ image: ImageDetail) {
        let config = image.config
        var object = JSONObject()
        object["Id"] = .string(image.id.description)
        object["RepoTags"] = .array(image.references.map(JSONValue.string))
        object["RepoDigests"] = .array(image.repositoryDigests.map(JSONValue.string))
        object["Parent"] = ""
        object["Comment"] = .string(config.history.last?.comment ?? "")
        object["Created"] = config.created.map(JSONValue.string) ?? .null
        object["DockerVersion"] = config.json["docker_version"] ?? ""
        object["Author"] = .string(config.author)
        object["Config"] = InspectDocument.config(config.config)
        object["Architecture"] = .string(config.json["architecture"]?.stringValue ?? "")
        if let variant = config.json["variant"]?.stringValue, !variant.isEmpty { object["Variant"] = .string(variant) }
        object["Os"] = .string(config.json["os"]?.stringValue ?? "")
        if let version = config.json["os.version"]?.stringValue { object["OsVersion"] = .string(version) }
        object["Size"] = .number(Double(image.size))
        object["RootFS"] = [
            "Type": config.json["rootfs"]?["type"] ?? "layers",
            "Layers": .array(config.diffIDs.map { .string($0.description) }),
        ]
        object["Metadata"] = ["LastTagTime": .string(image.lastTagged ?? "0001-01-01T00:00:00Z")]
        object["Descriptor"] = image.descriptor.json
        object["Manifest"] = [
            "Digest": .string(image.manifest.digest.description),
            "MediaType": .string(image.manifest.mediaType.rawValue),
            "Layers": .array(image.manifest.layers.map(\.json)),
            "Annotations": .object(
                image.manifest.annotations.sorted { $0.key < $1.key }.reduce(into: JSONObject()) {
                    $0[$1.key] = .string($1.value)
                }),
        ]
        json = .object(object)
    }

    /// The fields that Docker's own type always has, in its order, then what else the image says.
    private static func config(_ given: JSONValue) -> JSONValue {
        let defaults: [(String, JSONValue)] = [
            ("Hostname", ""), ("Domainname", ""), ("User", ""), ("AttachStdin", false), ("AttachStdout", false),
            ("AttachStderr", false),
        ]
        let afterPorts: [(String, JSONValue)] = [
            ("Tty", false), ("OpenStdin", false), ("StdinOnce", false), ("Env", .null), ("Cmd", .null),
        ]
        let last: [(String, JSONValue)] = [
            ("Image", ""), ("Volumes", .null), ("WorkingDir", ""), ("Entrypoint", .null), ("OnBuild", .null),
            ("Labels", .null),
        ]
        var object = JSONObject()
        for (key, value) in defaults { object[key] = given[key] ?? value }
        if let ports = given["ExposedPorts"], ports != .null { object["ExposedPorts"] = ports }
        for (key, value) in afterPorts { object[key] = given[key] ?? value }
        if let check = given["Healthcheck"], check != .null { object["Healthcheck"] = check }
        if let escaped = given["ArgsEscaped"] { object["ArgsEscaped"] = escaped }
        for (key, value) in last { object[key] = given[key] ?? value }
        for (key, value) in given.objectValue ?? JSONObject() where object[key] == nil { object[key] = value }
        return .object(object)
    }
}
