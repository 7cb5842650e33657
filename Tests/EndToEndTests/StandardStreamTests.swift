import Fixtures
import Glibc
import Testing

/// What dsh does with standard streams that are closed or full, and without the usual environment.
@Suite struct StandardStreamTests {
    /// Closed descriptors are not what dsh opens next: its own signal pipe was once read as the script, for ever.
    @Test(arguments: [
        ("- <&-", 2, "Bad file descriptor"),
        ("<&-", 2, "Bad file descriptor"),
        ("-c 'import - y/y' <&-", 1, "Bad file descriptor"),
        ("-c 1 >&-", 1, "Bad file descriptor"),
        ("-c 1 >&- 2>&- <&-", 1, ""),
        ("--version >&-", 1, "Bad file descriptor"),
        ("--version >/dev/full", 1, "error[no_space]"),
        ("--help >/dev/full", 1, "error[no_space]"),
        ("-c 1 >/dev/full", 1, "error[no_space]"),
        ("-c 'docker images' >/dev/full", 1, "write /dev/stdout: no space left on device\n"),
        ("-c 'docker help' >/dev/full", 1, "write /dev/stdout: no space left on device\n"),
    ])
    func closedAndFullStreamsAreErrors(arguments: String, code: Int, says: String) {
        let sandbox = Sandbox(registry: nil)
        let result = sandbox.tool("sh", "-c", "exec '\(Sandbox.binary)' \(arguments)", timeout: 10)
        #expect(result.code == Int32(code), "\(result)")
        #expect(result.errors.contains(says), "\(result)")
    }

    @Test func aReaderThatLeavesIsNoError() {
        let sandbox = Sandbox(registry: nil)
        let dsh = "'\(Sandbox.binary)'"
        let result = sandbox.tool("sh", "-c", "\(dsh) --help | true; \(dsh) -c 'range(1000000)' | head -n 1")
        #expect(result.code == 0 && result.output == "0\n" && result.errors.isEmpty, "\(result)")
    }

    /// Without a usable HOME the password file tells where home is, not a guess.
    @Test(
        .enabled(if: geteuid() == 0, "becoming another user takes root"),
        arguments: ["env -u HOME", "env HOME=", "env HOME=relative"])
    func homeComesFromThePasswordFile(prefix: String) throws {
        let sandbox = Sandbox(registry: nil)
        let nobody = try #require(getpwnam("nobody"))
        let other = "setpriv --reuid=\(nobody.pointee.pw_uid) --clear-groups"
        let command = "\(prefix) env -u DSH_STORE -u XDG_DATA_HOME \(other) '\(Sandbox.binary)' -c images"
        let result = sandbox.tool("sh", "-c", command)
        #expect(result.code == 0 && result.output == "[]\n", "\(result)")
    }
}
