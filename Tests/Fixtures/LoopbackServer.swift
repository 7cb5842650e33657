import Foundation

/// A server program that lives exactly as long as this process: a shell in between reads a pipe that we hold
/// open, and ends the server by its id and removes its directory when it closes, however this process ended.
final class LoopbackServer: Sendable {
    let directory: String
    private let lifeline: Int32
    private let supervisor: pid_t

    /// Starts `command` in `directory` with its output in `log` there.
    init(_ command: [String], directory: String) {
        self.directory = directory
        // A named pipe can be opened close-on-exec in one step, so no other child ever holds it open.
        let pipe = directory + "/lifeline"
        precondition(mkfifo(pipe, 0o600) == 0, "no pipe to be had")
        lifeline = open(pipe, O_RDWR | O_CLOEXEC)
        let script = """
            cd "$1"; directory=$1; shift
            "$@" >log 2>&1 </dev/null & server=$!
            read -r _
            kill "$server" 2>/dev/null; wait "$server" 2>/dev/null
            awk -v d="$directory/" 'index($2, d) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r -n 1 umount -l
            cd /; rm -rf --one-file-system "$directory"
            """
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, pipe, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var pid: pid_t = 0
        // A session of its own: a Ctrl-C at the test runner reaches it through the pipe, in order.
        let code = spawn(
            ["sh", "-c", script, "sh", directory] + command, ProcessInfo.processInfo.environment, &actions,
            flags: newSession, &pid)
        precondition(code == 0, "cannot start \(command)")
        supervisor = pid
    }

    /// Polls until `ready` gives a value; traps with the server's log where it does not come up in time.
    func wait<Value>(_ what: String, timeout: Double = 60, _ ready: () -> Value?) -> Value {
        let deadline = Date().addingTimeInterval(timeout)
        while Date() < deadline {
            if let value = ready() { return value }
            usleep(20_000)
        }
        preconditionFailure("\(what) did not come up:\n\(log)")
    }

    var log: String { String(decoding: readFile(directory + "/log") ?? [], as: UTF8.self) }
}

/// A directory that the server's own shell removes, not this process.
func serverDirectory(_ name: String) -> String {
    let path = temporaryRoot + "/dsh-\(name)-\(UUID().uuidString.prefix(8))"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
}
