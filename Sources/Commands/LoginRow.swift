import Backend
import JSON
import Shell

extension Login {
    /// The fields of every result that is about logins.
    static let fields = [
        Field("Registry", .text, "the registry, or the namespace on it", column: "REGISTRY"),
        Field("Username", .text, "whose login it is; null where it is not known", column: "USERNAME"),
        Field("Storage", .text, "file (unencrypted) or helper", column: "STORAGE"),
        Field("Location", .text, "the file's path or the helper's name", column: "LOCATION"),
        Field(
            "Kind", .text, "password, identity_token or registry_token; null where only the helper knows",
            column: "KIND"),
    ]

    var row: JSONObject {
        [
            "Registry": .string(registry), "Username": username.map { .string($0) } ?? .null,
            "Storage": .string(storage.rawValue), "Location": .string(location),
            "Kind": kind.map { .string($0) } ?? .null,
        ]
    }
}
