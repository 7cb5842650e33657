import Foundation

/// Debian's docker-registry on loopback with TLS (and so HTTP/2), its certificate from an authority made for it.
package final class TLSRegistryServer: Sendable {
    /// `localhost:PORT`; the certificate is for that name and 127.0.0.1.
    package let host: String
    /// PEM files: the authority, and a client certificate that it signed.
    package let authorityFile: String
    package let clientCertificate: String
    package let clientKey: String
    private let files = TemporaryDirectory()
    private let server: LoopbackServer

    /// With `asksClients`, only those that show a certificate of the authority are let in.
    package init(asksClients: Bool = false, access: RegistryAccess = .open) {
        let files = files
        func openssl(_ arguments: String) {
            let result = runTool("sh", "-c", "cd '\(files.path)' && openssl \(arguments)")
            precondition(result.code == 0, "openssl: \(result)")
        }
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        openssl("req -x509 \(key) -keyout ca.key -out ca.pem -days 2 -subj /CN=stub-authority")
        for (name, extensions) in [
            ("server", "subjectAltName=DNS:localhost,IP:127.0.0.1"), ("client", "extendedKeyUsage=clientAuth"),
        ] {
            _ = files.write("\(name).ext", extensions)
            openssl("req -new \(key) -keyout \(name).key -out \(name).csr -subj /CN=\(name)")
            openssl(
                "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out \(name).pem"
                    + " -extfile \(name).ext")
        }
        authorityFile = files.path + "/ca.pem"
        clientCertificate = files.path + "/client.pem"
        clientKey = files.path + "/client.key"
        let clients = asksClients ? ", clientcas: [\"\(files.path)/ca.pem\"]" : ""
        let directory = serverDirectory("tls-registry")
        writeFile(
            directory + "/config.yml",
            Array(
                """
                version: 0.1
                log: {level: info, accesslog: {disabled: true}}
                storage:
                  filesystem: {rootdirectory: \(directory)/data}
                http:
                  addr: "127.0.0.1:0"
                  tls: {certificate: "\(files.path)/server.pem", key: "\(files.path)/server.key"\(clients)}
                \(access.configuration(directory))
                """.utf8))
        let server = LoopbackServer(["docker-registry", "serve", "config.yml"], directory: directory)
        self.server = server
        let port = server.wait("docker-registry with TLS") { () -> String? in
            guard let found = server.log.range(of: "listening on 127.0.0.1:") else { return nil }
            let port = server.log[found.upperBound...].prefix { $0.isNumber }
            return port.isEmpty ? nil : String(port)
        }
        host = "localhost:\(port)"
    }
}
