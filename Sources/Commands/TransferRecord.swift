import Backend
import JSON
import OCI
import Shell

/// The record of one image that was put into a registry or elsewhere, as `push`, `copy` and `sync` return it.
enum TransferRecord {
    static let fields = [
        Field("Source", .text, "what was copied", column: "SOURCE"),
        Field("Reference", .text, "its name where it was put", column: "REFERENCE"),
        Field("Digest", .digest, "of the manifest or index there", column: "DIGEST"),
        Field("MediaType", .text, "of the manifest or index"),
        Field("Status", .text, "copied, up_to_date, or planned (--dry-run)", column: "STATUS"),
        Field(
            "Size", .bytes, "bytes of its manifests, configs and layers; null where it was not looked at",
            column: "SIZE"),
        Field("Sent", .bytes, "bytes of configs and layers that were sent", column: "SENT"),
        Field(
            "Manifests", .number,
            "manifests and indexes that it is made of, referrers that came along included; null like Size"),
        Field(
            "Blobs", .list, "configs and layers",
            fields: [
                Field("Digest", .digest, "of the blob"), Field("Size", .bytes, "of the blob"),
                Field(
                    "Status", .text,
                    "uploaded, mounted, exists or foreign; with --dry-run mountable or missing for what would be sent"),
            ]),
    ]

    static let shape = ResultShape(.stream, fields)

    static func json(_ result: TransferResult) -> JSONValue {
        var object = JSONObject()
        object["Source"] = .string(result.source)
        object["Reference"] = .string(result.target)
        object["Digest"] = .string(result.digest.description)
        object["MediaType"] = .string(result.mediaType.rawValue)
        object["Status"] = .string(result.status.rawValue)
        object["Size"] = result.size.map { .number(Double($0)) } ?? .null
        object["Sent"] = .number(Double(result.sent))
        object["Manifests"] = result.manifests.map { .number(Double($0)) } ?? .null
        object["Blobs"] = .array(
            result.blobs.map { blob in
                [
                    "Digest": .string(blob.digest.description), "Size": .number(Double(blob.size)),
                    "Status": .string(blob.status),
                ]
            })
        return .object(object)
    }
}

/// Hears of a transfer that nobody watches.
struct SilentTransfer: PullEvents {
    func report(_ event: PullEvent) {}
}

/// How many images a command has on their way: their blobs share the command's slots.
let imagesAtOnce = 4

/// Throws a usage error for a number of blobs that is none.
func checkJobs(_ jobs: Int) throws(ShellError) {
    guard (1...32).contains(jobs) else { throw ShellError(.usage, "--jobs takes 1 to 32, not \(jobs)") }
}
