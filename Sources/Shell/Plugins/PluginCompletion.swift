import JSON

extension PluginCatalog {
    /// What a plugin offers for the word being typed: none where it does not say that it completes, was never asked
    /// about itself, or does not answer in time.
    ///
    /// `words` are those before it, `option` the option whose value it is.
    package func candidates(
        of name: String, words: [String], prefix: String, option: String?
    ) async -> [PluginCandidate] {
        guard let file = locate(name), file.kind == .program, file.danger == nil,
            let metadata = known(file)?.first, metadata.completes
        else { return [] }
        // Nobody waits at a prompt for a plugin to tidy up.
        var limits = limits
        limits.hello = limits.completion
        (limits.exit, limits.cancel, limits.terminate) = (.milliseconds(200), .milliseconds(100), .milliseconds(200))
        let program = ProgramPlugin(file: file, metadata: metadata, version: version, limits: limits)
        let message: JSONObject = [
            "type": "complete", "words": .array(words.map(JSONValue.string)), "prefix": .string(prefix),
            "option": option.map(JSONValue.string) ?? .null, "store": store.map(JSONValue.string) ?? .null,
        ]
        let limit = limits.completion
        return await withTaskGroup(of: [PluginCandidate]?.self) { group in
            group.addTask {
                guard let call = try? PluginCall(program, display: SilentPluginDisplay()) else { return [] }
                return (try? await call.candidates(message)) ?? []
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? []
        }
    }
}
