/// The Go types of what Docker's client (28.x) hands to templates, field for field.
package enum DockerTypes {
    private static func pointer(_ structure: TemplateType.Structure) -> TemplateType { .pointer(.structure(structure)) }

    /// A field that JSON leaves out where it is empty.
    private static func optional(_ name: String, _ type: TemplateType, key: String? = nil) -> TemplateType.Field {
        TemplateType.Field(name, type, key: key, omitsEmpty: true)
    }

    private static let digest = TemplateType.named("digest.Digest", .string)
    private static let set = TemplateType.map(.empty)

    private static let healthcheck = TemplateType.Structure(
        "v1.HealthcheckConfig",
        [
            optional("Test", .strings), optional("Interval", .duration), optional("Timeout", .duration),
            optional("StartPeriod", .duration), optional("StartInterval", .duration), optional("Retries", .int),
        ])

    private static let imageConfig = TemplateType.Structure(
        "v1.ImageConfig",
        [
            optional("User", .string), optional("ExposedPorts", set), optional("Env", .strings),
            optional("Entrypoint", .strings), optional("Cmd", .strings), optional("Volumes", set),
            optional("WorkingDir", .string), optional("Labels", .map(.string)), optional("StopSignal", .string),
            optional("ArgsEscaped", .bool),
        ])

    private static let imageConfigExtension = TemplateType.Structure(
        "v1.DockerOCIImageConfigExt",
        [optional("Healthcheck", pointer(healthcheck)), optional("OnBuild", .strings), optional("Shell", .strings)])

    private static let dockerImageConfig = TemplateType.Structure(
        "v1.DockerOCIImageConfig",
        [
            TemplateType.Field("ImageConfig", .structure(imageConfig), isEmbedded: true),
            TemplateType.Field("DockerOCIImageConfigExt", .structure(imageConfigExtension), isEmbedded: true),
        ])

    private static let containerConfig = TemplateType.Structure(
        "container.Config",
        [
            .init("Hostname", .string), .init("Domainname", .string), .init("User", .string),
            .init("AttachStdin", .bool), .init("AttachStdout", .bool), .init("AttachStderr", .bool),
            optional("ExposedPorts", .named("nat.PortSet", .map(.empty, keys: "nat.Port"))), .init("Tty", .bool),
            .init("OpenStdin", .bool),
            .init("StdinOnce", .bool), .init("Env", .strings), .init("Cmd", .named("strslice.StrSlice", .strings)),
            optional("Healthcheck", pointer(healthcheck)), optional("ArgsEscaped", .bool), .init("Image", .string),
            .init("Volumes", set), .init("WorkingDir", .string),
            .init("Entrypoint", .named("strslice.StrSlice", .strings)), optional("NetworkDisabled", .bool),
            optional("MacAddress", .string), .init("OnBuild", .strings), .init("Labels", .map(.string)),
            optional("StopSignal", .string), optional("StopTimeout", .pointer(.int)),
            optional("Shell", .named("strslice.StrSlice", .strings)),
        ])

    private static let platform = TemplateType.Structure(
        "v1.Platform",
        [
            .init("Architecture", .string, key: "architecture"), .init("OS", .string, key: "os"),
            optional("OSVersion", .string, key: "os.version"), optional("OSFeatures", .strings, key: "os.features"),
            optional("Variant", .string, key: "variant"),
        ])

    private static let descriptor = TemplateType.Structure(
        "v1.Descriptor",
        [
            .init("MediaType", .string, key: "mediaType"), .init("Digest", digest, key: "digest"),
            .init("Size", .int64, key: "size"), optional("URLs", .strings, key: "urls"),
            optional("Annotations", .map(.string), key: "annotations"),
            optional("Data", .string, key: "data"), optional("Platform", pointer(platform), key: "platform"),
            optional("ArtifactType", .string, key: "artifactType"),
        ])

    private static let manifestSummary = TemplateType.Structure(
        "image.ManifestSummary",
        [
            .init("ID", .string), .init("Descriptor", .structure(descriptor)), .init("Available", .bool),
            .init(
                "Size",
                .structure(
                    TemplateType.Structure(
                        "struct { Content int64 \"json:\\\"Content\\\"\"; Total int64 \"json:\\\"Total\\\"\" }",
                        [.init("Content", .int64), .init("Total", .int64)]))),
            .init("Kind", .named("image.ManifestKind", .string)),
            optional("ImageData", pointer(imageProperties)), optional("AttestationData", pointer(attestation)),
        ])

    private static let imageProperties = TemplateType.Structure(
        "image.ImageProperties",
        [
            .init("Platform", .structure(platform)),
            .init(
                "Size",
                .structure(
                    TemplateType.Structure(
                        "struct { Unpacked int64 \"json:\\\"Unpacked\\\"\" }", [.init("Unpacked", .int64)]))),
            .init("Containers", .strings),
        ])

    private static let attestation = TemplateType.Structure("image.AttestationProperties", [.init("For", digest)])

    /// What `docker inspect` and `docker image inspect` give a template for an image: `image.InspectResponse`.
    package static let imageInspect = TemplateType.structure(
        TemplateType.Structure(
            "image.InspectResponse",
            [
                .init("ID", .string, key: "Id"), .init("RepoTags", .strings), .init("RepoDigests", .strings),
                .init("Parent", .string), .init("Comment", .string), optional("Created", .string),
                optional("Container", .string), optional("ContainerConfig", pointer(containerConfig)),
                .init("DockerVersion", .string), .init("Author", .string),
                .init("Config", pointer(dockerImageConfig)), .init("Architecture", .string),
                optional("Variant", .string), .init("Os", .string), optional("OsVersion", .string),
                .init("Size", .int64), optional("VirtualSize", .int64),
                .init(
                    "GraphDriver",
                    .structure(
                        TemplateType.Structure(
                            "storage.DriverData", [.init("Data", .map(.string)), .init("Name", .string)]))),
                .init(
                    "RootFS",
                    .structure(
                        TemplateType.Structure(
                            "image.RootFS", [optional("Type", .string), optional("Layers", .strings)]))),
                .init(
                    "Metadata",
                    .structure(TemplateType.Structure("image.Metadata", [optional("LastTagTime", .time)]))),
                optional("Descriptor", pointer(descriptor)),
                optional("Manifests", .slice(.structure(manifestSummary))),
            ]))

    /// A row that `--format` of a listing command works on, such as `*formatter.imageContext`: its members are methods
    /// that return strings. `package` is the Go package of its type.
    package static func row(_ name: String, _ members: [String], package: String = "formatter") -> TemplateType {
        pointer(TemplateType.Structure("\(package).\(name)", members.map { .init($0, .string) }, areMethods: true))
    }

    /// The header row of a table: the columns' names by placeholder.
    package static let header = TemplateType.named("formatter.SubHeaderContext", .map(.string))
}
