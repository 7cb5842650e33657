/// Bytes for a command that reads some: what a program in front of it writes, `!cat images.tar | load`, or else standard input.
package struct ByteInput: Sendable {
    /// Open for reading while the command runs, and closed by who gave it.
    package let descriptor: Int32
    /// What messages call it.
    package let name: String

    package static let standardInput = ByteInput(descriptor: 0, name: "standard input")
}
