package import Foundation
import Synchronization

/// A program on a terminal of its own: keys go in, a screen comes out.
package final class PseudoTerminal: Sendable {
    package let id: pid_t
    private let controller: Int32
    private let state: Mutex<State>

    private struct State {
        var screen: TerminalScreen
        var raw: [UInt8] = []
        var closed = false
    }

    private let directory: TemporaryDirectory?

    /// - Parameter keeping: a directory that has to stay as long as the program runs.
    package init(
        _ arguments: [String], environment: [String: String], columns: Int = 100, rows: Int = 30,
        keeping directory: TemporaryDirectory? = nil
    ) {
        self.directory = directory
        state = Mutex(State(screen: TerminalScreen(columns: columns, rows: rows)))
        // <stdlib.h> shows posix_openpt and its kin to X/Open sources only; these are what they do on Linux.
        controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var unlocked: Int32 = 0
        var number: UInt32 = 0
        precondition(
            controller >= 0 && ioctl(controller, 0x4004_5431, &unlocked) == 0  // TIOCSPTLCK
                && ioctl(controller, 0x8004_5430, &number) == 0,  // TIOCGPTN
            "no pty to be had")
        let name = "/dev/pts/\(number)"
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(controller, UInt(TIOCSWINSZ), &size)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The leader of a new session gets the first terminal it opens as its controlling one.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var pid: pid_t = 0
        let code = spawn(arguments, environment, &actions, flags: newSession, &pid)
        precondition(code == 0, "cannot start \(arguments): \(String(cString: strerror(code)))")
        id = pid
        let reader = Thread { [weak self, controller] in
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(controller, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard let self else { return }
                self.state.withLock { state in
                    if count <= 0 {
                        state.closed = true
                    } else {
                        state.raw += buffer[0..<count]
                        state.screen.feed(buffer[0..<count])
                    }
                }
                if count <= 0 { return }
            }
        }
        reader.start()
    }

    deinit {
        kill(-id, SIGKILL)
        var status: Int32 = 0
        waitpid(id, &status, 0)
        close(controller)
    }

    /// Types `text` as it is; `\r` is Return, `\u{3}` Ctrl-C, `\t` Tab.
    package func send(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write(controller, $0.baseAddress, $0.count) }
            if count <= 0 { return }
            sent += count
        }
    }

    /// What the screen shows now.
    package var screen: String { state.withLock { $0.screen.text } }
    /// The screen with all that scrolled off its top.
    package var history: String { state.withLock { $0.screen.history } }
    /// Every byte that was written so far.
    package var raw: String { state.withLock { String(decoding: $0.raw, as: UTF8.self) } }
    package var hasEnded: Bool { state.withLock { $0.closed } }

    /// Waits until `condition` holds for the screen; false where it does not in `timeout` seconds.
    package func wait(timeout: Double = 20, until condition: (String) -> Bool) -> Bool {
        let deadline = Date().addingTimeInterval(timeout)
        repeat {
            if condition(history) { return true }
            if hasEnded { return condition(history) }
            usleep(10_000)
        } while Date() < deadline
        return condition(history)
    }

    /// Waits until the screen, or what scrolled off it, shows `text`.
    package func expect(_ text: String, timeout: Double = 20) -> Bool { wait(timeout: timeout) { $0.contains(text) } }

    /// Waits for the end; the exit code, or nil where it goes on.
    package func waitForEnd(timeout: Double = 20) -> Int32? {
        let deadline = Date().addingTimeInterval(timeout)
        while Date() < deadline {
            var information = siginfo_t()
            // Left to be waited for in deinit, so that the id stays ours until then.
            if waitid(P_PID, id_t(id), &information, WEXITED | WNOHANG | WNOWAIT) == 0, information.si_signo == SIGCHLD
            {
                return information._sifields._sigchld.si_status
            }
            usleep(10_000)
        }
        return nil
    }
}
