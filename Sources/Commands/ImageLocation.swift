import Backend
import OCI
import Shell

/// What `copy` is told to copy from: a reference of a registry, or `store:NAME`, `oci:DIRECTORY[:NAME]`.
enum ImageLocation {
    /// Throws `invalid_reference`, and a usage error for a kind of place that is not read.
    static func source(_ text: String) throws(ShellError) -> ImageSource {
        if let name = text.removingPrefix("store:") { return .store(try parseReference(name).taggedDefault) }
        if let rest = text.removingPrefix("oci:") {
            let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let path = parts.first, !path.isEmpty else {
                throw ShellError(
                    .usage, "oci: needs a directory", hint: "as in oci:build/layout or oci:build/layout:1.2")
            }
            return .layout(path: String(path), name: parts.count == 2 ? String(parts[1]) : nil)
        }
        for kind in ["oci-archive:", "docker-archive:", "docker-daemon:", "dir:"] where text.hasPrefix(kind) {
            throw ShellError(
                .unsupported, "copy does not read \(kind)",
                hint: "`load` takes an archive into the store, and `copy store:NAME` goes on from there")
        }
        return .registry(try parseReference(text.removingPrefix("docker://") ?? text).taggedDefault)
    }

    /// A name in a registry; without a tag the source's own is taken. Throws as `source` does.
    static func target(_ text: String, for source: ImageSource) throws(ShellError) -> Reference {
        for kind in ["oci:", "oci-archive:", "docker-archive:", "docker-daemon:", "dir:", "store:"]
        where text.hasPrefix(kind) {
            throw ShellError(
                .unsupported, "copy does not write to \(kind)",
                hint: kind == "store:" ? "`pull` and `tag` put images into the store" : "`save` writes archives")
        }
        let reference = try parseReference(text.removingPrefix("docker://") ?? text)
        guard reference.tag == nil, reference.digest == nil else { return reference }
        let name: Reference? =
            switch source {
            case .registry(let reference), .store(let reference): reference
            case .layout: nil
            }
        // What is copied by digest stays without a tag.
        if let name, name.tag == nil, name.digest != nil {
            return Reference(repository: reference.repository, digest: name.digest)
        }
        return Reference(repository: reference.repository, tag: name?.tag ?? "latest")
    }
}

extension String {
    fileprivate func removingPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
