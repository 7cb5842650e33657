import Backend
import JSON
import OCI
import Shell

/// `docker manifest inspect` (docker/cli `cli/command/manifest/inspect.go`).
enum DockerManifestInspect {
    static let command = DockerCommand(
        paths: ["manifest inspect"], usage: "[OPTIONS] [MANIFEST_LIST] MANIFEST",
        summary: "Display an image manifest, or manifest list\n\n"
            + DockerCatalog.experimental("docker manifest inspect"),
        flags: [
            .bool("insecure", nil, "Allow communication with an insecure registry"),
            .bool("verbose", "v", "Output additional info including layers and platform"),
        ], arguments: .between(1, 2), names: .remoteImage,
        plain: { $0.plain("manifest", leavingOut: ["verbose", "insecure"]) }, isRepeatable: true,
        failure: { error, words in worded(error, words) }, run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let reference: Reference
        do throws(ReferenceError) { reference = try Reference(call.arguments.last ?? "").taggedDefault } catch {
            throw DockerFailure.reference(error)
        }
        // Lists that `manifest create` made are the client's own files, and dsh has none of them.
        if call.arguments.count == 2 {
            throw DockerFailure.error("No such manifest: \(reference.familiar)", code: .notFound)
        }
        let (registries, root) = try await manifest(reference, call)
        if call.words.isOn("verbose") {
            try await call.out(try await verbose(root, registries))
        } else if root.descriptor.mediaType.isIndex {
            try await call.out(GoIndent.text(of: try list(root), indent: "   ", escapesHTML: true) + "\n")
        } else {
            try await call.out(GoIndent.text(of: root.bytes, indent: "\t") + "\n")
        }
    }

    /// With --insecure TLS whose certificate nobody looks at, and where there is no TLS, plain HTTP.
    private static func manifest(
        _ reference: Reference, _ call: DockerCall
    ) async throws(BackendError) -> (RegistryBackend, RemoteManifest) {
        let registries = call.context.registries
        guard call.words.isOn("insecure") else { return (registries, try await registries.manifest(reference)) }
        let insecure = registries.with(TransportChoice(security: .unverified))
        do throws(BackendError) { return (insecure, try await insecure.manifest(reference)) } catch {
            guard error.code == .network else { throw error }
            let plain = registries.with(TransportChoice(security: .plainHTTP))
            return (plain, try await plain.manifest(reference))
        }
    }

    /// An index as the client makes it anew: no annotations of its own.
    private static func list(_ root: RemoteManifest) throws(BackendError) -> [UInt8] {
        let index = try parsed(root)
        var object = JSONObject()
        object["schemaVersion"] = 2
        object["mediaType"] = .string(index.mediaType.rawValue)
        object["manifests"] = .array(
            index.manifests.map { child in
                var row = JSONObject()
                row["mediaType"] = .string(child.mediaType.rawValue)
                row["size"] = .number(Double(child.size))
                row["digest"] = .string(child.digest.description)
                if !child.urls.isEmpty { row["urls"] = .array(child.urls.map(JSONValue.string)) }
                if !child.annotations.isEmpty { row["annotations"] = child.json["annotations"] }
                row["platform"] = child.platform?.json ?? ["architecture": "", "os": ""]
                return .object(row)
            })
        return Array(JSONValue.object(object).compact.utf8)
    }

    private static func parsed(_ root: RemoteManifest) throws(BackendError) -> Index {
        do {
            return try Index(
                bytes: root.bytes, mediaType: root.descriptor.mediaType, digest: root.descriptor.digest)
        } catch { throw BackendError(error) }
    }

    // MARK: --verbose

    private static func verbose(
        _ root: RemoteManifest, _ registries: RegistryBackend
    ) async throws(BackendError) -> String {
        let name = root.reference.familiar
        guard root.descriptor.mediaType.isIndex else {
            let document = try await document(root, name: name, platform: nil, registries)
            return GoIndent.text(of: document, indent: "\t", escapesHTML: true) + "\n"
        }
        var documents: [[UInt8]] = []
        for child in try parsed(root).manifests {
            let reference = Reference(repository: root.reference.repository, digest: child.digest)
            let manifest = try await registries.manifest(reference)
            documents.append(
                try await document(manifest, name: "\(name)@\(child.digest)", platform: child.platform, registries))
        }
        let array = [UInt8(ascii: "[")] + documents.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
        return GoIndent.text(of: Array(array), indent: "\t", escapesHTML: true) + "\n"
    }

    /// `{Ref, Descriptor, Raw, SchemaV2Manifest | OCIManifest}` of one image; the manifest's own bytes are in it.
    private static func document(
        _ manifest: RemoteManifest, name: String, platform: Platform?, _ registries: RegistryBackend
    ) async throws(BackendError) -> [UInt8] {
        let image: Manifest
        do {
            image = try Manifest(
                bytes: manifest.bytes, mediaType: manifest.descriptor.mediaType, digest: manifest.descriptor.digest)
        } catch { throw BackendError(error) }
        var descriptor = manifest.descriptor
        if let platform {
            descriptor.platform = platform
        } else {
            descriptor.platform = try await registries.config(of: image, in: manifest.reference.repository)?.platform
        }
        let kind = image.mediaType == .ociManifest ? "OCIManifest" : "SchemaV2Manifest"
        let head = """
            {"Ref":\(JSONValue.string(name).compact),"Descriptor":\(descriptor.json.compact),\
            "Raw":"\(Base64.encode(manifest.bytes))","\(kind)":
            """
        return Array(head.utf8) + manifest.bytes + [UInt8(ascii: "}")]
    }

    // MARK: Errors

    private static func worded(_ error: BackendError, _ words: DockerWords) -> ShellError {
        let reference = (try? Reference(words.arguments.last ?? ""))?.taggedDefault
        let name = reference?.familiar ?? ""
        let code = ShellError.Code(rawValue: error.code.rawValue)
        switch error.code {
        case .interrupted: return ShellError(error)
        case .manifestUnknown, .notFound: return DockerFailure.error("no such manifest: \(name)", code: code)
        case .denied, .unauthorized:
            return DockerFailure.error(
                "errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required\n",
                code: code)
        case .network where error.message.hasSuffix("Couldn't connect to server"):
            let host = reference?.repository.registry ?? ""
            return DockerFailure.error(
                "failed to configure transport: error pinging v2 registry: Get \"https://\(host)/v2/\": dial tcp \(host): connect: connection refused",
                code: code)
        default: return DockerFailure.error(error.message, code: code)
        }
    }
}
