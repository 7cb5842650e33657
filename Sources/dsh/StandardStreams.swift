import Glibc
import Shell
import Terminal

/// The process's input, output and error streams.
enum StandardStreams {
    /// Opens /dev/null for each of descriptors 0 to 2 that the parent had closed, the wrong way round, so that using it
    /// is an error still. Call first: the next file that is opened would get that number, and be read as input or
    /// written over by notes.
    static func reserve() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is this one, for those below it are open.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Writes to standard output. Throws `no_space` or `io`; a reader that went away is no error.
    static func print(_ text: String) throws(ShellError) {
        do throws(TerminalError) {
            try OutputFile.write(Array(text.utf8), to: STDOUT_FILENO)
        } catch .brokenPipe {
            return
        } catch {
            throw ShellError(ShellError.Code(rawValue: error.code), error.message)
        }
    }

    /// Writes to standard error; where that cannot be, there is nobody to tell.
    static func note(_ text: String) {
        try? OutputFile.write(Array(text.utf8), to: STDERR_FILENO)
    }
}
