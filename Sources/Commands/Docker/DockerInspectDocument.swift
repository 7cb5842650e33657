import Backend
import JSON
import OCI

/// Docker's document for an image, member for member as the engine at hand makes it (moby 20.10
/// `daemon/images/image_inspect.go`): newer ones leave out what is empty or old.
struct DockerInspectDocument {
    let json: JSONValue

    init(_ image: ImageDetail) {
        let config = image.config
        let own = config.json
        var object = JSONObject()
        object["Id"] = .string(image.id.description)
        object["RepoTags"] = .array(image.references.map(JSONValue.string))
        object["RepoDigests"] = .array(image.repositoryDigests.map(JSONValue.string))
        object["Parent"] = ""
        let comment = own["comment"]?.stringValue ?? ""
        object["Comment"] = .string(comment.isEmpty ? config.history.last?.comment ?? "" : comment)
        object["Created"] = .string(config.created ?? Self.zeroTime)
        object["Container"] = .string(own["container"]?.stringValue ?? "")
        object["ContainerConfig"] = Self.config(own["container_config"] ?? [:])
        object["DockerVersion"] = .string(own["docker_version"]?.stringValue ?? "")
        object["Author"] = .string(config.author)
        object["Config"] = own["config"].map { $0 == .null ? .null : Self.config($0) } ?? .null
        object["Architecture"] = .string(own["architecture"]?.stringValue ?? "")
        if let variant = own["variant"]?.stringValue, !variant.isEmpty { object["Variant"] = .string(variant) }
        object["Os"] = .string(own["os"]?.stringValue ?? "")
        if let version = own["os.version"]?.stringValue, !version.isEmpty { object["OsVersion"] = .string(version) }
        object["Size"] = .number(Double(image.size))
        object["VirtualSize"] = .number(Double(image.size))
        // The one of Docker's drivers that, like this store, has no way of its own to lay files over each other.
        object["GraphDriver"] = ["Data": .null, "Name": "vfs"]
        var layers: JSONObject = ["Type": own["rootfs"]?["type"] ?? "layers"]
        if !config.diffIDs.isEmpty { layers["Layers"] = .array(config.diffIDs.map { .string($0.description) }) }
        object["RootFS"] = .object(layers)
        object["Metadata"] = ["LastTagTime": .string(image.lastTagged ?? Self.zeroTime)]
        json = .object(object)
    }

    private static let zeroTime = "0001-01-01T00:00:00Z"

    /// The members of Go's `container.Config` in their order; those of the second list only where they say something.
    private static func config(_ given: JSONValue) -> JSONValue {
        let members: [(name: String, zero: JSONValue?)] = [
            ("Hostname", ""), ("Domainname", ""), ("User", ""), ("AttachStdin", false), ("AttachStdout", false),
            ("AttachStderr", false), ("ExposedPorts", nil), ("Tty", false), ("OpenStdin", false),
            ("StdinOnce", false), ("Env", .null), ("Cmd", .null), ("Healthcheck", nil), ("ArgsEscaped", nil),
            ("Image", ""), ("Volumes", .null), ("WorkingDir", ""), ("Entrypoint", .null), ("NetworkDisabled", nil),
            ("MacAddress", nil), ("OnBuild", .null), ("Labels", .null), ("StopSignal", nil), ("StopTimeout", nil),
            ("Shell", nil),
        ]
        var object = JSONObject()
        for (name, zero) in members {
            let value = given[name].flatMap { $0 == .null ? nil : $0 }
            if let zero {
                object[name] = value.map(sorted) ?? zero
            } else if let value, !isEmpty(value) {
                object[name] = name == "Healthcheck" ? healthcheck(value) : sorted(value)
            }
        }
        return .object(object)
    }

    private static func healthcheck(_ value: JSONValue) -> JSONValue {
        var object = JSONObject()
        for name in ["Test", "Interval", "Timeout", "StartPeriod", "Retries"] {
            if let part = value[name], !isEmpty(part) { object[name] = part }
        }
        return .object(object)
    }

    /// Go writes a map by its keys.
    private static func sorted(_ value: JSONValue) -> JSONValue {
        guard let object = value.objectValue else { return value }
        var result = JSONObject()
        for key in object.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) { result[key] = object[key] }
        return .object(result)
    }

    /// What Go leaves out under `omitempty`.
    private static func isEmpty(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .bool(false): true
        case .string(let text): text.isEmpty
        case .array(let items): items.isEmpty
        case .object(let object): object.isEmpty
        default: value.intValue == 0
        }
    }
}
