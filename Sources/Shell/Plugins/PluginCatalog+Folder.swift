import Glibc
import JSON
import Language

/// What `plugin add` and `plugin remove` did, or would do.
package struct PluginChange: Sendable {
    package enum Action: String, Sendable {
        case added = "Added"
        case replaced = "Replaced"
        case removed = "Removed"
    }

    package let action: Action
    package let kind: PluginFile.Kind
    /// In the user's plugin folder.
    package let path: String
    /// The commands that the file holds.
    package let names: [String]
    /// What they tell about themselves; nothing of a removed program that was never asked.
    package let metadata: [PluginMetadata]
}

extension PluginCatalog {
    /// Puts a plugin into the user's folder, copied or as a symbolic link, after asking it about itself.
    ///
    /// Throws `usage` for what is no plugin, `conflict` where its name is taken, `io`, and what asking throws.
    package func add(
        _ path: String, link: Bool, force: Bool, dryRun: Bool, session: Session
    ) async throws -> PluginChange {
        let kind: PluginFile.Kind = path.hasSuffix(PluginFile.definitionsSuffix) ? .definitions : .program
        guard let resolved = realpath(path, nil) else {
            throw ShellError(.notFound, "no file \(path): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        let absolute = String(cString: resolved)
        guard let file = PluginFile(path: absolute, kind: kind) else {
            throw ShellError(
                .usage, "\(path) is no program that you may run",
                hint: "`chmod +x` it; a file of definitions has a name that ends in .dsh")
        }
        let commands = try await commandsOfNew(file, given: path, session: session)
        for name in commands.map(\.name) where !isAllowed(name) {
            throw ShellError(.conflict, "no plugin can be called \(name)", hint: "dsh or jq has that word already")
        }
        let base =
            kind == .program
            ? PluginFile.prefix + commands[0].name : path.split(separator: "/").last.map(String.init)
        let target = search.userDirectory + "/" + (base ?? path)
        let exists = Self.isThere(target)
        if exists, !force {
            throw ShellError(.conflict, "\(target) is there already", hint: "`--force` replaces it")
        }
        if !dryRun {
            PluginIndex.makeDirectories(search.userDirectory)
            try Self.place(absolute, at: target, link: link, mode: kind == .program ? 0o755 : 0o644)
            forget()
            if let placed = PluginFile(path: target, kind: kind) { keep(commands, of: placed) }
        }
        return PluginChange(
            action: exists ? .replaced : .added, kind: kind, path: target, names: commands.map(\.name),
            metadata: commands)
    }

    /// Takes a plugin out of the user's folder: by a command's name or by its file's.
    ///
    /// Throws `not_found`, `conflict` for one that is elsewhere, and `io`.
    package func remove(_ name: String, dryRun: Bool) throws(ShellError) -> PluginChange {
        guard let (path, kind) = ownFile(name) else {
            if let file = locate(name) {
                throw ShellError(
                    .conflict, "\(name) is not in your plugin folder", hint: "it is \(file.path); remove it there")
            }
            let near = nearest(name, in: all(onPath: false).map(\.name)).map { "did you mean \($0)?" }
            throw ShellError(.notFound, "no plugin \(name)", hint: near ?? "`plugin list` shows them")
        }
        let file = PluginFile(path: path, kind: kind)
        let metadata = file.map { kind == .program ? known($0) ?? [] : definitions(of: $0) } ?? []
        if !dryRun {
            guard unlink(path) == 0 else {
                throw ShellError(.io, "cannot remove \(path): \(String(cString: strerror(errno)))")
            }
            forget(file)
        }
        return PluginChange(
            action: .removed, kind: kind, path: path,
            names: kind == .program || metadata.isEmpty ? [name] : metadata.map(\.name), metadata: metadata)
    }

    private func ownFile(_ name: String) -> (path: String, kind: PluginFile.Kind)? {
        let folder = search.userDirectory
        guard !folder.isEmpty, !name.contains("/") else { return nil }
        let program = "\(folder)/\(PluginFile.prefix)\(name)"
        if Self.isThere(program) { return (program, .program) }
        for file in search.definitionFiles(in: folder) {
            if file.stem == name || definitions(of: file).contains(where: { $0.name == name }) {
                return (file.path, .definitions)
            }
        }
        let definitions = "\(folder)/\(name)\(PluginFile.definitionsSuffix)"
        return Self.isThere(definitions) ? (definitions, .definitions) : nil
    }

    /// The commands that a file holds; asks a program, and loads a `.dsh` file whole.
    private func commandsOfNew(_ file: PluginFile, given path: String, session: Session) async throws
        -> [PluginMetadata]
    {
        switch file.kind {
        case .program:
            let base = path.split(separator: "/").last.map(String.init) ?? path
            let name = base.hasPrefix(PluginFile.prefix) ? String(base.dropFirst(PluginFile.prefix.count)) : nil
            return [try await ProgramPlugin.ask(file, name: name, limits)]
        case .definitions:
            let bytes = try file.read(limit: DefinitionPlugin.maximumBytes)
            let script = try ScriptLoader(session: session).load(Source(name: path, bytes: bytes))
            try DefinitionPlugin.check(script)
            var commands: [PluginMetadata] = []
            for value in DefinitionPlugin.commands(in: script) {
                commands.append(try PluginMetadata(value, name: value["name"]?.stringValue ?? ""))
            }
            guard !commands.isEmpty else {
                throw ShellError(
                    .usage, "\(path) defines no command",
                    hint: "a `def` with a comment right above it is one; `help plugins` tells more")
            }
            return commands
        }
    }

    /// A file or a link, broken ones too.
    private static func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Copies or links to a name beside, and renames: what is there is whole at all times.
    private static func place(_ source: String, at target: String, link: Bool, mode: mode_t) throws(ShellError) {
        let temporary = target + ".new-\(getpid())"
        unlink(temporary)
        let isDone = link ? symlink(source, temporary) == 0 : copy(source, to: temporary, mode: mode)
        guard isDone, rename(temporary, target) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw ShellError(.io, "cannot write \(target): \(reason)")
        }
    }

    private static func copy(_ source: String, to target: String, mode: mode_t) -> Bool {
        let from = open(source, O_RDONLY | O_CLOEXEC)
        guard from >= 0 else { return false }
        defer { close(from) }
        let to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard to >= 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 128 << 10)
        var isWhole = fchmod(to, mode) == 0
        while isWhole {
            let count = read(from, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count == 0 { break }
            isWhole = count > 0 && Descriptors.writeAll(Array(buffer[..<count]), to: to)
        }
        return close(to) == 0 && isWhole
    }

    /// Asks a plugin about itself now, whatever the cache says. Throws what asking throws, or `not_found`.
    package func ask(_ name: String) async throws -> (PluginFile, PluginMetadata) {
        forget()
        guard let file = locate(name) else {
            let near = nearest(name, in: all(onPath: true).map(\.name)).map { "did you mean \($0)?" }
            throw ShellError(.notFound, "no plugin \(name)", hint: near ?? "`plugin list` shows them")
        }
        forget(file)
        guard let metadata = try await metadata(name, of: file) else {
            throw ShellError(.notFound, "no plugin \(name)", hint: "`plugin list` shows them")
        }
        return (file, metadata)
    }
}
