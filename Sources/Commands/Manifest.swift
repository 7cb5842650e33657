package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `manifest [inspect|raw] REFERENCE…`: manifests and indexes as registries have them.
package struct ManifestCommand: Command {
    package static let declaration = CommandDeclaration(
        name: "manifest", category: .registries, summary: "read manifests and indexes from registries",
        discussion: """
            `manifest REFERENCE` and `manifest inspect REFERENCE` give the document, `manifest raw REFERENCE` the bytes that the
            registry serves as one text: what the digest is of. --platform goes from an index to the manifest of one platform.
            """,
        arguments: .remoteImage, input: .references, needs: "image",
        result: ResultShape(
            .stream,
            [
                Field("schemaVersion", .number, "2"), Field("mediaType", .text, "of the document"),
                Field("config", .object, "descriptor of the config"),
                Field("layers", .list, "descriptors of the layers, base first"),
                Field("manifests", .list, "descriptors of an index's entries"),
                Field("annotations", .map, "of the document"),
                Field("subject", .object, "descriptor of what it refers to"),
            ]),
        examples: [
            Example("manifest nginx:1.25 | [(.layers // [])[] | .size] | add", "bytes of the layers"),
            Example("manifest inspect node:20 | (.manifests // [])[] | .platform", "the platforms of an index"),
            Example("manifest raw nginx:1.25", "the bytes themselves"),
        ])

    @Argument(help: "inspect or raw, then images; no tag means latest") package var words: [String] = []
    @Option(help: "of an index the manifest for this platform, as linux/arm64") package var platform: String?
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        try checkVerb()
        let isRaw = words.first == "raw"
        let references = isRaw || words.first == "inspect" ? Array(words.dropFirst()) : words
        let stream = try context.words(references, command: "manifest")
        let wanted = try platform.map(parsePlatform)
        let registries = context.registries.with(try transport.choice())
        if isRaw { context.view.shape = ResultShape(.text) }
        try await context.forEachWord(of: stream, width: RegistryBackend.requestsAtOnce) { word in
            let reference = try parseRemoteReference(word).taggedDefault
            var manifest = try await registries.manifest(reference)
            if let wanted { manifest = try await registries.manifest(manifest, for: wanted) }
            if isRaw { return try ManifestCommand.text(of: manifest) }
            do throws(JSONError) { return try JSONValue.parse(manifest.bytes) } catch {
                throw ShellError(.corrupt, "the manifest of \(word) is not JSON: \(error.message)")
            }
        }
    }

    /// Of several words the first may be a mistyped `inspect` or `raw`: nobody's registry is to be asked for that.
    private func checkVerb() throws(ShellError) {
        guard words.count > 1, let first = words.first, !["inspect", "raw"].contains(first),
            let meant = nearest(first, in: ["inspect", "raw"])
        else { return }
        throw ShellError(
            .usage, "manifest has no \(first)",
            hint: "did you mean `manifest \(meant)`? An image of that name is \(first):latest"
        ).about(first)
    }

    /// The bytes as they are; a text that is no UTF-8 could not come out the same.
    private static func text(of manifest: RemoteManifest) throws(ShellError) -> JSONValue {
        guard let text = String(validating: manifest.bytes, as: UTF8.self) else {
            throw ShellError(
                .corrupt, "the manifest of \(manifest.reference) is not UTF-8, and so no text",
                hint: "its digest is \(manifest.descriptor.digest); whoever pushed it should make it anew")
        }
        return .string(text)
    }
}
