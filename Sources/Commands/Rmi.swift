package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell
import Synchronization

/// `rmi IMAGE…`: removes images as Docker does.
package struct Rmi: Command {
    package static let declaration = CommandDeclaration(
        name: "rmi", category: .images, summary: "remove images: the name, and the data when no name is left",
        discussion: """
            A name only goes away while its image has others. An Id removes the image with its name, and with --force with
            all its names. Layers that other images use, and those that a running pull needs, stay. A name that is not there
            is reported after the others were removed.

            --remote deletes in registries instead, and touches nothing here. A tag goes alone where its registry can do that;
            where it only deletes manifests, every tag of the same manifest goes with it, which needs --force unless all of them
            were named; so do tags of indexes that list it. With a digest the manifest goes. Layers stay until the registry collects
            them. --dry-run fails where the deletion would: it asks the registry to delete a tag and a manifest that are not there.

            What --remote returns is a record for each name: {Reference, Digest, Deleted, Others, Status}. Deleted is tag, or
            manifest where that goes too, and null with --dry-run where only a deletion would tell; Others are further tags of the
            same manifest, which go with it, and those of indexes that list it; Status is deleted or planned.
            """,
        arguments: .localImage, input: .references, needs: "image", result: RemovalRow.shape,
        examples: [
            Example("rmi nginx:1.25", "one image"),
            Example("rmi nginx:1.25 myuser/my-app:v2.0 --dry-run", "what would go"),
            Example("images | map(select(.Dangling)) | rmi", "everything without a name"),
            Example("rmi --remote --dry-run nginx:1.25", "what would be deleted in a registry"),
        ])

    @Argument(help: "images to remove: references or Ids") package var image: [String] = []
    @Flag(name: [.short, .long], help: "remove an image with all its names; a missing one is told, and no error")
    package var force = false
    @Flag(help: "remove nothing; return what would go") package var dryRun = false
    @Flag(help: "delete tags and manifests in their registries") package var remote = false
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let names = try await context.requiredReferences(image, command: "rmi")
        if remote { return try await removeRemotely(names, context) }
        let rows = Mutex<[JSONValue]>([])
        do {
            let missing = try await context.backend.remove(
                names, options: RemoveOptions(force: force, dryRun: dryRun)
            ) { result in
                rows.withLock { $0.append(RemovalRow.json(result)) }
            }
            // No failure with --force, and no reason to be silent.
            for error in missing { context.session.note("rmi: \(error.message)") }
        } catch {
            // What was removed is told even when something else failed.
            let done = rows.withLock { $0 }
            if !done.isEmpty { try await context.emit(.array(done)) }
            throw error
        }
        try await context.emit(.array(rows.withLock { $0 }))
    }

    private func removeRemotely(_ names: [String], _ context: CommandContext) async throws {
        context.view.shape = Rmi.remoteShape
        var references: [Reference] = []
        for name in names { references.append(try parseReference(name).taggedDefault) }
        let registries = context.registries.with(try transport.choice())
        let isPlan = dryRun
        let named = Set(references)
        let isForced = force
        let gone = Mutex<Set<Reference>>([])
        do {
            try await registries.remove(references, force: force, dryRun: dryRun) { removal in
                gone.withLock { gone in
                    gone.insert(removal.reference)
                    if removal.isByDigest == true { gone.formUnion(removal.others) }
                }
                let others = removal.others + removal.indexes
                if isPlan, !isForced, removal.isByDigest == nil, others.contains(where: { !named.contains($0) }) {
                    context.session.note(
                        "\(removal.reference.familiar): other tags need its manifest, so that --force is needed if the "
                            + "registry deletes manifests alone")
                }
                try await context.emit([
                    "Reference": .string(removal.reference.familiar), "Digest": .string(removal.digest.description),
                    "Deleted": removal.isByDigest.map { $0 ? "manifest" : "tag" } ?? .null,
                    "Others": .array(others.map { .string($0.familiar) }),
                    "Status": isPlan ? "planned" : "deleted",
                ])
            }
        } catch {
            let done = gone.withLock { gone in references.filter(gone.contains).count }
            if error.code == .interrupted, !isPlan, done < references.count {
                throw context.cutShort(by: error, "rmi: \(done) of \(references.count) deleted")
            }
            let given = Dictionary(zip(references.map(\.familiar), names)) { first, _ in first }
            throw ShellError(error).named { given[$0] ?? $0 }
        }
    }

    private static let remoteShape = ResultShape(
        .stream,
        [
            Field("Reference", .text, "what was named", column: "REFERENCE"),
            Field("Digest", .digest, "of the manifest", column: "DIGEST"),
            Field(
                "Deleted", .text,
                "tag, or manifest where that went too; null with --dry-run where only a deletion would tell",
                column: "DELETED"),
            Field(
                "Others", .list,
                "further tags of the same manifest, which go with it, and those of indexes that list it"),
            Field("Status", .text, "deleted or planned", column: "STATUS"),
        ])
}
