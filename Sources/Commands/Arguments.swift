import Backend
import OCI
import Shell

/// A reference as the user typed it. Throws `invalid_reference` with Docker's words.
func parseReference(_ text: String) throws(ShellError) -> Reference {
    do { return try Reference(text) } catch { throw ShellError(BackendError(error)) }
}

/// A platform as the user typed it. Throws a usage error.
func parsePlatform(_ text: String) throws(ShellError) -> Platform {
    do { return try Platform(text) } catch { throw ShellError(.usage, error.description).about(text) }
}

/// The platform that is pulled unless another is asked for.
var hostPlatform: String { Platform.host.description }
