import Backend
import GoTemplate
import OCI
import Units

/// A row of `docker images` (docker/cli 28, `cli/command/formatter/image.go`).
struct DockerImageRow: DockerRow {
    var id: String
    /// `<none>` for an image without a name.
    var repository: String
    var tag: String
    var digest: String
    /// Seconds since 1970.
    var created: Int64
    var size: Int64
    /// nil where nobody counted: `N/A`.
    var sharedSize: Int64?
    var containers: Int64?

    static let columns = [
        ("Containers", "CONTAINERS"), ("CreatedAt", "CREATED AT"), ("CreatedSince", "CREATED"), ("Digest", "DIGEST"),
        ("ID", "IMAGE ID"), ("Repository", "REPOSITORY"), ("SharedSize", "SHARED SIZE"), ("Size", "SIZE"),
        ("Tag", "TAG"), ("UniqueSize", "UNIQUE SIZE"), ("VirtualSize", "SIZE"),
    ].map { (placeholder: $0.0, title: $0.1) }

    static let type = DockerTypes.row("imageContext", columns.map(\.placeholder))

    func texts(_ style: DockerRowStyle) -> [(placeholder: String, text: String)] {
        [
            ("Containers", containers.map(String.init) ?? "N/A"),
            ("CreatedAt", LocalTime(seconds: created).goText),
            ("CreatedSince", created == DockerText.noTime ? "" : DockerText.age(seconds: created, at: style.now)),
            ("Digest", digest),
            ("ID", style.truncates ? DockerText.shortened(id: id) : id),
            ("Repository", repository),
            ("SharedSize", sharedSize.map { HumanUnits.size($0, digits: 4) } ?? "N/A"),
            ("Size", HumanUnits.size(size)),
            ("Tag", tag),
            ("UniqueSize", sharedSize.map { HumanUnits.size(size - $0, digits: 4) } ?? "N/A"),
            ("VirtualSize", HumanUnits.size(size, digits: 4)),
        ]
    }
}

extension DockerFormat {
    private static let since = "{{if .CreatedSince }}{{.CreatedSince}}{{else}}N/A{{end}}"

    /// The format of `docker images`: `source` is `--format`'s text, `table` where there is none.
    static func images(_ source: String, quiet: Bool, digests: Bool) -> DockerFormat {
        switch source {
        case "table" where quiet: return DockerFormat(source: "{{.ID}}")
        case "table":
            let digest = digests ? "{{.Digest}}\\t" : ""
            return DockerFormat(source: "table {{.Repository}}\\t{{.Tag}}\\t\(digest){{.ID}}\\t\(since)\\t{{.Size}}")
        case "raw" where quiet: return DockerFormat(source: "image_id: {{.ID}}")
        case "raw":
            let digest = digests ? "digest: {{.Digest}}\n" : ""
            return DockerFormat(
                source: "repository: {{ .Repository }}\ntag: {{.Tag}}\n\(digest)image_id: {{.ID}}\n"
                    + "created_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n")
        default:
            let format = DockerFormat(source: source)
            guard format.isTable, digests, !source.contains("{{.Digest}}") else { return format }
            return DockerFormat(source: source + "\\t{{.Digest}}")
        }
    }
}

/// An image of the engine's list with all its names, of which Docker's client makes one row or several.
struct DockerImage {
    var id: String
    /// Familiar repositories with the tags and the digests each is known under, in order.
    var repositories: [(name: String, tags: [String], digests: [String])]
    var created: Int64
    var size: Int64
    var sharedSize: Int64?
    var containers: Int64?

    /// The rows of `images`. With `--digests` (`showsDigests`), or where the format names the digest, a tag has a row
    /// for each digest of its repository; a digest without a tag has a row of its own.
    static func rows(of images: [DockerImage], format: DockerFormat, showsDigests: Bool) -> [DockerImageRow] {
        let needsDigests = showsDigests || format.source.contains("{{.Digest}}")
        var rows: [DockerImageRow] = []
        for image in images {
            func add(_ repository: String, _ tag: String, _ digest: String) {
                rows.append(
                    DockerImageRow(
                        id: image.id, repository: repository, tag: tag, digest: digest, created: image.created,
                        size: image.size, sharedSize: image.sharedSize, containers: image.containers))
            }
            if image.repositories.isEmpty { add("<none>", "<none>", "<none>") }
            for (name, tags, digests) in image.repositories where !tags.isEmpty {
                for tag in tags {
                    if !needsDigests || digests.isEmpty {
                        add(name, tag, "<none>")
                    } else {
                        for digest in digests { add(name, tag, digest) }
                    }
                }
            }
            for (name, tags, digests) in image.repositories where tags.isEmpty {
                if showsDigests {
                    for digest in digests { add(name, "<none>", digest) }
                } else {
                    add(name, "<none>", "")
                }
            }
        }
        return rows
    }

    /// The images that a list of names speaks of, in the order of their first names.
    static func images(of list: ImageList) -> [DockerImage] {
        var images: [DockerImage] = []
        var places: [String: Int] = [:]
        for place in 0..<list.count {
            list.withImage(place) { listed in
                let id = text(listed.id)
                let place = places[id] ?? images.count
                if place == images.count {
                    places[id] = place
                    images.append(
                        DockerImage(
                            id: id, repositories: [], created: created(listed), size: listed.size ?? 0,
                            sharedSize: listed.sharedSize, containers: nil))
                }
                images[place].add(listed)
            }
        }
        return images
    }

    /// When the image was made, in seconds since 1970; Go's zero time where it does not say.
    static func created(_ image: ListedImage) -> Int64 {
        Timestamp(text(image.created))?.seconds ?? DockerText.noTime
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

    private mutating func add(_ image: ListedImage) {
        guard !image.reference.isEmpty else {
            // A name that another tool gave and that is no reference.
            if !image.name.isEmpty { repositories.append((DockerImage.text(image.name), ["<none>"], [])) }
            return
        }
        let name = DockerImage.text(image.repository)
        let place = repositories.firstIndex { $0.name == name } ?? repositories.count
        if place == repositories.count { repositories.append((name, [], [])) }
        if !image.tag.isEmpty { repositories[place].tags.append(DockerImage.text(image.tag)) }
        // Only what a registry served has a digest there.
        let digest = DockerImage.text(image.digest)
        let namesDigest = image.reference.contains(UInt8(ascii: "@"))
        if !image.lastPulled.isEmpty || namesDigest, !repositories[place].digests.contains(digest) {
            repositories[place].digests.append(digest)
        }
    }
}
