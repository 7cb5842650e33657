package import Foundation

/// How a program ended and what it wrote.
package struct ProcessResult: Sendable, CustomStringConvertible {
    package let arguments: [String]
    /// The exit code; 128 and the signal's number where a signal ended it.
    package let code: Int32
    package let outputBytes: [UInt8]
    package let errorBytes: [UInt8]
    package let timedOut: Bool

    package var output: String { String(decoding: outputBytes, as: UTF8.self) }
    package var errors: String { String(decoding: errorBytes, as: UTF8.self) }
    /// Standard output without the line ends around it.
    package var text: String { output.trimmingCharacters(in: .whitespacesAndNewlines) }

    package var description: String {
        "\(arguments.joined(separator: " "))\n-> \(timedOut ? "timed out, " : "")exit code \(code)\n"
            + "stdout: \(output.prefix(4000))\nstderr: \(errors.prefix(4000))"
    }
}

/// A running program with a process group of its own. Standard streams are files, so that no reader is needed and
/// a full pipe never stops it.
package final class ChildProcess: Sendable {
    package let id: pid_t
    private let arguments: [String]
    private let directory: TemporaryDirectory

    /// Starts `arguments[0]` (looked up in this process's PATH) with exactly `environment`. Traps where it cannot be
    /// started at all: the fixture is then of no use.
    package init(
        _ arguments: [String], environment: [String: String], workingDirectory: String? = nil, input: [UInt8] = []
    ) {
        self.arguments = arguments
        directory = TemporaryDirectory()
        directory.write("in", input)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, directory.path + "/in", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, directory.path + "/out", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, directory.path + "/err", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // posix_spawn can change the directory, but glibc's extension is not visible from Swift.
        let command = workingDirectory.map { ["sh", "-c", "cd \"$0\" && exec \"$@\"", $0] + arguments } ?? arguments
        var pid: pid_t = 0
        let code = spawn(command, environment, &actions, flags: POSIX_SPAWN_SETPGROUP, &pid)
        precondition(code == 0, "cannot start \(arguments): \(String(cString: strerror(code)))")
        id = pid
    }

    package func signal(_ number: Int32) { kill(-id, number) }

    /// Waits for the end. After `timeout` seconds the whole group is killed and the result says so.
    package func wait(timeout: Double = 60) -> ProcessResult {
        var status: Int32 = 0
        let deadline = Date().addingTimeInterval(timeout)
        var timedOut = false
        var pause: UInt32 = 200
        while waitpid(id, &status, WNOHANG) == 0 {
            if !timedOut, Date() > deadline {
                timedOut = true
                kill(-id, SIGKILL)
            }
            usleep(pause)
            pause = min(pause * 2, 10_000)
        }
        let signalled = status & 0x7f
        return ProcessResult(
            arguments: arguments, code: signalled == 0 ? (status >> 8) & 0xff : 128 + signalled,
            outputBytes: readFile(directory.path + "/out") ?? [], errorBytes: readFile(directory.path + "/err") ?? [],
            timedOut: timedOut)
    }

    /// The most memory that it has had so far, in bytes (`VmHWM` of proc(5)); 0 once it has ended.
    package var peakMemory: Int {
        let status = readFile("/proc/\(id)/status").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 * 1024 } ?? 0
    }

    /// What it wrote to standard output so far.
    package var outputSoFar: String {
        String(decoding: readFile(directory.path + "/out") ?? [], as: UTF8.self)
    }
}

/// Runs a program of the system's, with this process's environment and `environment` on top.
package func runTool(
    _ arguments: String..., environment: [String: String] = [:], input: [UInt8] = [], timeout: Double = 120
) -> ProcessResult {
    ChildProcess(
        arguments, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, input: input
    ).wait(timeout: timeout)
}

/// `POSIX_SPAWN_SETSID` of <spawn.h>, which glibc shows to GNU sources only.
let newSession: Int32 = 0x80

/// glibc's `posix_spawn_file_actions_addclosefrom_np` (2.34), which its header shows to GNU sources only.
private let closeFrom = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
    unsafeBitCast(
        $0, to: (@convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32).self)
}

/// posix_spawnp with its arguments as Swift has them. Returns an errno or 0.
///
/// The child gets no descriptor but the first three: a server that lives as long as the tests would else keep
/// another test's pipe open, and whoever waits for the end of that pipe waits for ever.
func spawn(
    _ arguments: [String], _ environment: [String: String], _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>,
    flags: Int32, _ pid: UnsafeMutablePointer<pid_t>
) -> Int32 {
    _ = closeFrom?(actions, 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals as a fresh login has them, whatever the test runner did to its own.
    var every = sigset_t()
    sigfillset(&every)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &every)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(flags | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var argv = arguments.map { strdup($0) } + [nil]
    var envp = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    return posix_spawnp(pid, arguments[0], actions, &attributes, &argv, &envp)
}
