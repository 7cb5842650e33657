import Backend
import OCI
import Shell

/// What `copy` is told to copy from: a reference of a registry, or `store:NAME`, `oci:DIRECTORY[:NAME]`,
/// `oci-archive:FILE[:NAME]`, `docker-archive:FILE[:NAME]`.
enum ImageLocation {
    /// Throws `invalid_reference`, and a usage error for a kind of place that is not read.
    static func source(_ text: String) throws(ShellError) -> ImageSource {
        if let name = text.removingPrefix("store:") { return .store(try parseReference(name).taggedDefault) }
        if let rest = text.removingPrefix("oci:") {
            guard let (path, name) = place(rest) else {
                throw ShellError(
                    .usage, "oci: needs a directory", hint: "as in oci:build/layout or oci:build/layout:1.2")
            }
            return .layout(path: path, name: name)
        }
        for kind in ["oci-archive", "docker-archive"] {
            guard let rest = text.removingPrefix(kind + ":") else { continue }
            guard let (path, name) = place(rest) else {
                throw ShellError(
                    .usage, "\(kind): needs a file",
                    hint: "as in \(kind):images.tar or \(kind):images.tar:nginx:1.25")
            }
            return .archive(kind: kind, path: path, name: name)
        }
        for kind in ["docker-daemon:", "dir:"] where text.hasPrefix(kind) {
            throw ShellError(
                .unsupported, "copy does not read \(kind)",
                hint: "`load` takes an archive into the store, and `copy store:NAME` goes on from there")
        }
        return .registry(try parseReference(text.removingPrefix("docker://") ?? text).taggedDefault)
    }

    /// `PATH[:NAME]`, up to the first colon; nil without a path. An empty name is none.
    private static func place(_ text: String) -> (path: String, name: String?)? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, !path.isEmpty else { return nil }
        return (String(path), parts.count == 2 && !parts[1].isEmpty ? String(parts[1]) : nil)
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
            case .archive(_, _, let name): name.flatMap { try? Reference($0) }
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
