package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `referrers REFERENCE…`: what refers to images: signatures, SBOMs, attestations.
package struct Referrers: Command {
    package static let declaration = CommandDeclaration(
        name: "referrers", category: .registries,
        summary: "list what refers to images: signatures, SBOMs, attestations",
        discussion: """
            Asks the registry's referrers API, and where there is none looks for the index under the tag sha256-HEX that tools
            write instead; Source tells which it was. One record for each referrer.
            """,
        arguments: .remoteImage, input: .references, needs: "image",
        result: ResultShape(
            .stream,
            [
                Field("Reference", .text, "the referrer, as repository@digest", column: "REFERENCE"),
                Field("Digest", .digest, "of the referrer's manifest"),
                Field("ArtifactType", .text, "what it is; null where the registry does not say", column: "TYPE"),
                Field("MediaType", .text, "of its manifest"),
                Field("Size", .bytes, "of its manifest", column: "SIZE"),
                Field("Annotations", .map, "of its manifest, where the registry tells them"),
                Field("Subject", .text, "what was asked for", column: "SUBJECT"),
                Field("SubjectDigest", .digest, "the digest that it refers to"),
                Field("Source", .text, "api, or tag for the tag schema"),
            ]),
        examples: [
            Example("referrers nginx:1.25", "of one image"),
            Example("referrers --type application/spdx+json nginx:1.25 | .Digest", "its SBOMs"),
        ])

    @Argument(help: "images; no tag means latest") package var reference: [String] = []
    @Option(help: "only this artifact type") package var type: String?
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let words = try context.words(reference, command: "referrers")
        let registries = context.registries.with(try transport.choice())
        try await context.forEachWordManyValues(of: words, width: RegistryBackend.listsAtOnce) { word in
            let reference = try parseRemoteReference(word).taggedDefault
            let digest: Digest
            if let own = reference.digest {
                digest = own
            } else {
                digest = try await registries.resolve(reference).digest
            }
            let found = try await registries.referrers(of: digest, in: reference.repository, artifactType: type)
            return found.descriptors.map { descriptor in
                [
                    "Reference": .string("\(reference.repository.familiar)@\(descriptor.digest)"),
                    "Digest": .string(descriptor.digest.description),
                    "ArtifactType": descriptor.artifactType.map(JSONValue.string) ?? .null,
                    "MediaType": .string(descriptor.mediaType.rawValue), "Size": .number(Double(descriptor.size)),
                    "Annotations": .object(
                        descriptor.annotations.sorted { $0.key < $1.key }.reduce(into: JSONObject()) {
                            $0[$1.key] = .string($1.value)
                        }),
                    "Subject": .string(reference.familiar), "SubjectDigest": .string(digest.description),
                    "Source": .string(found.source.rawValue),
                ]
            }
        }
    }
}
