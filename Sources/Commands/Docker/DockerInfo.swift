import Backend
import Glibc
import GoTemplate
import JSON
import Shell

/// `docker info`, `docker system info`: what there is to tell of a store that nothing runs on. What only an engine has
/// is left out.
enum DockerInfo {
    static let command = DockerCommand(
        paths: ["info", "system info"], usage: "[OPTIONS]", summary: "Display system-wide information",
        aliases: "docker system info, docker info",
        flags: [.string("format", "f", DockerFlag.documentFormat)], arguments: .none,
        plain: { words in words.isGiven("format") ? nil : ["info"] }, isRepeatable: true, run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let document = await document(try await call.context.backend.info(), call.session.environment)
        let source = call.words.string("format") ?? ""
        let template: Template
        do {
            template = try Template(source == "json" ? "{{json .}}" : source.isEmpty ? text : source)
        } catch {
            throw DockerFailure.error("template parsing error: \(error.message)", code: .usage, status: 64)
        }
        let value = TemplateValue(document, as: type)
        do {
            let bytes = try template.bytes(value)
            try await call.out(String(decoding: bytes, as: UTF8.self) + "\n")
        } catch let error as TemplateError {
            let written = template.bytesBeforeFailure(value)
            try await call.out(String(decoding: written, as: UTF8.self) + "\n")
            throw DockerFailure.error(error.message, code: .usage)
        }
    }

    private static let text = """
        Client:
         Version:    {{.ClientInfo.Version}}
         Context:    {{.ClientInfo.Context}}
         Debug Mode: {{.ClientInfo.Debug}}

        Server:
         Containers: {{.Containers}}
          Running: {{.ContainersRunning}}
          Paused: {{.ContainersPaused}}
          Stopped: {{.ContainersStopped}}
         Images: {{.Images}}
         Server Version: {{.ServerVersion}}
         Storage Driver: {{.Driver}}
         Swarm: {{.Swarm.LocalNodeState}}
         Kernel Version: {{.KernelVersion}}
         Operating System: {{.OperatingSystem}}
         OSType: {{.OSType}}
         Architecture: {{.Architecture}}
         CPUs: {{.NCPU}}
         Name: {{.Name}}
         Docker Root Dir: {{.DockerRootDir}}
         Debug Mode: {{.Debug}}
         Experimental: {{.ExperimentalBuild}}
        {{- with .RegistryConfig}}{{if .InsecureRegistries}}
         Insecure Registries:{{range .InsecureRegistries}}
          {{.}}{{end}}{{end}}{{if .Mirrors}}
         Registry Mirrors:{{range .Mirrors}}
          {{.}}{{end}}{{end}}{{end}}
         Live Restore Enabled: {{.LiveRestoreEnabled}}

        """

    private static func document(_ info: BackendInfo, _ environment: [String: String]) async -> JSONValue {
        var names = utsname()
        uname(&names)
        func text<Characters>(_ characters: Characters) -> String {
            withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        let hub = info.registries.filter { $0.prefix == "docker.io" }.flatMap(\.mirrors)
        let insecure = info.registries.filter { $0.insecure == true }.map(\.prefix) + ["127.0.0.0/8"]
        return [
            "Containers": 0, "ContainersRunning": 0, "ContainersPaused": 0, "ContainersStopped": 0,
            "Images": .number(Double(info.imageCount)), "Driver": "oci-layout", "Debug": false,
            "KernelVersion": .string(text(names.release)), "OperatingSystem": .string(await operatingSystem()),
            "OSType": "linux", "Architecture": .string(text(names.machine)),
            "NCPU": .number(Double(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
            "MemTotal": .number(
                Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))),
            "Name": .string(text(names.nodename)), "DockerRootDir": .string(info.storePath ?? ""),
            "ExperimentalBuild": false, "ServerVersion": .string(Version.current), "LiveRestoreEnabled": false,
            "Swarm": ["LocalNodeState": "inactive"],
            "RegistryConfig": [
                "InsecureRegistries": .array(insecure.map(JSONValue.string)),
                "Mirrors": .array(
                    hub.map { .string(($0.insecure == true ? "http://" : "https://") + $0.location + "/") }),
            ],
            "ClientInfo": ["Version": .string(DockerVersion.client), "Context": "default", "Debug": false],
        ]
    }

    /// What the system calls itself (os-release(5)).
    private static func operatingSystem() async -> String {
        for path in ["/etc/os-release", "/usr/lib/os-release"] {
            guard let bytes = try? await InputFile(path).all(limit: 1 << 16) else { continue }
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                let key = "PRETTY_NAME="
                if line.hasPrefix(key) { return String(line.dropFirst(key.count).filter { $0 != "\"" }) }
            }
        }
        return "Linux"
    }

    /// The client's `dockerInfo`, as far as it says something here.
    private static let type: TemplateType = {
        func field(_ name: String, _ type: TemplateType) -> TemplateType.Field { .init(name, type) }
        let strings = TemplateType.slice(.string)
        let registry = TemplateType.Structure(
            "registry.ServiceConfig", [field("InsecureRegistries", strings), field("Mirrors", strings)])
        let swarm = TemplateType.Structure("swarm.Info", [field("LocalNodeState", .string)])
        let client = TemplateType.Structure(
            "system.clientInfo", [field("Debug", .bool), field("Version", .string), field("Context", .string)])
        return .structure(
            TemplateType.Structure(
                "system.dockerInfo",
                [
                    field("Containers", .int), field("ContainersRunning", .int), field("ContainersPaused", .int),
                    field("ContainersStopped", .int), field("Images", .int), field("Driver", .string),
                    field("Debug", .bool), field("KernelVersion", .string), field("OperatingSystem", .string),
                    field("OSType", .string), field("Architecture", .string),
                    field("RegistryConfig", .pointer(.structure(registry))), field("NCPU", .int),
                    field("MemTotal", .int64), field("DockerRootDir", .string), field("Name", .string),
                    field("ExperimentalBuild", .bool), field("ServerVersion", .string),
                    field("Swarm", .structure(swarm)), field("LiveRestoreEnabled", .bool),
                    field("ClientInfo", .pointer(.structure(client))),
                ]))
    }()
}
