import Fixtures
import OCI
import Testing

@testable import Registry

@Suite struct RegistriesConfigurationTests {
    private func parse(_ text: String) throws -> RegistriesConfiguration {
        var configuration = RegistriesConfiguration()
        configuration.add(try RegistriesParser.parse(Array(text.utf8), path: "registries.conf"))
        return configuration
    }

    /// `http://host/path` for each place, in order; `~` marks an insecure one and `+` a mirror.
    private func places(_ configuration: RegistriesConfiguration, _ name: String, byDigest: Bool = false) throws
        -> [String]
    {
        try configuration.endpoints(for: Repository(name), byDigest: byDigest).map { endpoint in
            let scheme =
                switch endpoint.transport {
                case .http: "http"
                case .https: "https"
                case .unverified: "https!"
                case .insecure: "~"
                }
            return "\(endpoint.isMirror ? "+" : "")\(scheme)://\(endpoint.authority)/\(endpoint.path)"
        }
    }

    @Test(arguments: [
        ("nginx", "https://registry-1.docker.io/library/nginx"), ("ghcr.io/a/b", "https://ghcr.io/a/b"),
        ("localhost/a", "http://localhost/a"), ("localhost:5000/a", "http://localhost:5000/a"),
        ("127.0.0.1:5000/a", "http://127.0.0.1:5000/a"), ("[::1]:5000/a", "http://[::1]:5000/a"),
        ("10.0.0.1:5000/a", "https://10.0.0.1:5000/a"),
    ])
    func withoutConfiguration(_ name: String, _ place: String) throws {
        #expect(try places(RegistriesConfiguration(), name) == [place])
    }

    private static let rich = """
        unqualified-search-registries = ["quay.io"]
        short-name-mode = "enforcing"

        [[registry]]
        prefix = "docker.io"
        location = "docker.io"

        [[registry.mirror]]
        location = "mirror.example/hub/"
        pull-from-mirror = "digest-only"

        [[registry.mirror]]
        location = "127.0.0.1:5000"
        insecure = true

        [[registry.mirror]]
        location = "tags.example"
        pull-from-mirror = "tag-only"

        [[registry]]
        prefix = "docker.io/team"
        location = "inside.example/our"

        [[registry]]
        prefix = "*.example.org"
        insecure = true

        [[registry]]
        prefix = "*.deep.example.org"
        location = "one.example"

        [[registry]]
        location = "bad.example"
        blocked = true

        [[registry]]
        location = "localhost:5001"
        insecure = false

        [[registry]]
        location = "short.example/a"
        """

    @Test(
        arguments: [
            (
                "nginx", false,
                [
                    "+~://127.0.0.1:5000/library/nginx", "+https://tags.example/library/nginx",
                    "https://registry-1.docker.io/library/nginx",
                ]
            ),
            (
                "nginx", true,
                [
                    "+https://mirror.example/hub/library/nginx", "+~://127.0.0.1:5000/library/nginx",
                    "https://registry-1.docker.io/library/nginx",
                ]
            ),
            ("team/app", false, ["https://inside.example/our/app"]),
            (
                "teams/app", true,
                [
                    "+https://mirror.example/hub/teams/app", "+~://127.0.0.1:5000/teams/app",
                    "https://registry-1.docker.io/teams/app",
                ]
            ),
            ("a.example.org/x", false, ["~://a.example.org/x"]),
            ("a.b.example.org/x", false, ["~://a.b.example.org/x"]),
            ("a.deep.example.org/x/y", false, ["https://one.example/x/y"]),
            ("example.org/x", false, ["https://example.org/x"]),
            ("badexample.org/x", false, ["https://badexample.org/x"]),
            ("localhost:5001/x", false, ["https://localhost:5001/x"]),
            ("short.example/ab", false, ["https://short.example/ab"]),
            ("short.example/a/b", false, ["https://short.example/a/b"]),
        ] as [(String, Bool, [String])])
    func resolves(_ name: String, _ byDigest: Bool, _ expected: [String]) throws {
        #expect(try places(parse(Self.rich), name, byDigest: byDigest) == expected)
    }

    @Test func blocks() throws {
        let configuration = try parse(Self.rich)
        let error = #expect(throws: RegistryError.self) { try places(configuration, "bad.example/x") }
        #expect(error?.code == "denied")
    }

    @Test(arguments: [
        "[[registry]]\n", "[[registry]]\nlocation = 1\n",
        "[[registry]]\nlocation = \"a.example\"\ninsecure = \"yes\"\n",
        "[[registry]]\nlocation = \"https://a.example\"\n", "[[registry]]\nlocation = \"a b\"\n",
        "[[registry]]\nprefix = \"a.*.example\"\nlocation = \"b\"\n", "[[registry]]\nlocation = \"*.example\"\n",
        "[[registry]]\nlocation = \"a\"\n[[registry.mirror]]\ninsecure = true\n",
        "[[registry]]\nlocation = \"a\"\n[[registry.mirror]]\nlocation = \"b\"\npull-from-mirror = \"never\"\n",
        "[[registry]]\nlocation = \"a\"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = \"b\"\n"
            + "pull-from-mirror = \"all\"\n",
        "registry = 1\n", "not toml", "[[registry]\n", "a = \"\0\"\n",
        "[[registry]]\nlocation = \"\"\nprefix = \"a\"\n",
    ])
    func refuses(_ text: String) throws {
        let error = #expect(throws: RegistryError.self) { try parse(text) }
        #expect(error?.reason == .configuration)
        #expect(error?.message.contains("registries.conf") == true)
    }

    @Test func readsTheOldForm() throws {
        let configuration = try parse(
            "[registries.search]\nregistries = ['a']\n[registries.insecure]\nregistries = ['b.example']\n"
                + "[registries.block]\nregistries = ['c.example']\n")
        #expect(try places(configuration, "b.example/x") == ["~://b.example/x"])
        #expect(throws: RegistryError.self) { try places(configuration, "c.example/x") }
    }

    @Test func looksWhereTheEnvironmentSays() throws {
        let directory = TemporaryDirectory()
        let named = directory.write("named.conf", "[[registry]]\nlocation = \"a.example\"\n")
        let dropIns = directory.directory("named.conf.d")
        writeFile(dropIns + "/20-b.conf", Array("[[registry]]\nlocation = \"a.example\"\nblocked = true\n".utf8))
        writeFile(dropIns + "/10-a.conf", Array("[[registry]]\nlocation = \"a.example\"\ninsecure = true\n".utf8))
        writeFile(dropIns + "/30-not-this", Array("nonsense".utf8))
        let configuration = try RegistriesConfiguration.load(environment: ["CONTAINERS_REGISTRIES_CONF": named])
        #expect(configuration.entries.count == 1)
        #expect(configuration.entries.first?.blocked == true)
        let user = directory.directory("containers")
        writeFile(user + "/registries.conf", Array("[[registry]]\nlocation = \"user.example\"\n".utf8))
        #expect(
            try RegistriesConfiguration.load(environment: ["XDG_CONFIG_HOME": directory.path]).entries.map(\.prefix)
                == ["user.example"])
        // Without a user's file the system's is the main one, and the user's drop-ins still count, last.
        let other = TemporaryDirectory()
        let system = other.write("system.conf", "[[registry]]\nlocation = \"s.example\"\n")
        let userDropIns = other.directory("containers/registries.conf.d")
        writeFile(userDropIns + "/a.conf", Array("[[registry]]\nlocation = \"s.example\"\nblocked = true\n".utf8))
        let merged = try RegistriesConfiguration.load(environment: ["XDG_CONFIG_HOME": other.path], system: system)
        #expect(merged.entries.map(\.blocked) == [true])
        let error = #expect(throws: RegistryError.self) {
            try RegistriesConfiguration.load(environment: ["CONTAINERS_REGISTRIES_CONF": directory.path + "/none"])
        }
        #expect(error?.reason == .configuration)
    }
}
