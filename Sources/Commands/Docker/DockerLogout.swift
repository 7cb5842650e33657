import Backend
import Shell

/// `docker logout` (docker/cli `cli/command/registry/logout.go`): it succeeds also where nobody was logged in.
enum DockerLogout {
    static let command = DockerCommand(
        paths: ["logout"], usage: "[SERVER]",
        summary: "Log out from a registry.\nIf no server is specified, the default is defined by the daemon.",
        arguments: .atMost(1), names: .text,
        run: { call in
            let server = call.arguments.first ?? ""
            let registry = DockerLogin.host(server)
            try await call.outLines([
                "Removing login credentials for \(server.isEmpty ? DockerLogin.hub : registry)"
            ])
            do {
                if let failure = try await call.context.registries.logout(registry, dryRun: false).failures.first {
                    throw failure
                }
            } catch let error as BackendError where error.code != .interrupted {
                let name = server.isEmpty ? DockerLogin.hub : registry
                call.err("WARNING: could not erase credentials:\n\(name): \(error.message)\n")
            }
        })
}
