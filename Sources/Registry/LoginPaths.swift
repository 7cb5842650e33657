/// Where logins are kept: files in the order in which they are looked into.
struct LoginPaths: Sendable {
    /// The first is where a new login goes.
    let files: [String]
    /// The one that the user named: others are not looked into, and it is missed where it is not there.
    let named: String?

    /// `REGISTRY_AUTH_FILE` alone where it is set, as containers-auth.json(5) has it; else Docker's `config.json`
    /// (`DOCKER_CONFIG`, `~/.docker`), into which `login` writes, then podman's `auth.json`: that of the session
    /// (`XDG_RUNTIME_DIR`) and that of the user (`XDG_CONFIG_HOME`, `~/.config`).
    init(environment: [String: String]) {
        func set(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        named = set("REGISTRY_AUTH_FILE")
        if let named {
            files = [named]
            return
        }
        let home = set("HOME")
        let places: [String?] = [
            (set("DOCKER_CONFIG") ?? home.map { $0 + "/.docker" }).map { $0 + "/config.json" },
            set("XDG_RUNTIME_DIR").map { $0 + "/containers/auth.json" },
            (set("XDG_CONFIG_HOME") ?? home.map { $0 + "/.config" }).map { $0 + "/containers/auth.json" },
        ]
        files = places.compactMap { $0 }
    }
}
