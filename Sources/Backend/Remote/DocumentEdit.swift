import JSON
import OCI

/// Changes to an index, or to a manifest's annotations, that leave everything they are not about as it was.
struct DocumentEdit {
    private var document: JSONObject

    /// A new index: a Docker manifest list where all that it holds are Docker's, since some readers want them alike.
    init(newIndexOf children: [Descriptor]) {
        let isDocker = !children.isEmpty && children.allSatisfy { $0.mediaType == .dockerManifest }
        document = JSONObject()
        document["schemaVersion"] = .number(2)
        document["mediaType"] = .string((isDocker ? MediaType.dockerManifestList : .ociIndex).rawValue)
        document["manifests"] = .array(children.map(\.json))
    }

    /// Throws `corrupt` for what is no document.
    init(_ bytes: [UInt8]) throws(BackendError) {
        guard let object = (try? JSONValue.parse(bytes))?.objectValue else {
            throw BackendError(.corrupt, "the manifest is no JSON object")
        }
        document = object
    }

    var bytes: [UInt8] { Array(JSONValue.object(document).compact.utf8) }

    private var children: [JSONValue] {
        get { document["manifests"]?.arrayValue ?? [] }
        set { document["manifests"] = .array(newValue) }
    }

    /// Whether an index lists nothing.
    var isEmpty: Bool { children.isEmpty }

    /// Adds an entry; one of the same digest, and one for the same platform, give way to it.
    mutating func add(_ child: Descriptor) {
        children.removeAll { entry in
            guard let known = try? Descriptor(json: entry) else { return false }
            return known.digest == child.digest
                || (child.platform != nil && known.platform == child.platform && known.isImageManifest)
        }
        children.append(child.json)
    }

    /// Takes away the entries that fit, and with them the attestations about them. Returns how many there were.
    mutating func remove(where fits: (Descriptor) -> Bool) -> Int {
        let before = children.count
        let gone = Set(
            children.compactMap { try? Descriptor(json: $0) }.filter(fits).map(\.digest.description))
        children.removeAll { entry in
            guard let known = try? Descriptor(json: entry) else { return false }
            let about = known.annotations["vnd.docker.reference.digest"] ?? ""
            return gone.contains(known.digest.description) || gone.contains(about)
        }
        return before - children.count
    }

    /// Sets annotations of the document, or of its entries that fit; a nil value takes one away. Returns how many places
    /// that were.
    mutating func annotate(_ changes: [(String, String?)], entries fits: ((Descriptor) -> Bool)?) -> Int {
        func changed(_ value: JSONValue?) -> JSONValue? {
            var annotations = value?.objectValue ?? JSONObject()
            for (key, text) in changes { annotations[key] = text.map(JSONValue.string) }
            return annotations.count == 0 ? nil : .object(annotations)
        }
        guard let fits else {
            document["annotations"] = changed(document["annotations"])
            return 1
        }
        var count = 0
        children = children.map { entry in
            guard let known = try? Descriptor(json: entry), fits(known), var object = entry.objectValue else {
                return entry
            }
            count += 1
            object["annotations"] = changed(object["annotations"])
            return .object(object)
        }
        return count
    }
}
