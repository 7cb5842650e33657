package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `catalog REGISTRY…`: the repositories of registries.
package struct Catalog: Command {
    package static let declaration = CommandDeclaration(
        name: "catalog", category: .registries, summary: "list the repositories of a registry",
        discussion: """
            In the registry's order, as its pages come in. Docker Hub and many other public registries have no such list.
            """,
        arguments: .text, input: .references, needs: "registry",
        result: ResultShape(
            .stream,
            [
                Field("Reference", .text, "the repository's familiar name", column: "REPOSITORY"),
                Field("Registry", .text, "the registry's host"),
                Field("Path", .text, "the repository's path there"),
            ]),
        examples: [
            Example("catalog ghcr.io", "all of a registry"),
            Example("catalog ghcr.io | select(.Path | startswith(\"team/\")) | tags", "the tags of some"),
        ])

    @Argument(help: "registries: hosts, as ghcr.io or localhost:5000") package var registry: [String] = []
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let words = try context.words(registry, command: "catalog", of: "registry")
        let registries = context.registries.with(try transport.choice())
        let failures = PartialFailures()
        let progress = context.session.counts("repositories")
        defer { progress.finish() }
        while let word = try await words.next() {
            do {
                var catalog = try registries.catalog(word)
                while let page = try await catalog.page() {
                    for repository in page {
                        progress.add(1)
                        try await context.emit([
                            "Reference": .string(repository.familiar), "Registry": .string(repository.registry),
                            "Path": .string(repository.path),
                        ])
                    }
                }
            } catch let error as BackendError {
                try failures.add(error, about: word)
            }
        }
        try failures.throwAny()
    }
}
