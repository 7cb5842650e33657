import Shell

/// What may stand between `docker` and the command.
enum DockerGlobalFlags {
    static let usage = "docker [OPTIONS] COMMAND [ARG...]"

    /// Where the client's settings are: `$DOCKER_CONFIG`, else `~/.docker`.
    static func directory(_ environment: [String: String]) -> String {
        if let path = environment["DOCKER_CONFIG"], !path.isEmpty { return path }
        return (environment["HOME"] ?? "") + "/.docker"
    }

    static func all(_ environment: [String: String]) -> [DockerFlag] {
        let directory = directory(environment)
        let certificates = environment["DOCKER_CERT_PATH"].flatMap { $0.isEmpty ? nil : $0 } ?? directory
        func path(_ name: String, _ usage: String, _ file: String) -> DockerFlag {
            var flag = DockerFlag.string(name, nil, usage)
            flag.shownDefault = file
            return flag
        }
        var level = DockerFlag.string(
            "log-level", "l", "Set the logging level (\"debug\", \"info\", \"warn\", \"error\", \"fatal\")",
            choices: ["debug", "info", "warn", "error", "fatal"])
        level.shownDefault = "info"
        return [
            path("config", "Location of client config files", directory),
            .string(
                "context", "c",
                "Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with \"docker context use\")"
            ), .bool("debug", "D", "Enable debug mode"), .list("host", "H", "Daemon socket to connect to"), level,
            .bool("tls", nil, "Use TLS; implied by --tlsverify"),
            path("tlscacert", "Trust certs signed only by this CA", certificates + "/ca.pem"),
            path("tlscert", "Path to TLS certificate file", certificates + "/cert.pem"),
            path("tlskey", "Path to TLS key file", certificates + "/key.pem"),
            .bool("tlsverify", nil, "Use TLS and verify the remote"),
            .bool("version", "v", "Print version information and quit"),
        ]
    }

    /// Refuses what would have the line work on something else than it will.
    static func check(_ words: DockerWords, _ environment: [String: String]) throws(ShellError) {
        if let level = words.string("log-level"),
            !["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"].contains(level.lowercased())
        {
            throw DockerFailure.error("Unable to parse logging level: \(level)", code: .usage)
        }
        for name in ["host", "context", "tls", "tlscacert", "tlscert", "tlskey", "tlsverify", "config"] {
            guard let value = words.string(name), value != "false" else { continue }
            if name == "context", value == "default" { continue }
            if name == "config", value == directory(environment) { continue }
            throw DockerFailure.error(
                "docker: '--\(name)' is out of reach: dsh works on its own store, as it was started\n"
                    + DockerHelp.advice(usage: nil, path: "").dropLast(), code: .unsupported)
        }
    }
}
