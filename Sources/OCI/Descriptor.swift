package import JSON

/// A typed pointer to content: its media type, digest and size. OCI image-spec `descriptor.md`.
package struct Descriptor: Hashable, Sendable {
    package var mediaType: MediaType
    package var digest: Digest
    /// Bytes of the content, as stored.
    package var size: Int64
    package var platform: Platform?
    package var annotations: [String: String]
    /// Where a foreign layer may be fetched from.
    package var urls: [String]
    package var artifactType: String?

    package init(
        mediaType: MediaType, digest: Digest, size: Int64, platform: Platform? = nil,
        annotations: [String: String] = [:], urls: [String] = [], artifactType: String? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
        self.annotations = annotations
        self.urls = urls
        self.artifactType = artifactType
    }

    /// Reads a descriptor object. Throws `ManifestError` where a required field is missing, of another kind or negative.
    package init(json: JSONValue) throws(ManifestError) {
        guard let type = json["mediaType"]?.stringValue, let text = json["digest"]?.stringValue,
            let number = json["size"]?.intValue, number >= 0
        else { throw ManifestError(.malformed("a descriptor lacks mediaType, digest or size")) }
        do { digest = try Digest(text) } catch { throw ManifestError(.malformed(error.description)) }
        mediaType = MediaType(rawValue: type)
        size = Int64(number)
        platform = json["platform"].flatMap(Platform.init(json:))
        annotations = json["annotations"].map(stringMap) ?? [:]
        urls = json["urls"]?.arrayValue?.compactMap(\.stringValue) ?? []
        artifactType = json["artifactType"]?.stringValue
    }

    /// The descriptor as JSON, fields in the order the specification lists them.
    package var json: JSONValue {
        var object = JSONObject()
        object["mediaType"] = .string(mediaType.rawValue)
        object["digest"] = .string(digest.description)
        object["size"] = .number(Double(size))
        if !urls.isEmpty { object["urls"] = .array(urls.map(JSONValue.string)) }
        if !annotations.isEmpty { object["annotations"] = stringMapJSON(annotations) }
        if let platform { object["platform"] = platform.json }
        if let artifactType { object["artifactType"] = .string(artifactType) }
        return .object(object)
    }
}

extension Platform {
    /// Reads the `platform` object of a descriptor, or the same fields of an image config; nil without system or
    /// architecture.
    package init?(json: JSONValue) {
        guard let os = json["os"]?.stringValue, let architecture = json["architecture"]?.stringValue,
            !os.isEmpty || !architecture.isEmpty
        else { return nil }
        self.init(
            os: os, architecture: architecture, variant: json["variant"]?.stringValue,
            osVersion: json["os.version"]?.stringValue,
            osFeatures: json["os.features"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    }

    /// The platform with the specification's field names.
    package var json: JSONValue {
        var object = JSONObject()
        object["architecture"] = .string(architecture)
        object["os"] = .string(os)
        if let osVersion { object["os.version"] = .string(osVersion) }
        if !osFeatures.isEmpty { object["os.features"] = .array(osFeatures.map(JSONValue.string)) }
        if let variant { object["variant"] = .string(variant) }
        return .object(object)
    }
}

/// The text values of an object; values of other kinds are passed over.
func stringMap(_ json: JSONValue) -> [String: String] {
    var map: [String: String] = [:]
    for (key, value) in json.objectValue ?? JSONObject() { map[key] = value.stringValue }
    return map
}

/// An object with `map`'s keys in order.
func stringMapJSON(_ map: [String: String]) -> JSONValue {
    var object = JSONObject()
    for key in map.keys.sorted() { object[key] = map[key].map(JSONValue.string) }
    return .object(object)
}
