package import ArgumentParser
package import Shell

/// `cd [DIRECTORY]`: goes to another directory.
package struct Cd: Command {
    package static let declaration = CommandDeclaration(
        name: "cd", category: .shell, summary: "go to another directory; without one, home",
        discussion:
            "Files and programs start from it. It is one for all of dsh, also for the turns of a parallel loop.",
        arguments: .file, result: ResultShape(.none),
        examples: [
            Example("cd /; pwd", "where relative paths start from"), Example("cd /; cd /tmp; cd -; pwd", "back"),
        ])

    @Argument(help: "where to go; - is the directory before", completion: .directory) package var directory: String?

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let home = context.session.environment["HOME"] ?? ""
        guard let target = directory ?? (home.isEmpty ? nil : home) else {
            throw ShellError(.usage, "HOME is not set, so cd needs a directory")
        }
        // sh leaves ~ to itself; dsh has no expansions, and nobody has a directory of that name.
        let path = target == "~" || target.hasPrefix("~/") ? home + target.dropFirst() : target
        try context.session.directory.change(to: path)
    }
}
