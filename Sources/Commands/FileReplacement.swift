/// Writes a file whole or not at all, in the place of one that is there: its owner and mode stay, a link to it stays one.
package enum FileReplacement {
    /// Throws `io`, `not_found` or `no_space`; the old file is as it was then.
    package static func write(_ bytes: [UInt8], to path: String) async throws {
        let file = try await OutputFile(path, .replace)
        try await file.write(bytes)
        try await file.commit()
    }
}
