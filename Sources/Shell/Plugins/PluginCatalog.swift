import JSON
import Language
import Synchronization

/// The plugins of a session: found by name when a word is no built-in command, asked about themselves once.
package final class PluginCatalog: Sendable {
    package let search: PluginSearchPath
    let index: PluginIndex
    let limits: PluginLimits
    /// dsh's own version, for the hello.
    let version: String
    /// The image store's directory, an OCI layout; nil where images live elsewhere.
    let store: String?
    let makeDisplay: @Sendable () -> any PluginDisplay
    private let commands: CommandTable

    private struct State {
        /// Names looked up a moment ago; a script asks for the same word many times over.
        var lookups: [String: (found: PluginFile?, time: ContinuousClock.Instant)] = [:]
        /// The metadata of files by path, as long as they stay what they were.
        var metadata: [String: (file: PluginFile, commands: [PluginMetadata])] = [:]
        /// The `.dsh` files whose definitions were run.
        var loaded: [String: (file: PluginFile, scope: Scope)] = [:]
    }

    private let state = Mutex(State())
    private static let lookupAge = Duration.seconds(2)

    /// `cacheFile` nil: what plugins tell is not kept. `commands` are those that no plugin may be named as.
    package init(
        search: PluginSearchPath, cacheFile: String?, commands: CommandTable, version: String, store: String?,
        limits: PluginLimits = PluginLimits(), makeDisplay: @escaping @Sendable () -> any PluginDisplay
    ) {
        self.search = search
        self.commands = commands
        self.version = version
        self.store = store
        self.limits = limits
        self.makeDisplay = makeDisplay
        index = PluginIndex(path: cacheFile)
    }

    /// A session without plugins.
    package static var none: PluginCatalog {
        PluginCatalog(
            search: PluginSearchPath(environment: [:], userDirectory: ""), cacheFile: nil, commands: CommandTable([:]),
            version: "", store: nil, makeDisplay: { SilentPluginDisplay() })
    }

    // MARK: By name

    /// Whether a word is a plugin: a few `stat` calls, nothing is started.
    package func contains(_ word: String) -> Bool { locate(word) != nil }

    /// The file that a name means; the first on the search path.
    package func locate(_ name: String) -> PluginFile? {
        guard isAllowed(name) else { return nil }
        if let known = state.withLock({ $0.lookups[name] }), ContinuousClock.now - known.time < Self.lookupAge {
            return known.found
        }
        let found = find(name)
        state.withLock { $0.lookups[name] = (found, .now) }
        return found
    }

    /// Whether a plugin may have this name at all.
    package func isAllowed(_ name: String) -> Bool {
        PluginParameter.isName(name) && !ReservedNames.contains(name) && !commands.contains(name)
    }

    private func find(_ name: String) -> PluginFile? {
        for directory in search.directories {
            if let program = search.program(name, in: directory) { return program }
            for file in search.definitionFiles(in: directory) {
                if (definitions(of: file)).contains(where: { $0.name == name }) { return file }
            }
        }
        for directory in search.programDirectories {
            if let program = search.program(name, in: directory) { return program }
        }
        return nil
    }

    /// What a plugin tells about itself, from the cache or by asking it now; nil where there is none of that name.
    package func metadata(_ name: String) async throws -> PluginMetadata? {
        guard let file = locate(name) else { return nil }
        return try await metadata(name, of: file)
    }

    /// The same for a given file.
    package func metadata(_ name: String, of file: PluginFile) async throws -> PluginMetadata? {
        if file.kind == .definitions {
            try file.requireSafe(name)
            return definitions(of: file).first { $0.name == name }
        }
        if let known = known(file) { return known.first }
        let metadata = try await ProgramPlugin.ask(file, name: name, limits)
        keep([metadata], of: file)
        return metadata
    }

    /// Drops what is known of a plugin, so that it is asked anew; a changed folder is looked at again.
    package func forget(_ file: PluginFile? = nil) {
        if let file { index.forget(file.path) }
        state.withLock { state in
            state.lookups.removeAll()
            if let file { state.metadata[file.path] = nil }
        }
    }

    // MARK: Files

    /// What is known of a file as it is now, without asking.
    func known(_ file: PluginFile) -> [PluginMetadata]? {
        if let known = state.withLock({ $0.metadata[file.path] }), known.file == file { return known.commands }
        guard let values = index.commands(of: file) else { return nil }
        var commands: [PluginMetadata] = []
        for value in values {
            // A cache of another dsh, which knew more: ask again.
            guard let metadata = try? PluginMetadata(value, name: value["name"]?.stringValue ?? "") else { return nil }
            commands.append(metadata)
        }
        if file.kind == .program, commands.first?.name != file.stem { return nil }
        state.withLock { $0.metadata[file.path] = (file, commands) }
        return commands
    }

    func keep(_ commands: [PluginMetadata], of file: PluginFile) {
        state.withLock { $0.metadata[file.path] = (file, commands) }
        index.keep(commands.map(\.json), of: file)
    }

    /// The commands of a `.dsh` file: read off its text where the file is new.
    package func definitions(of file: PluginFile) -> [PluginMetadata] {
        if let known = known(file) { return known }
        guard file.danger == nil, let bytes = try? file.read(limit: DefinitionPlugin.maximumBytes) else { return [] }
        let (script, _) = Parser.parse(Source(name: file.path, path: file.path, bytes: bytes)) { [commands] in
            commands.contains($0)
        }
        let found = DefinitionPlugin.commands(in: script).compactMap { value in
            try? PluginMetadata(value, name: value["name"]?.stringValue ?? "")
        }
        keep(found, of: file)
        return found
    }

    /// The scope that a `.dsh` file's statements made. They are run when one of its commands is first called, in a scope
    /// of their own: they see nothing of the caller's.
    func scope(of file: PluginFile, session: Session) async throws -> Scope {
        if let known = state.withLock({ $0.loaded[file.path] }), known.file == file { return known.scope }
        let bytes = try file.read(limit: DefinitionPlugin.maximumBytes)
        let script = try ScriptLoader(session: session).load(Source(name: file.path, path: file.path, bytes: bytes))
        try DefinitionPlugin.check(script)
        let scope = Scope()
        let interpreter = Interpreter(session: session, scope: scope, head: .null, depth: 0, files: [])
        try await interpreter.run(script.statements) { _, _ in }
        state.withLock { $0.loaded[file.path] = (file, scope) }
        return scope
    }

    // MARK: Lists

    /// Every plugin that there is, by name: for help, completion and `plugin list`. Directories are read; nothing is
    /// started, so that a program that was never asked has no metadata. `onPath` false leaves out programs of `$PATH`
    /// that were never asked, which takes reading all of its directories.
    package func all(onPath: Bool) -> [PluginListing] {
        var listings: [PluginListing] = []
        for directory in search.directories {
            for file in search.programs(in: directory) { listings.append(listing(file)) }
            for file in search.definitionFiles(in: directory) {
                let definitions = definitions(of: file)
                listings += definitions.map { PluginListing(name: $0.name, file: file, metadata: $0) }
                if definitions.isEmpty { listings.append(PluginListing(name: file.stem, file: file, metadata: nil)) }
            }
        }
        if onPath {
            for directory in search.programDirectories {
                for file in search.programs(in: directory) { listings.append(listing(file)) }
            }
        } else {
            let directories = Set(search.programDirectories)
            for path in index.paths {
                guard let slash = path.lastIndex(of: "/"), directories.contains(String(path[..<slash])),
                    let file = PluginFile(path: path, kind: .program), known(file) != nil
                else { continue }
                listings.append(listing(file))
            }
        }
        var seen: Set<String> = []
        listings = listings.map { listing in
            var listing = listing
            listing.isShadowed = !seen.insert(listing.name).inserted
            listing.isAllowed = isAllowed(listing.name)
            return listing
        }
        return listings.sorted { $0.name < $1.name }
    }

    private func listing(_ file: PluginFile) -> PluginListing {
        PluginListing(name: file.stem, file: file, metadata: known(file)?.first)
    }

    /// The names that can be called, as far as that is known without reading `$PATH`.
    package var names: [String] { all(onPath: false).filter(\.isUsable).map(\.name) }

    /// The metadata of a name where it is known without asking.
    package func knownMetadata(_ name: String) -> PluginMetadata? {
        guard let file = locate(name) else { return nil }
        return known(file)?.first { $0.name == name }
    }
}

/// One plugin in a list.
package struct PluginListing: Sendable {
    package let name: String
    package let file: PluginFile
    /// nil: it was not asked yet, or its file holds no command.
    package let metadata: PluginMetadata?
    /// Another one of the same name comes before it.
    package var isShadowed = false
    /// Whether a plugin may have this name.
    package var isAllowed = true

    package init(name: String, file: PluginFile, metadata: PluginMetadata?) {
        self.name = name
        self.file = file
        self.metadata = metadata
    }

    /// Whether its name, typed at the prompt, is this plugin.
    package var isUsable: Bool {
        !isShadowed && isAllowed && file.danger == nil && (metadata != nil || file.kind == .program)
    }
}

/// Shows nothing.
package struct SilentPluginDisplay: PluginDisplay {
    package init() {}
    package func show(_ progress: PluginProgress) {}
    package func note(_ line: String) {}
    package func hide() {}
}
