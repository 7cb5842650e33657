import ArgumentParser
import Backend
import JSON
import Query
package import Shell

/// `info`: what this dsh works with.
package struct Info: Command {
    package static let declaration = CommandDeclaration(
        name: "info", category: .images, summary: "tell where images are, how many, and how registries are reached",
        discussion: "Passwords and tokens are not in it; `Registries` is what registries.conf says.",
        result: ResultShape(
            .object,
            [
                Field("Version", .text, "dsh's own version", column: "VERSION"),
                Field("Platform", .text, "what it was built for, and pulls by default", column: "PLATFORM"),
                Field("Backend", .text, "local: a store of one's own", column: "BACKEND"),
                Field("Store", .text, "the store's directory", column: "STORE"),
                Field("References", .number, "names, and images without one"),
                Field("Images", .number, "images, each once", column: "IMAGES"),
                Field("Dangling", .number, "images without a name"),
                Field("DiskSize", .bytes, "bytes of the store on this disk", column: "ON DISK"),
                Field("DiskFree", .bytes, "bytes free on that disk"),
                Field("Disk", .object, "the store's files by purpose, {Count, Size} each"),
                Field(
                    "Registries", .list, "prefixes that registries.conf knows, in its order",
                    fields: [
                        Field("Prefix", .text, "host, and maybe path, that it is about"),
                        Field("Location", .text, "what is asked in its place; null where it is itself"),
                        Field("Insecure", .boolean, "TLS unverified, or none; null where nothing is said"),
                        Field("Blocked", .boolean, "nothing is asked of it"),
                        Field("Mirrors", .list, "{Location, Insecure, Use}, in the order they are asked"),
                    ]),
                Field("Libraries", .map, "versions of what dsh works with"),
            ]),
        examples: [
            Example("info | .Store", "the store's directory"),
            Example("info | .Registries[] | {Prefix, Mirrors: [.Mirrors[].Location]}", "the mirrors"),
        ])

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let info = try await context.backend.info()
        var libraries = JSONObject()
        libraries["jq"] = .string(JQVersion.running.rawValue)
        for (name, version) in info.libraries { libraries[name] = .string(version) }
        let disk = info.disk
        try await context.emit([
            "Version": .string(Version.current), "Platform": .string(hostPlatform), "Backend": .string(info.name),
            "Store": info.storePath.map(JSONValue.string) ?? .null,
            "References": .number(Double(info.referenceCount)), "Images": .number(Double(info.imageCount)),
            "Dangling": .number(Double(info.danglingCount)),
            "DiskSize": disk.map { .number(Double($0.bytes)) } ?? .null,
            "DiskFree": info.freeBytes.map { .number(Double($0)) } ?? .null, "Disk": disk?.json ?? .null,
            "Registries": .array(info.registries.map(\.json)), "Libraries": .object(libraries),
        ])
    }
}

extension BackendInfo.Registry {
    /// The record as `info` declares it.
    fileprivate var json: JSONValue {
        func truth(_ value: Bool?) -> JSONValue { value.map(JSONValue.bool) ?? .null }
        return [
            "Prefix": .string(prefix), "Location": location.map(JSONValue.string) ?? .null,
            "Insecure": truth(insecure), "Blocked": .bool(blocked),
            "Mirrors": .array(
                mirrors.map {
                    ["Location": .string($0.location), "Insecure": truth($0.insecure), "Use": .string($0.use)]
                }),
        ]
    }
}
