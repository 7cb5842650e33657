import Backend
import OCI
import Shell

/// A reference as the user typed it. Throws `invalid_reference` with Docker's words.
func parseReference(_ text: String) throws(ShellError) -> Reference {
    do { return try Reference(text) } catch { throw ShellError(BackendError(error)) }
}

/// The same for a command that asks registries: a host and port alone, which names an image `localhost` at Docker Hub as
/// Docker reads it, is a registry that lacks its repository. Throws `invalid_reference`.
func parseRemoteReference(_ text: String) throws(ShellError) -> Reference {
    let reference = try parseReference(text)
    guard !text.contains("/"), reference.digest == nil, let colon = text.lastIndex(of: ":"),
        let port = UInt16(text[text.index(after: colon)...]), port > 0,
        case let host = text[..<colon], host == "localhost" || host.contains(".")
    else { return reference }
    throw ShellError(
        .invalidReference, "\(text) is a registry, and names no repository on it",
        hint: "\(text)/NAME does, and `catalog \(text)` lists them; the image is \(reference.canonical)"
    ).about(text)
}

/// A platform as the user typed it. Throws a usage error.
func parsePlatform(_ text: String) throws(ShellError) -> Platform {
    do { return try Platform(text) } catch { throw ShellError(.usage, error.description).about(text) }
}

/// The platform that is pulled unless another is asked for.
var hostPlatform: String { Platform.host.description }
