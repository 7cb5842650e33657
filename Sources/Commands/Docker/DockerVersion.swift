import GoTemplate
import JSON
import Shell

/// `docker version`: whose lines these are, and what answers them.
enum DockerVersion {
    /// The client whose lines dsh reads.
    static let client = "28.2.2"
    private static let commit = "e6534b4"
    private static let built = "Fri May 30 12:07:14 2025"
    private static let api = "1.50"

    /// `docker --version`
    static let line = "Docker version \(client), build \(commit)\n"

    static let command = DockerCommand(
        paths: ["version"], usage: "[OPTIONS]", summary: "Show the Docker version information",
        flags: [.string("format", "f", DockerFlag.documentFormat)], arguments: .none,
        plain: { words in words.isGiven("format") ? nil : ["version"] }, isRepeatable: true, run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let source = call.words.string("format") ?? ""
        let template: Template
        do {
            template = try Template(source == "json" ? "{{json .}}" : source.isEmpty ? text : source, name: "version")
        } catch {
            throw DockerFailure.template(error, status: 64)
        }
        do {
            let bytes = try template.bytes(TemplateValue(document, as: type))
            try await call.out(String(decoding: bytes, as: UTF8.self) + "\n")
        } catch let error as TemplateError {
            try await call.out("\n")
            throw DockerFailure.error(error.message, code: .usage)
        }
    }

    private static let text = """
        Client:
         Version:           {{.Client.Version}}
         API version:       {{.Client.APIVersion}}
         Go version:        {{.Client.GoVersion}}
         Git commit:        {{.Client.GitCommit}}
         Built:             {{.Client.BuildTime}}
         OS/Arch:           {{.Client.Os}}/{{.Client.Arch}}
         Context:           {{.Client.Context}}

        Server: {{.Server.Platform.Name}}
         Engine:
          Version:          {{.Server.Version}}
          API version:      {{.Server.APIVersion}} (minimum version {{.Server.MinAPIVersion}})
          OS/Arch:          {{.Server.Os}}/{{.Server.Arch}}
        """

    private static var document: JSONValue {
        let parts = hostPlatform.split(separator: "/").map { JSONValue.string(String($0)) }
        return [
            "Client": [
                "Version": .string(client), "ApiVersion": .string(api), "DefaultAPIVersion": .string(api),
                "GitCommit": .string(commit), "GoVersion": "go1.24.3", "Os": parts[0], "Arch": parts[1],
                "BuildTime": .string(built), "Context": "default",
            ],
            "Server": [
                "Platform": ["Name": "dsh"], "Version": .string(Version.current), "ApiVersion": .string(api),
                "MinAPIVersion": .string(api), "Os": parts[0], "Arch": parts[1],
            ],
        ]
    }

    /// The client's `versionInfo`, as far as it says something here.
    private static let type: TemplateType = {
        func field(_ name: String, _ key: String? = nil) -> TemplateType.Field { .init(name, .string, key: key) }
        let client = TemplateType.Structure(
            "system.clientVersion",
            [
                field("Version"), field("APIVersion", "ApiVersion"), field("DefaultAPIVersion"), field("GitCommit"),
                field("GoVersion"), field("Os"), field("Arch"), field("BuildTime"), field("Context"),
            ])
        let server = TemplateType.Structure(
            "types.Version",
            [
                .init("Platform", .structure(TemplateType.Structure("struct { Name string }", [field("Name")]))),
                field("Version"), field("APIVersion", "ApiVersion"), field("MinAPIVersion"), field("Os"), field("Arch"),
            ])
        return .structure(
            TemplateType.Structure(
                "system.versionInfo",
                [.init("Client", .structure(client)), .init("Server", .pointer(.structure(server)))]))
    }()
}
