import JSON

#if !FUZZ
    @testable import GoTemplate
#endif

/// What holds for every text that is to be a template. The fuzzer is compiled with it, too, and then within GoTemplate
/// itself.
enum TemplateFuzz {
    private static let document: JSONValue = [
        "Id": "sha256:0123456789abcdef", "RepoTags": ["nginx:latest", "nginx:1.27"],
        "Created": "2024-02-03T04:05:06.7Z",
        "Config": [
            "Env": ["PATH=/bin", "é=1"], "Cmd": .null, "Labels": ["a.b": "<&>\"'", "": "empty"],
            "ExposedPorts": ["80/tcp": [:]], "Healthcheck": ["Test": ["CMD"], "Interval": 30_000_000_000],
        ],
        "Size": 123_456_789, "RootFS": ["Type": "layers", "Layers": ["sha256:1"]],
        "Metadata": ["LastTagTime": "0001-01-01T00:00:00Z"],
    ]

    private static let options: Template.Options = {
        var options = Template.Options()
        options.maximumOutput = 1 << 16
        options.maximumSteps = 2000
        return options
    }()

    /// Traps where something does not hold: it is read and run in bounded time and room, the same way twice.
    static func check(_ bytes: [UInt8]) {
        let first = outcome(bytes)
        precondition(first == outcome(bytes), "the same template gives something else the second time")
        if case .failure(let error) = first { precondition(!error.message.isEmpty) }
        if case .success(let output) = first { precondition(output.count <= options.maximumOutput) }
        guard let template = try? Template(bytes: bytes) else { return }
        // A header's row, and no data at all.
        var header = options
        header.functions = .header
        let row = TemplateValue(["ID": "IMAGE ID", "Tag": "TAG"], as: DockerTypes.header)
        precondition(template.bytesBeforeFailure(row, header).count <= options.maximumOutput)
        _ = try? template.bytes(nil, options)
        let typed = DockerTypes.row("imageContext", ["ID", "Tag"])
        _ = try? template.bytes(TemplateValue(["ID": "1", "Tag": "2"], as: typed), options)
    }

    private static func outcome(_ bytes: [UInt8]) -> Result<[UInt8], TemplateError> {
        do throws(TemplateError) {
            return .success(try Template(bytes: bytes).inspect(document, as: DockerTypes.imageInspect, options))
        } catch { return .failure(error) }
    }
}
