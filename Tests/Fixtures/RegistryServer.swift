import Foundation

/// Debian's docker-registry on a loopback port that the kernel picked.
package final class RegistryServer: Sendable {
    /// `127.0.0.1:PORT`
    package let host: String
    package let storage: RegistryStorage
    private let server: LoopbackServer

    /// The one that holds `StandardImages`, started at first use and shared by every test.
    package static let shared = RegistryServer(StandardImages.all)

    /// `isReadOnly`: it answers every write with 405; `deletes`: `storage.delete.enabled`.
    package init(
        _ images: [(repository: String, tags: [String], image: BuiltImage)] = [], isReadOnly: Bool = false,
        deletes: Bool = true, access: RegistryAccess = .open
    ) {
        let directory = serverDirectory("registry")
        storage = RegistryStorage(directory: directory + "/data")
        for (repository, tags, image) in images { storage.add(image, repository: repository, tags: tags) }
        writeFile(
            directory + "/config.yml",
            Array(
                """
                version: 0.1
                log: {level: info, accesslog: {disabled: true}}
                storage:
                  filesystem: {rootdirectory: \(directory)/data}
                  delete: {enabled: \(deletes)}
                  maintenance: {readonly: {enabled: \(isReadOnly)}}
                http: {addr: "127.0.0.1:0"}
                \(access.configuration(directory))
                """.utf8))
        let server = LoopbackServer(["docker-registry", "serve", "config.yml"], directory: directory)
        self.server = server
        host = server.wait("docker-registry") {
            server.log.range(of: "listening on 127.0.0.1:").flatMap { found in
                let port = server.log[found.upperBound...].prefix { $0.isNumber }
                return port.isEmpty ? nil : "127.0.0.1:\(port)"
            }
        }
    }

    /// A registries.conf (version 2) in which Docker Hub and GitHub's registry are mirrored by this registry; it also
    /// stands in for the two themselves, so that a test never leaves this machine.
    package var registriesConf: String {
        ["docker.io", "ghcr.io"].map { name in
            """
            [[registry]]
            prefix = "\(name)"
            location = "\(host)"
            insecure = true

            [[registry.mirror]]
            location = "\(host)"
            insecure = true


            """
        }.joined()
    }
}
