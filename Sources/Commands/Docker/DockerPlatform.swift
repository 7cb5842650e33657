import OCI
import Shell

/// `--platform` of Docker's lines.
enum DockerPlatform {
    /// Throws what the client says of a text that is no platform.
    static func parse(_ text: String) throws(ShellError) -> Platform {
        do { return try Platform(text) } catch {
            throw DockerFailure.error("invalid platform: \(error.description)", code: .usage)
        }
    }
}
