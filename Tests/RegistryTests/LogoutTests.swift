import Fixtures
import Testing
import Threads

@testable import Registry

/// What `erase` takes from files and helpers, and what it says where it cannot.
@Suite struct LogoutTests {
    private let directory = TemporaryDirectory()
    private let flag = CancellationFlag()

    private func write(_ text: String) { _ = directory.write("config.json", text) }

    private var text: String { String(decoding: readFile(directory.path + "/config.json") ?? [], as: UTF8.self) }

    private func logins(_ path: String = "/usr/bin", helpers: [String]? = nil) -> Logins {
        Logins(environment: ["DOCKER_CONFIG": directory.path, "PATH": path], helpers: helpers)
    }

    private func key(_ text: String) throws -> LoginKey { try #require(LoginKey(text)) }

    /// A helper that is not there, or that fails, keeps nobody's password in a file.
    @Test(arguments: [
        "{\"credsStore\":\"nowhere\",\"auths\":{\"quay.io\":{\"auth\":\"bWU6cHc=\"}}}",
        "{\"credHelpers\":{\"quay.io\":\"nowhere\"},\"auths\":{\"quay.io\":{\"auth\":\"bWU6cHc=\"},\"https://quay.io\":{\"auth\":\"bWU6cHc=\"}}}",
    ])
    func theFileGoesFirst(_ before: String) throws {
        write(before)
        let planned = logins().erase(try key("quay.io"), dryRun: true, cancellation: flag)
        #expect(planned.records.map(\.storage) == [.file(directory.path + "/config.json")])
        #expect(planned.failures.count == 1 && text == before)
        let (records, failures) = logins().erase(try key("quay.io"), dryRun: false, cancellation: flag)
        #expect(records.map(\.username) == ["me"])
        #expect(failures.map(\.reason) == [.helper])
        #expect(failures.first?.message.contains("nowhere is not installed") == true)
        #expect(!text.contains("bWU6cHc="), "\(text)")
    }

    @Test func anEntryThatAHelperHasStaysWhereTheHelperFails() throws {
        let fake = FakeCredentialHelper("test", .failing("locked"))
        write("{\"credsStore\":\"test\",\"auths\":{\"quay.io\":{}}}")
        let (records, failures) = logins(fake.path).erase(try key("quay.io"), dryRun: false, cancellation: flag)
        #expect(records.isEmpty && failures.count == 1)
        #expect(text.contains("\"quay.io\""))
    }

    /// Nobody knows what is in a damaged file: that is no "not logged in".
    @Test(arguments: ["{\"auths\":{\"quay.io\":{\"auth\":\"bWU6cHc=\"}},}", "[]", "nothing"])
    func aDamagedFileIsSaid(_ before: String) throws {
        write(before)
        let (records, failures) = logins().erase(try key("quay.io"), dryRun: false, cancellation: flag)
        #expect(records.isEmpty && failures.map(\.reason) == [.helper])
        #expect(failures.first?.message.contains("config.json") == true)
        #expect(text == before)
        var told: [RegistryError] = []
        #expect(try logins().list(cancellation: flag) { told.append($0) }.isEmpty)
        #expect(told.count == 1)
    }

    // MARK: credential-helpers of registries.conf

    @Test func helpersForEverythingAreAskedInTheirOrder() async throws {
        let (first, second) = (FakeCredentialHelper("first"), FakeCredentialHelper("second"))
        let path = first.path.split(separator: ":")[0] + ":" + second.path
        write("{\"auths\":{\"quay.io\":{\"auth\":\"ZmlsZTpwdw==\"},\"quay.io/team\":{\"auth\":\"dGVhbTpwdw==\"}}}")
        second.add("quay.io", "second", "pw")
        second.add("docker.io", "podman", "pw")
        func username(_ helpers: [String]?, _ registry: String = "quay.io", _ repository: String = "a") async -> String?
        {
            await logins(path, helpers: helpers).credentials(registry: registry, path: repository)?.username
        }
        #expect(await username(nil) == "file")
        #expect(await username(["first", "second", Logins.filesName]) == "second")
        #expect(await username(["first", Logins.filesName, "second"]) == "file")
        #expect(await username([Logins.filesName, "second"], "quay.io", "team/a") == "team")
        #expect(await username(["first"]) == nil)
        // Those know registries, and no namespaces; Docker Hub by podman's name or by Docker's.
        #expect(await username(["second"], "quay.io", "team/a") == "second")
        #expect(await username(["second"], "docker.io", "library/nginx") == "podman")
        first.add("https://index.docker.io/v1/", "docker", "pw")
        #expect(await username(["first"], "docker.io", "library/nginx") == "docker")
        let found = await logins(path, helpers: ["second"]).stored(registry: "quay.io", path: "a")
        #expect(found?.name == "the login of second (from the credential helper second)")
    }

    @Test func theFirstKeepsWhatIsNew() throws {
        let fake = FakeCredentialHelper()
        write("{}")
        let login = Credentials.basic(username: "me", password: Secret("pw"))
        func keep(_ name: String, _ helpers: [String]) throws -> LoginRecord.Storage {
            try logins(fake.path, helpers: helpers).store(login, for: key(name), dryRun: false, cancellation: flag)
                .storage
        }
        #expect(try keep("quay.io", ["test", Logins.filesName]) == .helper("test"))
        #expect(text == "{}")
        // A namespace is for files.
        let file = LoginRecord.Storage.file(directory.path + "/config.json")
        #expect(try keep("quay.io/team", ["test", Logins.filesName]) == file)
        #expect(try keep("ghcr.io", [Logins.filesName, "test"]) == file)
        #expect(throws: RegistryError.self) { try keep("quay.io/team", ["test"]) }
        let all = logins(fake.path, helpers: ["test", Logins.filesName])
        #expect(try all.list(cancellation: flag) { _ in }.map(\.key.name) == ["quay.io", "ghcr.io", "quay.io/team"])
        let (records, failures) = all.erase(try key("quay.io"), dryRun: false, cancellation: flag)
        #expect(records.map(\.storage) == [.helper("test")] && failures.isEmpty)
        #expect(try all.list(cancellation: flag) { _ in }.map(\.key.name) == ["ghcr.io", "quay.io/team"])
    }

    @Test func registriesConfNamesThem() throws {
        func parsed(_ texts: String...) throws -> [String]? {
            var configuration = RegistriesConfiguration()
            for text in texts {
                configuration.add(try RegistriesParser.parse(Array(text.utf8), path: "registries.conf"))
            }
            return configuration.credentialHelpers
        }
        #expect(try parsed("") == nil)
        #expect(try parsed("credential-helpers = []") == nil)
        #expect(
            try parsed("credential-helpers = [\"containers-auth.json\", \"pass\"]") == ["containers-auth.json", "pass"])
        // A later file's takes the place of an earlier one's.
        #expect(try parsed("credential-helpers = [\"a\"]", "", "credential-helpers = [\"b\"]", "") == ["b"])
        for bad in ["credential-helpers = 1", "credential-helpers = [1]", "credential-helpers = \"pass\""] {
            let error = #expect(throws: RegistryError.self) { try parsed(bad) }
            #expect(error?.reason == .configuration && error?.message.contains("credential-helpers") == true)
        }
        let configuration = directory.write("registries.conf", "credential-helpers = [\"pass\"]")
        let loaded = try RegistryConfiguration.load(environment: ["CONTAINERS_REGISTRIES_CONF": configuration])
        #expect(loaded.logins.sources().count == 1)
    }
}
