import Glibc
import Shell
import Terminal

/// Bytes to standard output, behind the results that were to be shown before them.
struct StandardByteOutput: ByteOutput {
    let results: ResultOutput

    func begin() throws(ShellError) { try results.finish() }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ShellError) {
        do throws(TerminalError) { try OutputFile.write(bytes, to: STDOUT_FILENO) } catch {
            if error == .brokenPipe { throw ShellError(.brokenPipe, "nobody reads the output any more") }
            throw ShellError(ShellError.Code(rawValue: error.code), error.message, hint: error.hint)
        }
    }
}
