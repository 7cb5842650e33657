import ArgumentParser
import Backend
import JSON
import OCI
package import Shell

/// `df`: what images take.
package struct Df: Command {
    package static let declaration = CommandDeclaration(
        name: "df", category: .images, summary: "tell what images take, as Docker counts it and on this disk",
        discussion: """
            Size is Docker's number: the files of all layers, unpacked, each layer counted once. DiskSize is what is really
            here: dsh keeps layers compressed. Disk tells it apart: `{Blobs, Unreferenced, Partials, Quarantine, Cache}`, each
            `{Count, Size}`; `prune` removes what is unreferenced and partial. A store has no containers, volumes and
            build cache: their rows are there as Docker has them, with nothing in them.

            --verbose gives a record for each image: `{Reference, Repository, Tag, Id, Created, Size, SharedSize,
            UniqueSize, Containers, Names, DiskSize}`, newest first.
            """,
        result: summaryShape,
        examples: [
            Example("df", "all together"),
            Example(
                "df --verbose | sort_by(-.UniqueSize)[:5] | .[] | {Reference, UniqueSize}", "what removal would free"),
            Example("df | .[0].Disk.Cache.Size", "bytes of what can be made again"),
        ])

    @Flag(name: [.short, .long], help: "a record for each image") package var verbose = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        guard verbose else {
            return try await context.emit(.array(Df.rows(try await context.backend.diskUsage())))
        }
        context.view.shape = Df.verboseShape
        try await context.emit(.array(try await context.backend.imageUsage().map(\.json)))
    }

    private static func rows(_ usage: DiskUsage) -> [JSONValue] {
        func row(_ type: String, _ count: Int, _ active: Int, _ size: Int64, _ reclaimable: Int64) -> JSONObject {
            var object = JSONObject()
            object["Type"] = .string(type)
            object["TotalCount"] = .number(Double(count))
            object["Active"] = .number(Double(active))
            object["Size"] = .number(Double(size))
            object["Reclaimable"] = .number(Double(reclaimable))
            object["DiskSize"] = .number(0)
            object["Disk"] = .null
            return object
        }
        var images = row("Images", usage.imageCount, usage.activeCount, usage.layerBytes, usage.reclaimable)
        images["DiskSize"] = usage.disk.map { .number(Double($0.bytes)) } ?? .null
        images["Disk"] = usage.disk?.json ?? .null
        return [.object(images)]
            + ["Containers", "Local Volumes", "Build Cache"].map { .object(row($0, 0, 0, 0, 0)) }
    }

    private static let summaryShape = ResultShape(
        .array,
        [
            Field("Type", .text, "Images, Containers, Local Volumes or Build Cache", column: "TYPE"),
            Field("TotalCount", .number, "how many there are", column: "TOTAL"),
            Field("Active", .number, "how many a container uses", column: "ACTIVE"),
            Field("Size", .bytes, "file bytes of all layers, each counted once", column: "SIZE"),
            Field("Reclaimable", .bytes, "of those, what no container needs", column: "RECLAIMABLE"),
            Field("DiskSize", .bytes, "bytes of the store on this disk", column: "ON DISK"),
            Field(
                "Disk", .object, "the same by purpose; null but for images",
                fields: ["Blobs", "Unreferenced", "Partials", "Quarantine", "Cache"].map { name in
                    Field(
                        name, .object, "files of this purpose",
                        fields: [Field("Count", .number, "how many"), Field("Size", .bytes, "their bytes")])
                }),
        ])

    private static let verboseShape = ResultShape(
        .array,
        [
            Field("Reference", .text, "the first name; null for a dangling image"),
            Field("Repository", .text, "familiar repository; <none> without a name", column: "REPOSITORY"),
            Field("Tag", .text, "tag; <none> without one", column: "TAG"),
            Field("Id", .digest, "digest of the image's config", column: "IMAGE ID"),
            Field("Created", .time, "when it was made, RFC 3339", column: "CREATED"),
            Field("Size", .bytes, "file bytes of all its layers", column: "SIZE"),
            Field("SharedSize", .bytes, "of those, in layers that other images have too", column: "SHARED SIZE"),
            Field("UniqueSize", .bytes, "of those, in layers of this image alone", column: "UNIQUE SIZE"),
            Field("Containers", .number, "containers that use it", column: "CONTAINERS"),
            Field("Names", .list, "all names"),
            Field("DiskSize", .bytes, "bytes of its blobs on this disk, shared ones too", column: "ON DISK"),
        ])
}

extension DiskUsage.Disk {
    /// The parts as `df` and `info` declare them.
    var json: JSONValue {
        func part(_ part: DiskUsage.Part) -> JSONValue {
            ["Count": .number(Double(part.count)), "Size": .number(Double(part.bytes))]
        }
        return [
            "Blobs": part(blobs), "Unreferenced": part(unreferenced), "Partials": part(partials),
            "Quarantine": part(quarantine), "Cache": part(cache),
        ]
    }
}

extension ImageUsage {
    /// The record as `df --verbose` declares it.
    fileprivate var json: JSONValue {
        func number(_ value: Int64?) -> JSONValue { value.map { .number(Double($0)) } ?? .null }
        let reference = names.first.flatMap { try? Reference($0) }
        let unique = size.flatMap { size in sharedSize.map { max(0, size - $0) } }
        return [
            "Reference": names.first.map(JSONValue.string) ?? .null,
            "Repository": .string(reference?.repository.familiar ?? names.first ?? "<none>"),
            "Tag": .string(reference?.tag ?? "<none>"), "Id": .string(id.description),
            "Created": created.map(JSONValue.string) ?? .null, "Size": number(size), "SharedSize": number(sharedSize),
            "UniqueSize": number(unique), "Containers": .number(Double(containers)),
            "Names": .array(names.map(JSONValue.string)), "DiskSize": number(diskSize),
        ]
    }
}
