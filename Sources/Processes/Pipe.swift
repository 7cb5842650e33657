import CLinux
import Glibc

/// Both ends of a pipe, closed on exec from the first moment: another thread may be starting a program.
package struct Pipe: Sendable {
    package let read: Int32
    package let write: Int32

    /// nil where there are none left; errno says why.
    package init?() {
        var ends: [Int32] = [-1, -1]
        guard dsh_pipe(&ends) == 0 else { return nil }
        read = ends[0]
        write = ends[1]
    }

    /// So many of them; nil where there are not so many left, and none is open then.
    package static func several(_ count: Int) -> [Pipe]? {
        var pipes: [Pipe] = []
        while pipes.count < count {
            guard let pipe = Pipe() else {
                let code = errno
                for pipe in pipes { pipe.close() }
                errno = code
                return nil
            }
            pipes.append(pipe)
        }
        return pipes
    }

    package func close() {
        Glibc.close(read)
        Glibc.close(write)
    }

    /// Reading and writing at an end come back at once, where there is nothing or no room.
    package static func setNonBlocking(_ end: Int32) {
        _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
    }
}
