package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `outdated [IMAGE…]`: which images are behind their registries.
package struct Outdated: Command {
    package static let declaration = CommandDeclaration(
        name: "outdated", category: .registries, summary: "tell which images of the store are behind their registries",
        discussion: """
            Asks each image's registry for the digest that its tag has now, with HEAD alone: nothing is fetched, and nothing is
            spent of a pull limit. Without arguments all images that have a tag are asked for. An image that its registry does
            not have, or not for you if it was never pulled from there, is `missing`. Those that cannot be asked for are
            reported at the end.
            """,
        arguments: .localImage, input: .references,
        result: ResultShape(
            .stream,
            [
                Field("Reference", .text, "the image", column: "REFERENCE"),
                Field("Status", .text, "current, outdated or missing", column: "STATUS"),
                Field("LocalDigest", .digest, "what is in the store", column: "LOCAL"),
                Field("RemoteDigest", .digest, "what the registry has now; null for none", column: "REMOTE"),
            ]),
        examples: [
            Example("outdated", "every image"),
            Example("outdated --only 'nginx*' | .Reference", "those that are behind"),
            Example("outdated --only | pull", "bring them up to date"),
        ])

    @Argument(help: "images, or patterns as `images` takes them; all where none is given") package var image: [String] =
        []
    @Flag(help: "only those that are behind") package var only = false
    @OptionGroup package var transport: TransportOptions

    package init() {}

    private struct Local: Sendable {
        let reference: Reference
        let digest: String
        let wasPulled: Bool
    }

    package func run(_ context: CommandContext) async throws {
        let here = try await local(context)
        let byName = Dictionary(here.map { ($0.reference.canonical, $0) }) { first, _ in first }
        let given = image.isEmpty && context.input == nil ? here.map(\.reference.familiar) : image
        let registries = context.registries.with(try transport.choice())
        if given.isEmpty, context.input == nil { return }
        let words = try context.words(given, command: "outdated")
        let progress = context.session.counts("images")
        try await context.forEachWordManyValues(
            of: words, width: RegistryBackend.requestsAtOnce, progress: progress
        ) { word in
            let exact = (try? Reference(word)).flatMap { byName[$0.taggedDefault.canonical] }
            let images = exact.map { [$0] } ?? here.filter { ImageFilter.matches(word, $0.reference) }
            guard !images.isEmpty else {
                throw ShellError(
                    .notFound, "no such image with a tag: \(word)", hint: "`images` lists what is here")
            }
            var rows: [JSONValue] = []
            for image in images {
                if let row = try await row(image, registries) { rows.append(row) }
            }
            return rows
        }
    }

    /// The images with a tag, each name once.
    private func local(_ context: CommandContext) async throws -> [Local] {
        let list = try await context.backend.images(ImageQuery(withSizes: false))
        return (0..<list.count).compactMap { place in
            list.withImage(place) { image in
                guard !image.reference.isEmpty,
                    let reference = try? Reference(String(decoding: image.reference, as: UTF8.self)),
                    reference.tag != nil, reference.digest == nil
                else { return nil }
                return Local(
                    reference: reference, digest: String(decoding: image.digest, as: UTF8.self),
                    wasPulled: !image.lastPulled.isEmpty)
            }
        }
    }

    /// nil for one that is current where only others are wanted.
    private func row(_ image: Local, _ registries: RegistryBackend) async throws -> JSONValue? {
        var remote: String?
        do throws(BackendError) {
            remote = try await registries.find(image.reference)?.digest.description
        } catch {
            // Docker Hub wants a login for what it does not have; an image made here need not be anywhere.
            let isClosed = error.code == .unauthorized || error.code == .denied
            guard isClosed, !image.wasPulled else {
                var named = error.about(image.reference.familiar)
                named.message = "\(image.reference.familiar): \(error.message)"
                throw named
            }
        }
        let status = remote == nil ? "missing" : remote == image.digest ? "current" : "outdated"
        if only, status != "outdated" { return nil }
        return [
            "Reference": .string(image.reference.familiar), "Status": .string(status),
            "LocalDigest": .string(image.digest), "RemoteDigest": remote.map(JSONValue.string) ?? .null,
        ]
    }
}
