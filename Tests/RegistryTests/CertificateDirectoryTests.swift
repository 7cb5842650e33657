import Fixtures
import Foundation
import HTTP
import OCI
import Testing

@testable import Registry

@Suite struct CertificateDirectoryTests {
    private static let server = TLSRegistryServer()
    private static let choosy = TLSRegistryServer(asksClients: true)

    /// A client that verifies `localhost` too, with that `certs.d`.
    private func client(_ host: String, certificates: String) throws -> RegistryClient {
        var configuration = RegistryConfiguration()
        configuration.registries.add(
            try RegistriesParser.parse(
                Array("[[registry]]\nlocation = \"\(host)\"\ninsecure = false\n".utf8), path: "registries.conf"))
        configuration.retry = RetryPolicy(attempts: 1)
        configuration.certificates = CertificateDirectories(directories: ["/nonexistent", certificates])
        return RegistryClient(http: HTTPClient(), configuration: configuration)
    }

    private func copy(_ file: String, _ directory: TemporaryDirectory, _ path: String) {
        writeFile(directory.path + "/" + path, readFile(file) ?? [])
    }

    @Test func theAuthorityOfAHostIsTrustedForIt() async throws {
        let directory = TemporaryDirectory()
        directory.directory(Self.server.host)
        let client = try client(Self.server.host, certificates: directory.path)
        await expectFailure(.certificate) { () throws(RegistryError) in try await client.ping(Self.server.host) }
        let other = TemporaryDirectory()
        other.directory(Self.server.host)
        copy(Self.server.authorityFile, other, Self.server.host + "/ca.crt")
        let trusting = try self.client(Self.server.host, certificates: other.path)
        try await trusting.ping(Self.server.host)
        // Not for another host.
        let elsewhere = try self.client(Self.choosy.host, certificates: other.path)
        await expectFailure(.certificate) { () throws(RegistryError) in try await elsewhere.ping(Self.choosy.host) }
    }

    @Test func theClientsCertificateIsShown() async throws {
        let directory = TemporaryDirectory()
        let host = Self.choosy.host
        directory.directory(host)
        copy(Self.choosy.authorityFile, directory, host + "/any.crt")
        let anonymous = try client(host, certificates: directory.path)
        await expectFailure(.network) { () throws(RegistryError) in try await anonymous.ping(host) }
        copy(Self.choosy.clientCertificate, directory, host + "/client.cert")
        let halved = try client(host, certificates: directory.path)
        let error = await expectFailure(.certificate) { () throws(RegistryError) in try await halved.ping(host) }
        #expect(error?.message.contains("client.key") == true)
        copy(Self.choosy.clientKey, directory, host + "/client.key")
        try await client(host, certificates: directory.path).ping(host)
    }

    /// Blobs go the same way as manifests: everything of an image, over TLS that only `certs.d` vouches for.
    @Test func theSystemsAuthoritiesStay() throws {
        let directory = TemporaryDirectory()
        directory.directory("a.example")
        writeFile(directory.path + "/a.example/ca.crt", Array("extra".utf8))
        let certificates = CertificateDirectories(directories: [directory.path])
        let system = directory.write("system.pem", "system\n")
        let options = certificates.options(TLSOptions(authorityFile: system), for: "a.example")
        #expect(options.authorities.map { String(decoding: $0.pem, as: UTF8.self) } == "system\nextra\n")
        #expect(
            certificates.options(TLSOptions(authorityFile: system), for: "b.example")
                == TLSOptions(authorityFile: system))
        for odd in ["..", ".", "a.example/../a.example"] {
            #expect(certificates.options(TLSOptions(), for: odd) == TLSOptions())
        }
    }

    @Test func looksWhereTheEnvironmentSays() {
        let places = CertificateDirectories(environment: ["HOME": "/h", "DOCKER_CONFIG": "/d"]).directories
        #expect(
            places == [
                "/d/certs.d", "/h/.config/docker/certs.d", "/h/.config/containers/certs.d", "/etc/containers/certs.d",
                "/etc/docker/certs.d",
            ])
    }

    /// The token server of another host verifies by the same authorities, but is not shown the registry's certificate.
    @Test func theClientsCertificateIsForTheRegistryAlone() throws {
        func tls(_ realm: String) throws -> TLSOptions? {
            try TokenRequest(
                realm: realm, service: "", scope: "", credentials: nil, allowsPlain: false,
                registry: "registry.example", origin: "https://registry.example",
                tls: TLSOptions(clientCertificate: "/c", clientKey: "/k"), limits: HTTPLimits()
            ).request().tls
        }
        #expect(try tls("https://registry.example/token")?.clientCertificate == "/c")
        #expect(try tls("https://auth.example/token")?.clientCertificate == nil)
        #expect(try tls("https://registry.example:8443/token")?.clientKey == nil)
    }
}
