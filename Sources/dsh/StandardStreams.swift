import Glibc
import Terminal

/// The process's output and error streams.
enum StandardStreams {
    /// Writes to standard output; a reader that went away is no error.
    static func print(_ text: String) {
        try? OutputFile.write(Array(text.utf8), to: STDOUT_FILENO)
    }

    /// Writes to standard error.
    static func note(_ text: String) {
        try? OutputFile.write(Array(text.utf8), to: STDERR_FILENO)
    }
}
