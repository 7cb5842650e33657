/// How long and how much dsh waits for and takes from a plugin. Every wait has an end, but for that on a call's own work,
/// whose silence the plugin's metadata bounds.
package struct PluginLimits: Sendable {
    /// From the start of `dsh-NAME metadata` to its exit.
    package var metadata = Duration.seconds(10)
    /// From the start of a call to the plugin's hello.
    package var hello = Duration.seconds(10)
    /// A completion request, start and all.
    package var completion = Duration.milliseconds(1_500)
    /// From `done` or the end of its output to the plugin's exit.
    package var exit = Duration.seconds(2)
    /// From a cancel message to SIGTERM.
    package var cancel = Duration.milliseconds(500)
    /// From SIGTERM to SIGKILL.
    package var terminate = Duration.seconds(2)
    /// The bytes of a line in either direction.
    package var line = 16 << 20
    /// The bytes of metadata.
    package var metadataBytes = 1 << 20
    /// Of each line of a plugin's standard error so many bytes are shown.
    package var errorLine = 4096
    /// The candidates that are taken from an answer to a completion request.
    package var candidates = 1000

    package init() {}
}
