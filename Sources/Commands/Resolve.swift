package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `resolve REFERENCE…`: what registries have for tags now.
package struct Resolve: Command {
    package static let declaration = CommandDeclaration(
        name: "resolve", category: .registries, summary: "tell the digest that a registry has for a tag now",
        discussion: """
            Asks with HEAD, which fetches nothing and does not count as a pull at registries that limit those. A reference
            with a digest is looked up as well. One that cannot be resolved does not stop the others.
            """,
        arguments: .remoteImage, input: .references, needs: "image",
        result: ResultShape(
            .stream,
            [
                Field("Reference", .text, "what was asked for", column: "REFERENCE"),
                Field("Digest", .digest, "of the manifest, or of the index where it is one", column: "DIGEST"),
                Field("MediaType", .text, "of the manifest or index", column: "TYPE"),
                Field("Size", .bytes, "of the manifest or index itself"),
                Field("Pinned", .text, "repository@digest"),
            ]),
        examples: [
            Example("resolve nginx:1.25", "one tag"),
            Example("resolve nginx node:20 | .Pinned", "references that never change"),
            Example("images nginx | resolve | {Reference, Digest}", "what is current for some that are here"),
        ])

    @Argument(help: "images to ask for; no tag means latest") package var reference: [String] = []
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let words = try context.words(reference, command: "resolve")
        let registries = context.registries.with(try transport.choice())
        try await context.forEachWord(of: words, width: RegistryBackend.requestsAtOnce) { word in
            let reference = try parseRemoteReference(word).taggedDefault
            let descriptor = try await registries.resolve(reference)
            return [
                "Reference": .string(reference.familiar), "Digest": .string(descriptor.digest.description),
                "MediaType": .string(descriptor.mediaType.rawValue), "Size": .number(Double(descriptor.size)),
                "Pinned": .string("\(reference.repository.familiar)@\(descriptor.digest)"),
            ]
        }
    }
}
