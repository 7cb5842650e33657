package import ArgumentParser
import Backend
import JSON
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
            """,
        arguments: .localImage, input: .references, result: RemovalRow.shape,
        examples: [
            Example("rmi nginx:1.25", "one image"),
            Example("rmi nginx:1.25 myuser/my-app:v2.0 --dry-run", "what would go"),
            Example("images | map(select(.Dangling)) | rmi", "everything without a name"),
        ])

    @Argument(help: "images to remove: references or Ids") package var image: [String] = []
    @Flag(name: [.short, .long], help: "remove an image with all its names; a missing one is no error")
    package var force = false
    @Flag(help: "remove nothing; return what would go") package var dryRun = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let names = try await context.requiredReferences(image, command: "rmi")
        let rows = Mutex<[JSONValue]>([])
        do {
            try await context.backend.remove(names, options: RemoveOptions(force: force, dryRun: dryRun)) { result in
                rows.withLock { $0.append(RemovalRow.json(result)) }
            }
        } catch {
            // What was removed is told even when something else failed.
            let done = rows.withLock { $0 }
            if !done.isEmpty { try await context.emit(.array(done)) }
            throw error
        }
        try await context.emit(.array(rows.withLock { $0 }))
    }
}
