import JSON
import Shell

/// What the client's `config.json` says about how lines behave (docker/cli `cli/config/configfile`).
struct DockerSettings: Sendable {
    /// `--format` of commands where none is given, by command: `images`, `history`, `search`.
    private(set) var imagesFormat = ""
    /// `key=value` conditions that every prune has besides its own.
    private(set) var pruneFilters: [String] = []

    private static let maximumBytes = 1 << 20

    /// A file that is missing says nothing; one that is no JSON is the failure that Docker's client makes of it.
    static func load(_ session: Session) async throws -> DockerSettings {
        var settings = DockerSettings()
        let directory = DockerGlobalFlags.directory(session.environment)
        let bytes: [UInt8]
        do {
            bytes = try await InputFile(directory + "/config.json").all(limit: maximumBytes)
        } catch let error as ShellError where error.code == .notFound {
            return settings
        }
        // A file that is damaged was warned of where logins are read.
        guard let json = try? JSONValue.parse(bytes) else { return settings }
        settings.imagesFormat = json["imagesFormat"]?.stringValue ?? ""
        settings.pruneFilters = json["pruneFilters"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return settings
    }
}
