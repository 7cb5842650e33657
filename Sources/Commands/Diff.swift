package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `diff IMAGE IMAGE`: what two images have differently.
package struct Diff: Command {
    package static let declaration = CommandDeclaration(
        name: "diff", category: .registries, summary: "tell what two images have differently: configs, layers, files",
        discussion: """
            An image that is in the store is taken from there, any other from its registry, without its layers; --remote takes
            both from their registries. Files are compared where all layers of both are in the store, and are null else: a file
            counts as changed where its kind, size, mode, owner, time or link target differ.
            """,
        arguments: .remoteImage, input: .references,
        result: ResultShape(
            .object,
            [
                Field("From", .object, "{Reference, Digest, Id, Platform} of the first image"),
                Field("To", .object, "the same of the second"),
                Field("Same", .boolean, "both have the same config, and so the same content"),
                Field(
                    "Config", .list, "{Key, From, To} of what the configs have differently; null where one has it not"),
                Field("Layers", .list, "{Digest, Size, Change}: shared, removed or added, base first"),
                Field(
                    "Files", .list,
                    "{Path, Change, Kind, Size, SizeBefore}: added, changed or removed; null if not known"),
            ]),
        examples: [
            Example("diff nginx:1.25 nginx:alpine | .Config", "how they are run"),
            Example(
                "diff nginx:1.25 nginx:alpine | .Layers | group_by(.Change) | map({(.[0].Change): length}) | add",
                "in short"),
            Example(
                "diff nginx:1.25 nginx:alpine | (.Files // []) | map(select(.Change != \"removed\")) | sort_by(-.Size)[:20]",
                "the largest new files"),
        ])

    @Argument(help: "two images: references, or Ids of images in the store") package var image: [String] = []
    @Option(help: "which image of multi-platform ones") package var platform: String?
    @Flag(help: "both from their registries, whatever is in the store") package var remote = false
    @OptionGroup package var transport: TransportOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let names = try await context.references(image)
        guard names.count == 2 else {
            throw ShellError(
                .usage, "diff takes two images, not \(names.count)", hint: "as in `diff nginx:1.25 nginx:1.27`")
        }
        let wanted = try platform.map(parsePlatform)
        let registries = context.registries.with(try transport.choice())
        let old = try await side(names[0], wanted, context, registries)
        let new = try await side(names[1], wanted, context, registries)
        let files = remote ? nil : try await registries.fileChanges(from: old.manifest, to: new.manifest)
        try await context.emit([
            "From": old.json, "To": new.json,
            "Same": .bool(old.manifest.config.digest == new.manifest.config.digest),
            "Config": ConfigDifference.between(old.config?.json ?? .null, new.config?.json ?? .null),
            "Layers": .array(Diff.layers(old.manifest, new.manifest)),
            "Files": files.map { .array($0.map(\.json)) } ?? .null,
        ])
    }

    private struct Side {
        let reference: String
        let digest: Digest
        let manifest: Manifest
        let config: ImageConfig?

        var json: JSONValue {
            [
                "Reference": .string(reference), "Digest": .string(digest.description),
                "Id": .string(manifest.config.digest.description),
                "Platform": config.map { .string($0.platform.description) } ?? .null,
            ]
        }
    }

    private func side(
        _ name: String, _ platform: Platform?, _ context: CommandContext, _ registries: RegistryBackend
    ) async throws -> Side {
        if !remote {
            do throws(BackendError) {
                let image = try await context.backend.inspect(name, platform: platform)
                return Side(
                    reference: name, digest: image.descriptor.digest, manifest: image.manifest,
                    config: image.manifest.isImage ? image.config : nil)
            } catch {
                // Another platform of it may be in the registry.
                guard error.code == .notFound || error.code == .noMatchingPlatform else { throw error.about(name) }
            }
        }
        do throws(BackendError) {
            let image = try await registries.image(try parsed(name).taggedDefault, platform: platform)
            return Side(reference: name, digest: image.root.digest, manifest: image.manifest, config: image.config)
        } catch { throw error.about(name) }
    }

    private func parsed(_ name: String) throws(BackendError) -> Reference {
        do { return try Reference(name) } catch { throw BackendError(error) }
    }

    /// Every layer of both, those of the first before those that the second adds.
    private static func layers(_ old: Manifest, _ new: Manifest) -> [JSONValue] {
        let (before, after) = (Set(old.layers.map(\.digest)), Set(new.layers.map(\.digest)))
        func row(_ layer: Descriptor, _ change: String) -> JSONValue {
            [
                "Digest": .string(layer.digest.description), "Size": .number(Double(layer.size)),
                "Change": .string(change),
            ]
        }
        return old.layers.map { row($0, after.contains($0.digest) ? "shared" : "removed") }
            + new.layers.filter { !before.contains($0.digest) }.map { row($0, "added") }
    }
}

extension ChangedFile {
    /// The record as `diff` declares it.
    fileprivate var json: JSONValue {
        [
            "Path": .string(path), "Change": .string(change.rawValue), "Kind": .string(kind),
            "Size": .number(Double(size)), "SizeBefore": .number(Double(sizeBefore)),
        ]
    }
}

/// What two image configs have differently, key by key: `Config.User`, `Config.Env.PATH`, `created`.
enum ConfigDifference {
    /// What `Layers` tells, and what is different whenever anything is.
    private static let passedOver: Set<String> = ["rootfs", "history"]

    static func between(_ old: JSONValue, _ new: JSONValue) -> JSONValue {
        let (before, after) = (keys(of: old), keys(of: new))
        var rows: [JSONValue] = []
        for key in Set(before.keys).union(after.keys).sorted() where before[key] != after[key] {
            rows.append(["Key": .string(key), "From": before[key] ?? .null, "To": after[key] ?? .null])
        }
        return .array(rows)
    }

    private static func keys(of document: JSONValue) -> [String: JSONValue] {
        var found: [String: JSONValue] = [:]
        for (key, value) in document.objectValue ?? JSONObject() where !passedOver.contains(key) {
            guard key == "config", let config = value.objectValue else {
                add(key, value, to: &found)
                continue
            }
            for (name, value) in config { add("Config." + name, value, to: &found) }
        }
        return found
    }

    /// Maps by their keys, and environments by their variables: one that changes is one row.
    private static func add(_ key: String, _ value: JSONValue, to found: inout [String: JSONValue]) {
        if let map = value.objectValue, ["Config.Labels", "Config.ExposedPorts", "Config.Volumes"].contains(key) {
            for (name, value) in map { found["\(key).\(name)"] = value }
        } else if key == "Config.Env", let list = value.arrayValue {
            for case .string(let text) in list {
                let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                found["\(key).\(parts[0])"] = .string(parts.count > 1 ? String(parts[1]) : "")
            }
        } else if value != .null {
            // Docker writes null, and an empty text, where OCI leaves a key out.
            if value != "" { found[key] = value }
        }
    }
}
