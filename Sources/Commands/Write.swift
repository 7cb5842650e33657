package import ArgumentParser
import JSON
package import Shell

/// `… | write FILE`: values into a file.
package struct Write: Command {
    package static let declaration = CommandDeclaration(
        name: "write", category: .shell, summary: "write the values from the pipe to a file",
        discussion: """
            The name says how: .json as `-o json` shows them, .jsonl and .ndjson one a line, any other name lines: texts as they
            are, all else as JSON, an end of line after each. --as says otherwise; text adds no ends of lines. The file is
            written whole or not at all: it appears under its name when all values are in it. A file that is there
            already is left alone unless --force or --append is given.
            """,
        arguments: .file, input: .values,
        result: ResultShape(
            .object,
            [
                Field("Path", .text, "the file", column: "PATH"),
                Field("Status", .text, "created, replaced, appended; written, to a pipe or device", column: "STATUS"),
                Field("Values", .number, "values that came in", column: "VALUES"),
                Field("Bytes", .bytes, "bytes they take", column: "BYTES"),
            ]),
        examples: [
            Example("images | write images.json --dry-run", "what it would do"),
            Example("images | .[].Reference | write names.txt --force", "a name a line, again and again"),
            Example("images | .[] | write images.jsonl --append", "a record a line, after those that are there"),
        ])

    @Argument(help: "the file", completion: .file()) package var file: String
    @Option(name: .customLong("as"), help: "how: json, jsonl, lines or text") package var format: FileFormat?
    @Flag(help: "replace a file that is there") package var force = false
    @Flag(help: "write behind what is there") package var append = false
    @Flag(help: "write nothing; say what would be written") package var dryRun = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        guard let input = context.input else {
            throw ShellError(.usage, "write needs values from the pipe", hint: "as in `images | write \(file)`")
        }
        if force, append { throw ShellError(.usage, "--force and --append exclude each other") }
        let old = try OutputFile.status(file)
        if !force, !append, let old, OutputFile.isRegular(old) { throw OutputFile.conflict(file) }
        let format = format ?? FileFormat(name: file) ?? .lines
        let output = dryRun ? nil : try await OutputFile(file, append ? .append : force ? .replace : .create)
        var (values, count) = (0, 0)
        while let value = try await input.next() {
            let bytes = try bytes(of: value, format)
            try await output?.write(bytes)
            values += 1
            count += bytes.count
        }
        try Task.checkCancellation()
        try await output?.commit()
        let isRegular = old.map(OutputFile.isRegular) ?? true
        let status = !isRegular ? "written" : old == nil ? "created" : append ? "appended" : "replaced"
        try await context.emit([
            "Path": .string(file), "Status": .string(status),
            "Values": .number(Double(values)), "Bytes": .number(Double(count)),
        ])
    }

    private func bytes(of value: JSONValue, _ format: FileFormat) throws(ShellError) -> [UInt8] {
        var bytes: [UInt8] = []
        switch (format, value) {
        case (.text, .string(let text)): return Array(text.utf8)
        case (.lines, .string(let text)): bytes = Array(text.utf8)
        case (.json, _): value.write(into: &bytes, style: .pretty)
        case (.jsonl, _), (.lines, _): value.write(into: &bytes, style: .compact)
        case (.text, _):
            throw ShellError(
                .usage, "a text file holds texts, not \(value.typeName)", hint: "make one of it with `tojson` or `join`"
            )
        }
        return bytes + [UInt8(ascii: "\n")]
    }
}
