import CLinux
import Glibc

/// A program that is started beside dsh: the one place in which that happens, for credential helpers (Registry), plugins
/// and `!program` (Shell). It has a target of its own since those two know nothing of each other, and what both import
/// already is about threads; it knows how a child has to begin, and leaves to each how it is fed, read and ended.
///
/// A child begins as it would from a login shell: no signal blocked or ignored, whatever dsh does with its own, and in a
/// process group of its own, so that it can be ended with all that it started, and Ctrl-C is first dsh's to deal with.
package struct ChildProgram: Sendable {
    /// Why it could not be started: an errno.
    package struct StartFailure: Error, Sendable, Hashable {
        package let code: Int32

        package init(code: Int32) { self.code = code }

        /// The system's own words for it.
        package var message: String { String(cString: strerror(code)) }
    }

    /// An absolute path; `PATH` is not looked into.
    package var path: String
    /// With the name that it is called by. Every user of the machine can read them: nothing secret is among them.
    package var arguments: [String]
    /// nil is dsh's own.
    package var environment: [String: String]?
    /// What its descriptors 0, 1 and 2 are; nil leaves dsh's.
    package var streams: [Int32?]
    /// Whether it gets nothing but its three streams, whatever a library of ours forgot to close on exec. A program that
    /// the user wrote into a line gets what dsh was started with, as from any shell.
    package var closesOthers: Bool

    package init(
        path: String, arguments: [String], environment: [String: String]? = nil, streams: [Int32?],
        closesOthers: Bool = true
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.streams = streams
        self.closesOthers = closesOthers
    }

    /// A file that was just written may still be open for writing in a child that another thread is starting: that lasts
    /// until the child's own exec.
    private static let busyTries = 20
    private static let busyPause: useconds_t = 5_000

    /// Starts it, and returns the number of the process, which is that of its group too; the caller waits for it.
    ///
    /// Throws `StartFailure` with posix_spawn(3)'s errno: ENOENT also for a script whose interpreter is not there.
    package func start() throws(StartFailure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in streams.enumerated() {
            if let stream { posix_spawn_file_actions_adddup2(&actions, stream, Int32(number)) }
        }
        if closesOthers { _ = dsh_spawn_close_from(&actions, 3) }
        var attributes = ChildProgram.attributes()
        defer { posix_spawnattr_destroy(&attributes) }
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            (environment ?? [:]).map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var pid: pid_t = 0
        for _ in 0..<ChildProgram.busyTries {
            let code =
                environment == nil
                ? posix_spawn(&pid, path, &actions, &attributes, &words, environ)
                : posix_spawn(&pid, path, &actions, &attributes, &words, &variables)
            if code == 0 { return pid }
            if code != ETXTBSY { throw StartFailure(code: code) }
            usleep(ChildProgram.busyPause)
        }
        throw StartFailure(code: ETXTBSY)
    }

    private static func attributes() -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var none = sigset_t()
        sigemptyset(&none)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU] {
            sigaddset(&defaults, signal)
        }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        return attributes
    }
}
