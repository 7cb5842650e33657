/// Standard output for what is no value: an archive's bytes. Values go through `emit`.
package protocol ByteOutput: Sendable {
    /// Called once before the first bytes: what waits to be shown goes out before them.
    func begin() throws(ShellError)

    /// Throws `broken_pipe` when nobody reads any more, `no_space`, `io`.
    func write(_ bytes: UnsafeRawBufferPointer) throws(ShellError)
}

/// Nowhere.
package struct NoByteOutput: ByteOutput {
    package init() {}

    package func begin() throws(ShellError) {
        throw ShellError(.unsupported, "there is no standard output to write bytes to", hint: "give a file: -o FILE")
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(ShellError) {}
}
