import JSON
import OCI

/// What a manifest says it is.
enum OwnMediaType {
    /// Its `mediaType` where that is a manifest's or an index's, else what its form can only be; nil for neither.
    static func of(_ bytes: [UInt8]) -> MediaType? {
        guard let json = try? JSONValue.parse(bytes), json.objectValue != nil else { return nil }
        if let text = json["mediaType"]?.stringValue {
            let type = MediaType(rawValue: text)
            return type.isManifest || type.isIndex ? type : nil
        }
        // An OCI manifest may leave its type out; Docker's never does.
        guard json["schemaVersion"]?.intValue == 2 else { return nil }
        if json["manifests"]?.arrayValue != nil, json["layers"] == nil, json["config"] == nil { return .ociIndex }
        if json["layers"]?.arrayValue != nil, json["config"] != nil, json["manifests"] == nil { return .ociManifest }
        return nil
    }
}
