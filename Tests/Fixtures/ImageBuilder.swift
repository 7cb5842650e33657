/// Bytes with the digest and the media type that name them.
package struct Blob: Sendable {
    package let mediaType: String
    package let bytes: [UInt8]
    package let digest: String

    package init(_ mediaType: String, _ bytes: [UInt8]) {
        self.mediaType = mediaType
        self.bytes = bytes
        self.digest = sha256(bytes)
    }

    package var descriptor: JSONText {
        ["mediaType": .string(mediaType), "digest": .string(digest), "size": .number(bytes.count)]
    }
}

/// A layer as its author would state it: what is in it, how it is packed, and the command that history shows.
package struct LayerRecipe: Sendable {
    package enum Packing: Sendable { case plain, gzip, zstd }

    package var command: String
    package var entries: [TarEntry]
    package var packing: Packing

    package init(_ command: String, packing: Packing = .gzip, _ entries: [TarEntry]) {
        self.command = command
        self.entries = entries
        self.packing = packing
    }
}

/// A step of an image: a layer, or a command that changed the configuration alone.
package enum BuildStep: Sendable {
    case layer(LayerRecipe)
    case setting(String)
}

/// What one image is built from. The same recipe gives the same bytes on every run and machine.
package struct ImageRecipe: Sendable {
    package enum Flavour: Sendable { case oci, docker }

    package var flavour: Flavour
    package var architecture: String
    package var variant: String?
    package var created: String
    package var settings: JSONText
    package var steps: [BuildStep]

    package init(
        _ flavour: Flavour = .oci, architecture: String = "amd64", variant: String? = nil,
        created: String = "2024-02-03T04:05:06.789012345Z", settings: JSONText = [:], steps: [BuildStep]
    ) {
        self.flavour = flavour
        self.architecture = architecture
        self.variant = variant
        self.created = created
        self.settings = settings
        self.steps = steps
    }
}

/// A built image or index: `root` is what a tag points at; `blobs` is everything else it needs, each once.
package struct BuiltImage: Sendable {
    package let root: Blob
    package let manifests: [Blob]
    package let blobs: [Blob]
    /// The image manifest's configuration and layers, where the root is an image manifest.
    package let config: Blob?
    package let layers: [Blob]
}

extension ImageRecipe {
    package func build() -> BuiltImage {
        var layers: [Blob] = []
        var diffIDs: [JSONText] = []
        var history: [JSONText] = []
        for (index, step) in steps.enumerated() {
            let time = JSONText.string("2024-02-03T04:\(pad(index / 60)):\(pad(index % 60))Z")
            switch step {
            case .layer(let recipe):
                let tar = tarArchive(recipe.entries)
                layers.append(pack(tar, recipe.packing))
                diffIDs.append(.string(sha256(tar)))
                history.append(["created": time, "created_by": .string(recipe.command)])
            case .setting(let command):
                history.append([
                    "created": time, "created_by": .string(command), "empty_layer": true,
                    "comment": "buildkit.dockerfile.v0",
                ])
            }
        }
        var document: [(String, JSONText)] = [("architecture", .string(architecture))]
        if let variant { document.append(("variant", .string(variant))) }
        document += [
            ("config", settings), ("created", .string(created)), ("history", .array(history)), ("os", "linux"),
            ("rootfs", ["type": "layers", "diff_ids": .array(diffIDs)]),
        ]
        let config = Blob(configType, JSONText.object(document).bytes)
        let manifest = Blob(
            manifestType,
            JSONText.object([
                ("schemaVersion", 2), ("mediaType", .string(manifestType)), ("config", config.descriptor),
                ("layers", .array(layers.map(\.descriptor))),
            ]).bytes)
        var seen: Set<String> = []
        let blobs = ([config] + layers).filter { seen.insert($0.digest).inserted }
        return BuiltImage(root: manifest, manifests: [manifest], blobs: blobs, config: config, layers: layers)
    }

    private func pack(_ tar: [UInt8], _ packing: LayerRecipe.Packing) -> Blob {
        switch (packing, flavour) {
        case (.plain, .oci): Blob("application/vnd.oci.image.layer.v1.tar", tar)
        case (.plain, .docker): Blob("application/vnd.docker.image.rootfs.diff.tar", tar)
        case (.gzip, .oci): Blob("application/vnd.oci.image.layer.v1.tar+gzip", gzip(tar))
        case (.gzip, .docker): Blob("application/vnd.docker.image.rootfs.diff.tar.gzip", gzip(tar))
        case (.zstd, _): Blob("application/vnd.oci.image.layer.v1.tar+zstd", zstd(tar))
        }
    }

    private var configType: String {
        flavour == .oci
            ? "application/vnd.oci.image.config.v1+json" : "application/vnd.docker.container.image.v1+json"
    }

    private var manifestType: String {
        flavour == .oci
            ? "application/vnd.oci.image.manifest.v1+json" : "application/vnd.docker.distribution.manifest.v2+json"
    }
}

/// An index of `images` in their order, with BuildKit's attestation entry after each where asked: a manifest of
/// platform unknown/unknown that a puller has to pass over.
package func buildIndex(_ recipes: [ImageRecipe], attested: Bool = false) -> BuiltImage {
    var entries: [JSONText] = []
    var manifests: [Blob] = []
    var blobs: [Blob] = []
    var seen: Set<String> = []
    func add(_ image: BuiltImage, platform: JSONText, annotations: JSONText?) {
        var entry = [
            ("mediaType", JSONText.string(image.root.mediaType)), ("digest", .string(image.root.digest)),
            ("size", .number(image.root.bytes.count)), ("platform", platform),
        ]
        if let annotations { entry.append(("annotations", annotations)) }
        entries.append(.object(entry))
        manifests.append(image.root)
        for blob in image.blobs where seen.insert(blob.digest).inserted { blobs.append(blob) }
    }
    for recipe in recipes {
        let image = recipe.build()
        var platform = [("architecture", JSONText.string(recipe.architecture)), ("os", "linux")]
        if let variant = recipe.variant { platform.append(("variant", .string(variant))) }
        add(image, platform: .object(platform), annotations: nil)
        if attested {
            add(
                attestation(of: image.root.digest), platform: ["architecture": "unknown", "os": "unknown"],
                annotations: [
                    "vnd.docker.reference.digest": .string(image.root.digest),
                    "vnd.docker.reference.type": "attestation-manifest",
                ])
        }
    }
    let type =
        recipes.first?.flavour == .docker
        ? "application/vnd.docker.distribution.manifest.list.v2+json" : "application/vnd.oci.image.index.v1+json"
    let root = Blob(
        type,
        JSONText.object([
            ("schemaVersion", 2), ("mediaType", .string(type)), ("manifests", .array(entries)),
        ]).bytes)
    return BuiltImage(root: root, manifests: manifests, blobs: blobs, config: nil, layers: [])
}

private func attestation(of digest: String) -> BuiltImage {
    let statement = Blob(
        "application/vnd.in-toto+json",
        (["_type": "https://in-toto.io/Statement/v0.1", "subject": .string(digest)] as JSONText).bytes)
    let config = Blob(
        "application/vnd.oci.image.config.v1+json",
        ([
            "architecture": "unknown", "os": "unknown", "config": [:],
            "rootfs": ["type": "layers", "diff_ids": [.string(statement.digest)]],
        ] as JSONText).bytes)
    let type = "application/vnd.oci.image.manifest.v1+json"
    let manifest = Blob(
        type,
        ([
            "schemaVersion": 2, "mediaType": .string(type), "config": config.descriptor,
            "layers": [statement.descriptor],
        ] as JSONText).bytes)
    return BuiltImage(
        root: manifest, manifests: [manifest], blobs: [config, statement], config: config, layers: [statement])
}

private func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
