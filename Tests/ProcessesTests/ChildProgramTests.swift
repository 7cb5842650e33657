import Glibc
import Testing

@testable import Processes

@Suite struct ChildProgramTests {
    /// What `sh -c TEXT` writes to its standard output.
    private func output(
        _ text: String, environment: [String: String]? = nil, input: Int32? = nil, closesOthers: Bool = true
    ) throws -> (text: String, status: Int32) {
        let pipe = try #require(Pipe())
        let child = ChildProgram(
            path: "/bin/sh", arguments: ["sh", "-c", text], environment: environment,
            streams: [input, pipe.write, nil], closesOthers: closesOthers)
        let pid = try child.start()
        close(pipe.write)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(pipe.read, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        close(pipe.read)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return (String(decoding: bytes, as: UTF8.self), status)
    }

    @Test func getsItsStreamsAndItsWords() throws {
        let feed = try #require(Pipe())
        #expect(write(feed.write, "told\n", 5) == 5)
        close(feed.write)
        let (text, status) = try output("cat; echo \"$0\"; exit 3", input: feed.read)
        close(feed.read)
        #expect(text == "told\nsh\n")
        #expect(status == 3 << 8)
    }

    @Test func itsEnvironmentIsOursOrWhatItIsGiven() throws {
        #expect(try output("echo \"$A-${HOME:+home}\"", environment: ["A": "a b=c"]).text == "a b=c-\n")
        setenv("DSH_CHILD_TEST", "ours", 1)
        #expect(try output("echo \"$DSH_CHILD_TEST\"").text == "ours\n")
    }

    /// Each has a group of its own: `ps` would tell it, the shell's own word is enough.
    @Test func leadsAGroupOfItsOwn() throws {
        let (text, _) = try output("cut -d' ' -f5 /proc/$$/stat; echo $$")
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2 && lines[0] == lines[1], "\(text)")
        #expect(lines.first.flatMap { Int32($0) } != getpgrp())
    }

    /// Whatever is blocked or ignored here: masks are of the thread, dispositions of the process.
    @Test func itsSignalsAreThoseOfALogin() throws {
        var blocked = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGTERM)
        sigaddset(&blocked, SIGUSR1)
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        let ignored = signal(SIGPIPE, SIG_IGN)
        defer {
            pthread_sigmask(SIG_SETMASK, &before, nil)
            _ = signal(SIGPIPE, ignored)
        }
        let (text, _) = try output("exec grep -E '^Sig(Blk|Ign):' /proc/self/status")
        let masks = text.split(separator: "\n").compactMap { line in
            line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
        }
        #expect(masks.count == 2 && masks[0] == 0, "\(text)")
        #expect(masks.last.map { $0 & 1 << UInt64(SIGPIPE - 1) } == 0, "\(text)")
    }

    @Test(arguments: [(true, "no"), (false, "yes")])
    func getsNothingElseOfOursUnlessThatIsMeant(_ closesOthers: Bool, _ expected: String) throws {
        let open = dup(STDERR_FILENO)
        defer { close(open) }
        let (text, _) = try output("[ -e /proc/self/fd/\(open) ] && echo yes || echo no", closesOthers: closesOthers)
        #expect(text == expected + "\n")
    }

    /// The ends of pipes are closed on exec, however many programs start at once.
    @Test func pipesAreNotInherited() throws {
        let pipes = try #require(Pipe.several(3))
        defer { for pipe in pipes { pipe.close() } }
        let ends = pipes.flatMap { [$0.read, $0.write] }
        let test = ends.map { "[ -e /proc/self/fd/\($0) ] && readlink /proc/self/fd/\($0) | grep -c pipe" }
        let (text, _) = try output(test.joined(separator: "; "), closesOthers: false)
        #expect(text == "")
    }

    @Test func endsAreNonBlockingWhereThatIsSaid() throws {
        let pipe = try #require(Pipe())
        defer { pipe.close() }
        Pipe.setNonBlocking(pipe.read)
        var byte: UInt8 = 0
        #expect(read(pipe.read, &byte, 1) == -1 && errno == EAGAIN)
        #expect(fcntl(pipe.write, F_GETFL) & O_NONBLOCK == 0)
    }

    @Test(arguments: [("/nonexistent/program", ENOENT), ("/etc/passwd", EACCES), ("/", EACCES)])
    func whatCannotBeStartedSaysWhy(_ path: String, _ code: Int32) {
        let child = ChildProgram(path: path, arguments: [path], streams: [])
        let failure = #expect(throws: ChildProgram.StartFailure.self) { try child.start() }
        #expect(failure?.code == code)
        #expect(failure?.message.isEmpty == false)
    }

    /// A program that is still open for writing is waited for, and not for ever.
    @Test func aFileThatIsBeingWrittenIsTriedAgain() throws {
        let directory = "/tmp/dsh-child-\(getpid())"
        mkdir(directory, 0o700)
        let path = directory + "/program"
        defer {
            unlink(path)
            rmdir(directory)
        }
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o700)
        let text = "#!/bin/sh\nexit 7\n"
        #expect(write(file, text, text.utf8.count) == text.utf8.count)
        let child = ChildProgram(path: path, arguments: [path], streams: [])
        let failure = #expect(throws: ChildProgram.StartFailure.self) { try child.start() }
        #expect(failure?.code == ETXTBSY)
        close(file)
        let pid = try child.start()
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        #expect(status == 7 << 8)
    }
}
