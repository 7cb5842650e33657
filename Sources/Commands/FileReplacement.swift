package import Shell

/// Writes a file whole or not at all, in the place of one that is there: its owner and mode stay, a link to it stays one.
package enum FileReplacement {
    /// Throws `io`, `not_found` or `no_space`; the old file is as it was then.
    package static func write(_ bytes: [UInt8], to path: String) throws(ShellError) {
        let file = try OutputFile(path, .replace)
        try file.write(bytes)
        try file.commit()
    }
}
