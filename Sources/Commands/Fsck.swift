package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `fsck [IMAGE…]`: checks that what is stored is whole.
package struct Fsck: Command {
    package static let declaration = CommandDeclaration(
        name: "fsck", category: .images, summary: "check that images are whole, and put aside what is damaged",
        discussion: """
            A record for each image, and one for everything else that there is something to say of: damaged or absent
            blobs, files that do not belong, and (Ok, since nothing is wrong with them) partial downloads and blobs that
            nothing needs. Every blob is read and its digest compared; --quick only looks whether blobs are there in
            their size. With images named, those alone are checked.

            --repair puts damaged blobs aside, so that the next pull fetches them again, and writes a lost oci-layout.
            The exit status is 1 where something is wrong, also where it was repaired: an image is whole again only when
            it was pulled.
            """,
        arguments: .localImage, input: .references,
        result: ResultShape(
            .array,
            [
                Field("Kind", .text, "image, blob, file or layout", column: "KIND"),
                Field("Reference", .text, "the image's name; null for anything else", column: "REFERENCE"),
                Field("Digest", .digest, "of the image's manifest or index, or the blob's name", column: "DIGEST"),
                Field("File", .text, "relative to the store; null for images"),
                Field("Ok", .boolean, "nothing is wrong with it", column: "OK"),
                Field(
                    "Problem", .text,
                    "incomplete, digest_mismatch, size_mismatch, missing_blob, bad_manifest, unreadable, stray_file, "
                        + "bad_layout, bad_index, bad_entry; partial, unreferenced; null", column: "PROBLEM"),
                Field("Message", .text, "the same in words", column: "MESSAGE"),
                Field("Size", .bytes, "bytes of a file that is here; null for images"),
                Field("Images", .list, "names of the images that need it, where it is damaged"),
                Field("Repaired", .boolean, "it was put aside or mended; null without --repair", column: "REPAIRED"),
            ]),
        examples: [
            Example("fsck | map(select(.Ok | not))", "only what is wrong"),
            Example("fsck nginx:1.25 | .[0].Ok", "one image"),
            Example("fsck --quick --repair --dry-run", "what would be repaired"),
        ])

    @Argument(help: "images to check: references or Ids; none for the whole store") package var image: [String] = []
    @Flag(help: "do not read blobs: only whether they are there, in their size") package var quick = false
    @Flag(help: "put aside what is damaged, so that the next pull fetches it") package var repair = false
    @Flag(help: "with --repair: repair nothing; tell what would be") package var dryRun = false
    @Flag(name: [.customShort("q"), .long], help: "show no progress") package var quiet = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let names = try await context.references(image)
        // A pipe that brought nothing names no image; it does not mean all of them.
        guard context.input == nil || !names.isEmpty else { return try await context.emit([]) }
        let request = CheckRequest(names: names, digests: !quick, repair: repair, dryRun: dryRun)
        let display = quick || quiet ? nil : context.session.pullEvents()
        defer { display?.finish() }
        let meter = ByteMeter("checking", display)
        let results = try await context.backend.check(request) { meter.report($0, of: $1) }
        display?.finish()
        try await context.emit(.array(results.map(\.json)))
        let damaged = results.filter { !$0.isOk }
        guard !damaged.isEmpty else { return }
        throw error(damaged)
    }

    private func error(_ damaged: [CheckResult]) -> ShellError {
        let images = damaged.compactMap { $0.kind == .image ? $0.reference ?? $0.digest?.description : nil }
        let count = damaged.filter { $0.kind != .image }.count
        let things = count == 1 ? "1 thing is" : "\(count) things are"
        let which =
            images.isEmpty
            ? ""
            : ", and \(images.prefix(4).joined(separator: ", "))"
                + (images.count > 4 ? " and \(images.count - 4) more" : "") + (images.count == 1 ? " is" : " are")
                + " not whole"
        let pull = images.isEmpty ? nil : "`pull \(images.prefix(4).joined(separator: " "))` fetches what is missing"
        let hint =
            repair && !dryRun ? pull : "`fsck --repair` puts aside what is damaged; " + (pull ?? "look at `File`")
        return ShellError(.corrupt, "\(things) wrong in the store\(which)", hint: hint)
    }
}

extension CheckResult {
    /// The record as `fsck` declares it.
    fileprivate var json: JSONValue {
        func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
        return [
            "Kind": .string(kind.rawValue), "Reference": text(reference), "Digest": text(digest?.description),
            "File": text(file), "Ok": .bool(isOk), "Problem": text(problem), "Message": text(message),
            "Size": size.map { .number(Double($0)) } ?? .null, "Images": .array(images.map(JSONValue.string)),
            "Repaired": isRepaired.map(JSONValue.bool) ?? .null,
        ]
    }
}
