import Backend
import OCI
import Shell

/// What `copy` is told to copy from and to: a reference of a registry, or `store:NAME`, `oci:DIRECTORY[:NAME]`,
/// `oci-archive:FILE[:NAME]`, `docker-archive:FILE[:NAME]`.
enum ImageLocation {
    /// What skopeo has besides.
    private static let others = ["docker-daemon:", "dir:"]

    /// The kind of place, with its colon, that is no registry's; nil for what may be a reference.
    static func kind(of text: String) -> String? {
        (["store:", "oci:", "oci-archive:", "docker-archive:"] + others).first(where: text.hasPrefix)
    }

    /// Throws `invalid_reference`, and a usage error for a kind of place that is not read.
    static func source(_ text: String) throws(ShellError) -> ImageSource {
        if let name = text.removingPrefix("store:") { return .store(try parseReference(name).taggedDefault) }
        if let rest = text.removingPrefix("oci:") {
            let (path, name) = try place(rest, .oci)
            return .layout(path: path, name: name)
        }
        for kind in ["oci-archive", "docker-archive"] {
            guard let rest = text.removingPrefix(kind + ":") else { continue }
            let (path, name) = try place(rest, .archive(kind))
            guard path != "-" else {
                throw ShellError(
                    .usage, "\(kind): needs a file: copy reads from no stream",
                    hint: "`load` reads an archive from the standard input, and `copy store:NAME` goes on from there; "
                        + "\(kind):./- is a file of that name")
            }
            return .archive(kind: kind, path: path, name: name)
        }
        for kind in others where text.hasPrefix(kind) {
            throw ShellError(
                .unsupported, "copy does not read \(kind)",
                hint: "`load` takes an archive into the store, and `copy store:NAME` goes on from there")
        }
        return .registry(try parseReference(text.removingPrefix("docker://") ?? text).taggedDefault)
    }

    /// Where to. What it leaves open is the source's. Throws as `source` does, and `io` for an archive that is a directory.
    static func target(_ text: String) throws(ShellError) -> ImageDestination {
        if let name = text.removingPrefix("store:") {
            return .store(name.isEmpty ? nil : try parseReference(name).taggedDefault)
        }
        if let rest = text.removingPrefix("oci:") {
            let (path, name) = try place(rest, .oci)
            return .layout(path: path, name: name)
        }
        for kind in [ArchiveDestination.Kind.oci, .docker] {
            guard let rest = text.removingPrefix(kind.rawValue + ":") else { continue }
            let (path, name) = try place(rest, .archive(kind.rawValue))
            guard path != "-" else {
                throw ShellError(
                    .usage, "\(kind.rawValue): needs a file: copy writes to no stream",
                    hint: "`save` writes an archive to the standard output; \(kind.rawValue):./- is a file of that name"
                )
            }
            if kind == .docker, let name { _ = try parseReference(name) }
            _ = try OutputFile.status(path)
            return .archive(ArchiveDestination(kind: kind, path: path, name: name) { try await ArchiveFile.open(path) })
        }
        for kind in others where text.hasPrefix(kind) {
            throw ShellError(
                .unsupported, "copy does not write to \(kind)",
                hint: "oci:DIRECTORY, oci-archive:FILE and docker-archive:FILE are written")
        }
        return .registry(try parseReference(text.removingPrefix("docker://") ?? text))
    }

    private enum Kind {
        case oci
        case archive(String)
    }

    /// `PATH[:NAME]`, up to the first colon; an empty name is none. Throws a usage error without a path.
    private static func place(_ text: String, _ kind: Kind) throws(ShellError) -> (path: String, name: String?) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if let path = parts.first, !path.isEmpty {
            if case .oci = kind, path == "-" {
                throw ShellError(
                    .usage, "oci: needs a directory, and - would be a stream",
                    hint: "oci:./- is a directory of that name")
            }
            return (String(path), parts.count == 2 && !parts[1].isEmpty ? String(parts[1]) : nil)
        }
        switch kind {
        case .oci:
            throw ShellError(.usage, "oci: needs a directory", hint: "as in oci:build/layout or oci:build/layout:1.2")
        case .archive(let kind):
            throw ShellError(
                .usage, "\(kind): needs a file", hint: "as in \(kind):images.tar or \(kind):images.tar:nginx:1.25")
        }
    }
}

extension String {
    fileprivate func removingPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
