/// What a program in front of a command writes, for a command that reads bytes: `!cat images.tar | load`.
package struct ByteInput: Sendable {
    /// Open for reading while the command runs, and closed by who gave it.
    package let descriptor: Int32
}
