import Glibc

/// Where dsh keeps its files, by the environment and the XDG base directory specification.
struct Locations {
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    /// `$DSH_STORE`, else `$XDG_DATA_HOME/dsh/store`.
    var store: String {
        given("DSH_STORE").map(absolute) ?? directory("XDG_DATA_HOME", ".local/share") + "/dsh/store"
    }

    /// The environment with the paths in it that the backend reads made absolute: `cd` must not change what they mean.
    var environmentWithAbsolutePaths: [String: String] {
        var environment = environment
        for name in ["CONTAINERS_REGISTRIES_CONF", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "DOCKER_CERT_PATH"] {
            if let path = given(name) { environment[name] = absolute(path) }
        }
        return environment
    }

    private func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }

    /// `$XDG_STATE_HOME/dsh/history`
    var history: String { directory("XDG_STATE_HOME", ".local/state") + "/dsh/history" }

    /// `$XDG_DATA_HOME/dsh/plugins`: the user's own plugins.
    var plugins: String { directory("XDG_DATA_HOME", ".local/share") + "/dsh/plugins" }

    /// `$XDG_CACHE_HOME/dsh/plugins.json`: what plugins told about themselves.
    var pluginCache: String { directory("XDG_CACHE_HOME", ".cache") + "/dsh/plugins.json" }

    /// `$XDG_CONFIG_HOME/dsh/rc.dsh`
    var startFile: String { directory("XDG_CONFIG_HOME", ".config") + "/dsh/rc.dsh" }

    private func directory(_ variable: String, _ fallback: String) -> String {
        // The specification: a relative path is to be ignored.
        if let path = given(variable), path.hasPrefix("/") { return path }
        return home + "/" + fallback
    }

    /// `$HOME` where that is an absolute path, else what the password file says, else the root directory.
    private var home: String {
        if let path = given("HOME"), path.hasPrefix("/") { return path }
        let path = getpwuid(geteuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) } ?? ""
        return path.hasPrefix("/") ? path : ""
    }

    private func given(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The environment of this process; what is not UTF-8 is repaired.
    static func processEnvironment() -> [String: String] {
        var environment: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            entry += 1
            // Bytes are searched, not characters, whose tables a short command would load for this alone.
            guard let equals = strchr(text, Int32(UInt8(ascii: "="))) else { continue }
            let name = UnsafeRawBufferPointer(start: text, count: equals - text)
            environment[String(decoding: name, as: UTF8.self)] = String(cString: equals + 1)
        }
        return environment
    }
}
