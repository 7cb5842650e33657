import Backend
import JSON
import OCI
import Shell

extension ImageTree {
    /// What `images --tree` returns.
    static let shape = ResultShape(
        .array,
        [
            Field("Reference", .text, "the first name; null for a dangling image", column: "IMAGE"),
            Field("Names", .list, "every name"),
            Field("Id", .digest, "digest of the config that this machine would run", column: "ID"),
            Field("Digest", .digest, "what the registry served: of the index, where it was one"),
            Field("Created", .time, "when it was made, RFC 3339"),
            Field("Size", .bytes, "file bytes of the platforms that are here", column: "SIZE"),
            Field("ContentSize", .bytes, "bytes of it on this disk", column: "CONTENT SIZE"),
            Field("Available", .boolean, "a platform of it is here whole", column: "AVAILABLE"),
            Field("Dangling", .boolean, "it has no name"),
            Field("Platforms", .list, "{Platform, Id, Digest, Size, ContentSize, Available} each"),
        ], nested: NestedRows("Platforms", label: "Platform"))

    var json: JSONValue {
        JSONValue.object(
            JSONObject(distinct: [
                ("Reference", names.first.map(JSONValue.string) ?? .null),
                ("Names", .array(names.map(JSONValue.string))),
                ("Id", .string(id.description)),
                ("Digest", .string(digest.description)),
                ("Created", created.map(JSONValue.string) ?? .null),
                ("Size", .number(Double(variants.reduce(0) { $0 + $1.size }))),
                ("ContentSize", .number(Double(variants.reduce(0) { $0 + $1.contentSize }))),
                ("Available", .bool(variants.contains(where: \.isAvailable))),
                ("Dangling", .bool(names.isEmpty)),
                ("Platforms", .array(variants.map(\.json))),
            ]))
    }
}

extension ImageTree.Variant {
    fileprivate var json: JSONValue {
        JSONValue.object(
            JSONObject(distinct: [
                ("Platform", .string(platform.description)),
                ("Id", id.map { .string($0.description) } ?? .null),
                ("Digest", .string(digest.description)),
                ("Size", .number(Double(size))),
                ("ContentSize", .number(Double(contentSize))),
                ("Available", .bool(isAvailable)),
            ]))
    }
}
