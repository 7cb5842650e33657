import Glibc
import Synchronization

/// The directory that relative paths start from. It is the process's own, so that files, programs and `pwd` agree.
package final class WorkingDirectory: Sendable {
    /// Where `cd -` goes back to.
    private let previous = Mutex<String?>(nil)

    package init() {}

    /// The absolute path. Throws `io` where the directory was deleted.
    package func current() throws(ShellError) -> String {
        guard let path = getcwd(nil, 0) else {
            throw ShellError(.io, "the working directory is gone: \(String(cString: strerror(errno)))")
        }
        defer { free(path) }
        return String(cString: path)
    }

    /// Goes to `path`; `-` is the directory before. Throws where it can be none.
    package func change(to path: String) throws(ShellError) {
        var target = path
        if path == "-" {
            guard let last = previous.withLock({ $0 }) else {
                throw ShellError(.usage, "there is no directory before this one", hint: "`cd -` goes back after a `cd`")
            }
            target = last
        }
        let old = try? current()
        guard chdir(target) == 0 else {
            let code: ShellError.Code = errno == ENOENT ? .notFound : .io
            throw ShellError(code, "cannot go to \(target): \(String(cString: strerror(errno)))")
        }
        previous.withLock { $0 = old ?? $0 }
    }
}
