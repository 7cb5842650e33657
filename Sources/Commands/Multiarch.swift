package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `multiarch create|add|remove|annotate|inspect`: multi-platform images in registries.
package struct Multiarch: Command {
    package static let declaration = CommandDeclaration(
        name: "multiarch", category: .registries, summary: "make and change multi-platform images in registries",
        discussion: """
            `multiarch create NAME IMAGE…` makes one of single images, each for the platform that its config says: two for one
            platform are an error. `multiarch add NAME IMAGE…` adds some to it, and what it has for the same platform gives way.
            Images of other repositories are copied there first. `multiarch remove NAME` takes away what --platform or --digest
            names, but not the last that there is (`rmi --remote NAME` does), `multiarch annotate NAME` sets what --annotation says
            of the index, or of the entry that --platform or --digest names, and `multiarch inspect NAME` lists the entries.
            A single image is an error for all but create: `annotate` and `manifest` are for both.
            The name points to a new digest then; the index that it pointed to before stays under its own.
            """,
        arguments: .remoteImage,
        result: ResultShape(
            .stream,
            [
                Field("Reference", .text, "the name of the index", column: "REFERENCE"),
                Field("Digest", .digest, "of the index", column: "DIGEST"),
                Field("MediaType", .text, "of the index"),
                Field("Previous", .digest, "what the name pointed to before; null for a new one"),
                Field(
                    "Status", .text, "written, unchanged, planned (--dry-run) or current (inspect)", column: "STATUS"),
                Field(
                    "Manifests", .list, "what it lists",
                    fields: [
                        Field("Digest", .digest, "of the entry"), Field("MediaType", .text, "of the entry"),
                        Field("Size", .bytes, "of the manifest itself"),
                        Field("Platform", .text, "os/architecture[/variant]; null where it says none"),
                        Field("Annotations", .map, "of the entry"),
                    ]),
            ]),
        examples: [
            Example("multiarch inspect nginx:1.25 | .Manifests[].Platform", "what is in one"),
            Example(
                "multiarch create registry.example.com/app:1 registry.example.com/app:1-amd64 registry.example.com/app:1-arm64",
                "one name for two builds"),
            Example(
                "multiarch remove registry.example.com/app:1 --platform linux/arm64 --dry-run", "without one platform"),
        ])

    @Argument(help: "create, add, remove, annotate or inspect; the index; for the first two the images")
    package var words: [String] = []
    @Option(help: "the entries for this platform, as linux/arm64") package var platform: [String] = []
    @Option(help: "the entry of this digest") package var digest: [String] = []
    @Option(help: "an annotation to set, as key=value; key= takes it away") package var annotation: [String] = []
    @Flag(help: "write nothing; say what would be written") package var dryRun = false
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        guard words.count >= 2, ["create", "add", "remove", "annotate", "inspect"].contains(words[0]) else {
            throw ShellError(
                .usage, "multiarch takes create, add, remove, annotate or inspect, and the name of an index",
                hint: "as in `multiarch inspect nginx:1.25`; `help multiarch` tells more")
        }
        let target = try parseReference(words[1]).taggedDefault
        let images = try words.dropFirst(2).map { word throws(ShellError) in try parseReference(word).taggedDefault }
        let takesImages = words[0] == "create" || words[0] == "add"
        guard takesImages != images.isEmpty else {
            throw ShellError(
                .usage,
                takesImages ? "multiarch \(words[0]) needs at least one image" : "multiarch \(words[0]) takes one name")
        }
        guard target.digest == nil || words[0] == "inspect" else {
            throw ShellError(.usage, "a changed index has another digest: name a tag")
        }
        let registries = context.registries.with(try transport.choice())
        if words[0] == "inspect" {
            let manifest = try await registries.index(target)
            let result = IndexResult(
                reference: target, digest: manifest.descriptor.digest, mediaType: manifest.descriptor.mediaType,
                previous: nil, bytes: manifest.bytes, isPlan: false)
            return try await context.emit(IndexRecord.json(result, status: "current"))
        }
        let changes = try AnnotationArgument.parse(annotation)
        let selections = try selections()
        let verb = words[0]
        let result = try await registries.withTransfers(
            TransferOptions(dryRun: dryRun), events: SilentTransfer()
        ) { transfers in
            switch verb {
            case "create": return try await transfers.createIndex(target, of: images, annotations: changes)
            case "add": return try await transfers.addToIndex(target, images)
            case "remove":
                guard !selections.isEmpty else {
                    throw ShellError(.usage, "multiarch remove needs --platform or --digest")
                }
                return try await transfers.removeFromIndex(target, selections)
            default:
                guard !changes.isEmpty, selections.count <= 1 else {
                    throw ShellError(
                        .usage, "multiarch annotate needs --annotation, and at most one --platform or --digest")
                }
                return try await transfers.annotateIndex(target, changes, entries: selections.first)
            }
        }
        try await context.emit(IndexRecord.json(result))
    }

    private func selections() throws(ShellError) -> [IndexSelection] {
        var all: [IndexSelection] = []
        for text in platform { all.append(IndexSelection(platform: try parsePlatform(text))) }
        for text in digest {
            guard let digest = try? Digest(text) else {
                throw ShellError(.usage, "--digest takes sha256: and 64 digits, not \(text)")
            }
            all.append(IndexSelection(digest: digest))
        }
        return all
    }
}

/// The record of an index or manifest that was written.
enum IndexRecord {
    static func json(_ result: IndexResult, status: String? = nil) -> JSONValue {
        let entries = (try? JSONValue.parse(result.bytes))?["manifests"]?.arrayValue ?? []
        let isSame = result.previous == result.digest
        return [
            "Reference": .string(result.reference.familiar), "Digest": .string(result.digest.description),
            "MediaType": .string(result.mediaType.rawValue),
            "Previous": result.previous.map { .string($0.description) } ?? .null,
            "Status": .string(status ?? (isSame ? "unchanged" : result.isPlan ? "planned" : "written")),
            "Manifests": .array(
                entries.compactMap { try? Descriptor(json: $0) }.map { entry in
                    var annotations = JSONObject()
                    for key in entry.annotations.keys.sorted() {
                        annotations[key] = .string(entry.annotations[key] ?? "")
                    }
                    return [
                        "Digest": .string(entry.digest.description), "MediaType": .string(entry.mediaType.rawValue),
                        "Size": .number(Double(entry.size)),
                        "Platform": entry.platform.map { .string($0.description) } ?? .null,
                        "Annotations": .object(annotations),
                    ]
                }),
        ]
    }
}

/// `key=value` words of annotations.
enum AnnotationArgument {
    /// Throws a usage error for a word without `=` or without a key. No value takes the annotation away.
    static func parse(_ words: [String]) throws(ShellError) -> [(String, String?)] {
        var changes: [(String, String?)] = []
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw ShellError(
                    .usage, "an annotation is key=value, not \(word)",
                    hint: "as in org.opencontainers.image.revision=1f3a9c")
            }
            changes.append((parts[0], parts[1].isEmpty ? nil : parts[1]))
        }
        return changes
    }
}
