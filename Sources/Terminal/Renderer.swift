package import JSON

/// Writes a stream of values to a file descriptor in one of the output formats.
package struct Renderer: ~Copyable {
    private var rendering: Rendering
    private var file: OutputFile

    package init(
        to descriptor: Int32, _ options: RenderingOptions, beforeWriting: @escaping @Sendable () -> Void = {}
    ) {
        rendering = Rendering(options)
        file = OutputFile(descriptor, beforeWriting: beforeWriting)
    }

    /// Options for a descriptor as it is: a terminal's width and colours, or a plain file's.
    package static func options(
        for descriptor: Int32, format: OutputFormat, columns: [Column]? = nil, kinds: [String: Column.Kind] = [:]
    ) -> RenderingOptions {
        let traits = TerminalTraits.of(descriptor)
        return RenderingOptions(
            format: format, columns: columns, kinds: kinds, traits: traits,
            width: traits.isTerminal ? TerminalSize.of(descriptor).columns : nil)
    }

    /// Writes one value; it may stay in a buffer until `flush()` or `finish()`.
    package mutating func write(_ value: JSONValue) throws(TerminalError) {
        rendering.append(value, to: &file.buffer)
        try file.flushIfLarge()
    }

    /// Writes out what is buffered, except objects that may still become a table.
    package mutating func flush() throws(TerminalError) {
        try file.flush()
    }

    /// Something waits to be written.
    package var hasWaiting: Bool { rendering.hasPending || !file.buffer.isEmpty }

    /// Writes out what is buffered, objects as rows of a table that goes on below.
    package mutating func settle() throws(TerminalError) {
        rendering.settle(to: &file.buffer)
        try file.flush()
    }

    /// Writes out everything.
    package mutating func finish() throws(TerminalError) {
        rendering.finish(to: &file.buffer)
        try file.flush()
    }
}
