import Foundation

/// A real Docker engine on a socket and a data directory of its own, with the shared registry as Docker Hub's mirror.
/// Needs root; makes no bridge and no firewall rule.
package final class EngineServer: Sendable {
    private let socket: String
    private let server: LoopbackServer

    package static let shared = EngineServer(mirror: RegistryServer.shared.host)

    /// Whether this machine can run one at all.
    package static var isAvailable: Bool {
        geteuid() == 0
            && ["/usr/sbin/dockerd", "/usr/bin/dockerd"].contains { FileManager.default.isExecutableFile(atPath: $0) }
    }

    package init(mirror: String) {
        let directory = serverDirectory("engine")
        let socket = directory + "/docker.sock"
        writeFile(directory + "/daemon.json", Array("{}".utf8))
        server = LoopbackServer(
            [
                "dockerd", "--config-file", directory + "/daemon.json", "--storage-driver=vfs", "--bridge=none",
                "--iptables=false", "--host", "unix://" + socket, "--data-root", directory + "/data",
                "--exec-root", directory + "/exec", "--pidfile", directory + "/pid", "--registry-mirror",
                "http://" + mirror, "--insecure-registry", mirror,
            ], directory: directory)
        self.socket = socket
        _ = server.wait("dockerd") {
            runTool("docker", "--host", "unix://" + socket, "version", timeout: 10).code == 0 ? true : nil
        }
    }

    /// `DOCKER_HOST` for clients.
    package var address: String { "unix://" + socket }

    /// Runs the real client against this engine.
    package func docker(_ arguments: String..., timeout: Double = 120) -> ProcessResult {
        run(arguments, timeout: timeout)
    }

    /// As `docker`, with a list of arguments.
    package func run(_ arguments: [String], timeout: Double = 120) -> ProcessResult {
        ChildProcess(
            ["docker", "--host", address] + arguments, environment: ProcessInfo.processInfo.environment
        ).wait(timeout: timeout)
    }
}
