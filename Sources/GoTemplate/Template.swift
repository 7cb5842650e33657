/// A parsed template: Go's text/template with the functions of Docker's client. Parsing checks everything that Go checks
/// before it runs a template; executing it is safe from several threads at once.
package struct Template: Sendable {
    package struct Options: Sendable {
        /// What a key that a map lacks gives (Go's `missingkey` option).
        package enum MissingKey: Sendable {
            /// Nothing; it prints `<no value>`.
            case noValue
            /// The zero value of the map's elements.
            case zero
            /// An error, as in the untyped second try of `docker inspect`.
            case error
        }

        /// Which meaning Docker's functions have.
        package enum Functions: Sendable {
            case standard
            /// For a table's header row: they give back the column's name unchanged, so that it stays readable.
            case header
        }

        package var missingKey = MissingKey.noValue
        package var functions = Functions.standard
        /// Bytes the template may write, and any one function may return.
        package var maximumOutput = 64 << 20
        /// Nodes that may be walked: a bound on `range` over a huge number.
        package var maximumSteps = 100_000_000

        package init() {}
    }

    let name: String
    let text: [UInt8]
    let trees: [[UInt8]: [Node]]

    /// Parses `text`. `name` stands in error messages; Docker's client uses none.
    ///
    /// Throws: a parse error with Go's text.
    package init(_ text: String, name: String = "") throws(TemplateError) {
        try self.init(bytes: Array(text.utf8), name: name)
    }

    /// Parses text that need not be UTF-8, such as a command line's word.
    package init(bytes: [UInt8], name: String = "") throws(TemplateError) {
        self.name = name
        text = bytes
        trees = try Parser.parse(bytes, name: name, functions: Functions.names)
    }

    /// Runs the template on `value` (nil: no data at all, Go's nil) and returns what it writes.
    ///
    /// Throws: an execution error with Go's text, or a limit. What was written by then is lost.
    package func execute(_ value: TemplateValue?, _ options: Options = Options()) throws(TemplateError) -> String {
        String(decoding: try bytes(value, options), as: UTF8.self)
    }

    /// As `execute`, but the bytes: a template can cut a character in two.
    package func bytes(_ value: TemplateValue?, _ options: Options = Options()) throws(TemplateError) -> [UInt8] {
        var executor = Executor(self, options, data: value)
        return try executor.run()
    }

    /// As `bytes`, but where the template fails, what it wrote by then: Docker's client writes a table's header so.
    package func bytesBeforeFailure(_ value: TemplateValue?, _ options: Options = Options()) -> [UInt8] {
        var executor = Executor(self, options, data: value)
        do throws(TemplateError) { return try executor.run() } catch { return executor.output }
    }
}
