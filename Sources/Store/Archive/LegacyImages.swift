import JSON
import Layers
import OCI

/// The images of a docker-archive from before Docker 1.10: `repositories` names them, each layer is an image of its own with a
/// V1 `json` and a `layer.tar`, and there is no config whose digest could be the Id.
///
/// The config is made as moby's `image/tarexport/load.go` (`legacyLoadImage`) makes it, to the byte, so that the Id is
/// Docker's.
struct LegacyImages {
    let docker: DockerImages

    private var files: any ArchiveFiles { docker.files }

    /// As many layers as a chain may have; the engines' storage drivers take fewer.
    private static let maximumLayers = 1024

    /// nil where there is no `repositories`. Throws `corrupt`, `invalid_reference`, and as `LayerCheck` does.
    func read() throws(StoreError) -> [LoadableImage]? {
        guard let document = try files.file("repositories") else { return nil }
        var references: [String: [Reference]] = [:]
        let bytes = try document.bytes(limit: 4 << 20)
        guard let repositories = (try? JSONValue.parse(bytes))?.objectValue else {
            throw StoreError(.corrupt, "the archive's repositories is no JSON object")
        }
        for (repository, tags) in repositories {
            for (tag, id) in tags.objectValue ?? JSONObject() {
                guard let id = id.stringValue else {
                    throw StoreError(.corrupt, "the archive's repositories has something else than an Id in it")
                }
                let reference: Reference
                do { reference = try Reference("\(repository):\(tag)") } catch {
                    throw StoreError(
                        .invalidReference, "\(error.description): \"\(ArchiveStage.shown(repository))\"")
                }
                references[id, default: []].append(reference)
            }
        }
        var images: [LoadableImage] = []
        for id in references.keys.sorted() {
            if let image = try image(id, (references[id] ?? []).sorted()) { images.append(image) }
        }
        return images
    }

    private func image(_ id: String, _ references: [Reference]) throws(StoreError) -> LoadableImage? {
        var steps: [V1Image] = []
        var layers: [StagedFile] = []
        var next: String? = id
        while let current = next {
            guard steps.count < LegacyImages.maximumLayers else {
                throw StoreError(.corrupt, "the archive's image \(ArchiveStage.shown(id)) has no end of parents")
            }
            let bytes = try files.required(current + "/json").bytes(limit: ImageConfig.maximumBytes)
            let step = try documented(ArchiveStage.shown(current) + "/json") { () throws(StoreError) in
                guard let object = (try? JSONValue.parse(bytes))?.objectValue else {
                    throw StoreError(.corrupt, "it is no JSON object")
                }
                return V1Image(object)
            }
            steps.insert(step, at: 0)
            layers.insert(try files.required(current + "/layer.tar"), at: 0)
            next = step.parent
        }
        var diffIDs: [Digest] = []
        for layer in layers { diffIDs.append(try docker.check.facts(of: layer).diffID) }
        guard let last = steps.last else { return nil }
        let bytes = last.config(diffIDs: diffIDs, history: steps.map(\.history))
        let config = try parsed { () throws(ManifestError) in try ImageConfig(bytes: bytes) }
        if let platform = docker.platform, platform.bestMatch(in: [config.platform]) == nil { return nil }
        let file = StagedFile(bytes, store: files.stage.store)
        if let known = try files.stage.known(id: file.digest, references: references) { return known }
        return try docker.image(file, layers: layers, references: references)
    }
}

/// The V1 description of an image, and the config that Docker makes of it (moby's `image/v1/imagev1.go`).
struct V1Image {
    private let json: JSONObject

    init(_ json: JSONObject) { self.json = json }

    var parent: String? { text("parent") }

    /// What its layer's row of the history says.
    var history: JSONValue {
        var row = JSONObject()
        row["created"] = json["created"] ?? V1Image.noTime
        if let author = text("author") { row["author"] = .string(author) }
        let command = (V1Image.words(json["container_config"]?["Cmd"]).arrayValue ?? []).compactMap(\.stringValue)
        if !command.isEmpty { row["created_by"] = .string(command.joined(separator: " ")) }
        if let comment = text("comment") { row["comment"] = .string(comment) }
        return .object(row)
    }

    /// The config's bytes: the description's members in the order of their names, but those that only a V1 image has.
    func config(diffIDs: [Digest], history: [JSONValue]) -> [UInt8] {
        var members = isTrusted ? json : typed
        for key in ["id", "parent", "Size", "parent_id", "layer_id", "throwaway"] { members[key] = nil }
        members["rootfs"] = ["type": "layers", "diff_ids": .array(diffIDs.map { .string($0.description) })]
        members["history"] = .array(history)
        var sorted = JSONObject()
        for key in members.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            sorted[key] = members[key]
        }
        return V1Image.escaped(Array(JSONValue.object(sorted).compact.utf8))
    }

    /// Descriptions from before Docker 1.8.3, and those that do not say, are read into Go's types and written anew.
    private var isTrusted: Bool {
        let parts = (text("docker_version") ?? "").split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
        return !parts.lexicographicallyPrecedes([1, 8, 3])
    }

    private func text(_ key: String) -> String? { json[key]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }

    /// The description as Go's `V1Image` marshals.
    private var typed: JSONObject {
        var members = JSONObject()
        for key in ["comment", "container", "docker_version", "author", "architecture", "variant", "os"] {
            members[key] = text(key).map(JSONValue.string)
        }
        members["created"] = json["created"] ?? V1Image.noTime
        members["container_config"] = V1Image.containerConfig(json["container_config"] ?? .null)
        if let config = json["config"], config != .null { members["config"] = V1Image.containerConfig(config) }
        return members
    }

    /// Go's `container.Config`, its fields in their order.
    private static func containerConfig(_ json: JSONValue) -> JSONValue {
        var members = JSONObject()
        func text(_ key: String) { members[key] = .string(json[key]?.stringValue ?? "") }
        func flag(_ key: String) { members[key] = .bool(json[key]?.boolValue ?? false) }
        func some(_ key: String) {
            switch json[key] {
            case nil, .null, .bool(false), .string(""): return
            case .array(let items)? where items.isEmpty: return
            case .object(let object)? where object.isEmpty: return
            case .object?: members[key] = inOrder(json[key])
            case let value?: members[key] = value
            }
        }
        for key in ["Hostname", "Domainname", "User"] { text(key) }
        for key in ["AttachStdin", "AttachStdout", "AttachStderr"] { flag(key) }
        some("ExposedPorts")
        for key in ["Tty", "OpenStdin", "StdinOnce"] { flag(key) }
        members["Env"] = json["Env"] ?? .null
        members["Cmd"] = words(json["Cmd"])
        for key in ["Healthcheck", "ArgsEscaped"] { some(key) }
        text("Image")
        members["Volumes"] = inOrder(json["Volumes"])
        text("WorkingDir")
        members["Entrypoint"] = words(json["Entrypoint"])
        for key in ["NetworkDisabled", "MacAddress"] { some(key) }
        members["OnBuild"] = json["OnBuild"] ?? .null
        members["Labels"] = inOrder(json["Labels"])
        for key in ["StopSignal", "StopTimeout", "Shell"] { some(key) }
        return .object(members)
    }

    /// Go writes a map in the order of its keys.
    private static func inOrder(_ map: JSONValue?) -> JSONValue {
        guard let object = map?.objectValue else { return map ?? .null }
        var sorted = JSONObject()
        for key in object.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) { sorted[key] = object[key] }
        return .object(sorted)
    }

    /// A command is a list; one text stands for a list of it.
    private static func words(_ json: JSONValue?) -> JSONValue {
        if let text = json?.stringValue { return [.string(text)] }
        return json ?? .null
    }

    private static let noTime = JSONValue.string("0001-01-01T00:00:00Z")

    /// Go's `encoding/json` escapes what could end a script in HTML; outside of strings these characters do not occur.
    private static func escaped(_ json: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(json.count)
        var index = 0
        while index < json.count {
            switch json[index] {
            case UInt8(ascii: "<"): output += Array(#"\u003c"#.utf8)
            case UInt8(ascii: ">"): output += Array(#"\u003e"#.utf8)
            case UInt8(ascii: "&"): output += Array(#"\u0026"#.utf8)
            // U+2028 and U+2029.
            case 0xe2 where index + 2 < json.count && json[index + 1] == 0x80 && json[index + 2] & 0xfe == 0xa8:
                output += Array((json[index + 2] == 0xa8 ? #"\u2028"# : #"\u2029"#).utf8)
                index += 2
            case let byte: output.append(byte)
            }
            index += 1
        }
        return output
    }
}
