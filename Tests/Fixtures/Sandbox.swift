import Foundation

/// A home of one test's own with the built dsh in it: a store, settings and an environment that nobody else sees.
package final class Sandbox: Sendable {
    package let directory: TemporaryDirectory
    /// Where this sandbox's images live.
    package let store: String
    private let registriesConf: String?

    /// - Parameter registry: mirrors docker.io and ghcr.io; nil for a sandbox without a network.
    package init(registry: RegistryServer? = RegistryServer.shared, store: String? = nil) {
        let directory = TemporaryDirectory()
        self.directory = directory
        self.store = store ?? directory.path + "/store"
        registriesConf = registry.map { directory.write("registries.conf", $0.registriesConf) }
        for name in ["home", "tmp", "work"] { directory.directory(name) }
    }

    /// The dsh under test: `DSH_BINARY`, as scripts/dev/test sets it, else the one built beside the tests.
    package static let binary: String = {
        if let path = ProcessInfo.processInfo.environment["DSH_BINARY"], !path.isEmpty { return path }
        // .build/<triple>/debug/<package>PackageTests.xctest
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("dsh").path
    }()

    package var environment: [String: String] {
        let home = directory.path + "/home"
        var environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": home, "XDG_DATA_HOME": home + "/data", "XDG_CONFIG_HOME": home + "/config",
            "XDG_CACHE_HOME": home + "/cache", "XDG_STATE_HOME": home + "/state", "DSH_STORE": store,
            "TMPDIR": directory.path + "/tmp", "LANG": "C.UTF-8", "TERM": "xterm",
        ]
        environment["CONTAINERS_REGISTRIES_CONF"] = registriesConf
        return environment
    }

    /// Starts dsh with `arguments`.
    package func start(
        _ arguments: [String], input: [UInt8] = [], environment extra: [String: String] = [:]
    ) -> ChildProcess {
        ChildProcess(
            [Self.binary] + arguments, environment: environment.merging(extra) { $1 },
            workingDirectory: directory.path + "/work", input: input)
    }

    /// Runs dsh with `arguments` to its end.
    package func run(
        _ arguments: String..., input: [UInt8] = [], environment extra: [String: String] = [:], timeout: Double = 60
    ) -> ProcessResult {
        start(arguments, input: input, environment: extra).wait(timeout: timeout)
    }

    /// Runs `dsh -c TEXT`.
    package func dsh(
        _ text: String, input: [UInt8] = [], environment extra: [String: String] = [:], timeout: Double = 60
    ) -> ProcessResult {
        start(["-c", text], input: input, environment: extra).wait(timeout: timeout)
    }

    /// Writes a script and runs it with `arguments`.
    package func script(_ text: String, _ arguments: String..., timeout: Double = 60) -> ProcessResult {
        let path = directory.write("work/script.dsh", text)
        return start([path] + arguments).wait(timeout: timeout)
    }

    /// Starts dsh at a terminal, as a user does.
    package func terminal(
        _ arguments: String..., columns: Int = 100, rows: Int = 30, environment extra: [String: String] = [:]
    ) -> PseudoTerminal {
        PseudoTerminal(
            [Self.binary] + arguments, environment: environment.merging(extra) { $1 }, columns: columns, rows: rows,
            keeping: directory)
    }

    /// Runs another tool with this sandbox's environment.
    package func tool(_ arguments: String..., timeout: Double = 120) -> ProcessResult {
        ChildProcess(arguments, environment: environment, workingDirectory: directory.path + "/work")
            .wait(timeout: timeout)
    }
}
