import Glibc

/// Where plugins are looked for.
///
/// A name is looked up with a few `stat` calls, and only when it is no built-in command; directories are read for help,
/// completion and `plugin list` alone.
package struct PluginSearchPath: Sendable {
    /// `$DSH_PLUGIN_PATH`, then the user's own folder: executables and `.dsh` files.
    package let directories: [String]
    /// `$PATH`: executables only.
    let programDirectories: [String]
    /// Where `plugin add` puts what it is given.
    package let userDirectory: String

    /// Relative directories are left out: what a word means must not hang on where dsh was started.
    package init(environment: [String: String], userDirectory: String) {
        func absolute(_ variable: String) -> [String] {
            (environment[variable] ?? "").split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
        }
        self.userDirectory = userDirectory
        directories = absolute("DSH_PLUGIN_PATH") + (userDirectory.isEmpty ? [] : [userDirectory])
        programDirectories = absolute("PATH")
    }

    func program(_ name: String, in directory: String) -> PluginFile? {
        PluginFile(path: "\(directory)/\(PluginFile.prefix)\(name)", kind: .program)
    }

    /// The `.dsh` files of a directory by name.
    func definitionFiles(in directory: String) -> [PluginFile] {
        names(in: directory).filter { $0.hasSuffix(PluginFile.definitionsSuffix) && !$0.hasPrefix(".") }.sorted()
            .compactMap { PluginFile(path: "\(directory)/\($0)", kind: .definitions) }
    }

    /// The `dsh-NAME` executables of a directory by name.
    func programs(in directory: String) -> [PluginFile] {
        names(in: directory).filter { name in
            name.hasPrefix(PluginFile.prefix) && PluginParameter.isName(String(name.dropFirst(PluginFile.prefix.count)))
        }.sorted().compactMap { PluginFile(path: "\(directory)/\($0)", kind: .program) }
    }

    private func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // Through the entry's own memory: a name may be longer than Swift's view of the field.
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
                })
        }
        return names
    }
}
