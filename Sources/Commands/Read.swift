package import ArgumentParser
import JSON
package import Shell

/// `read FILE`: values from a file.
package struct Read: Command {
    package static let declaration = CommandDeclaration(
        name: "read", category: .shell, summary: "read values from a file or from standard input",
        discussion: """
            The name says what is in it: .json JSON values one after the other, .jsonl and .ndjson one a line, any other name
            one text. Standard input, -, is read as JSON. --as says otherwise. Lines (jsonl, lines) come one by one
            however long the file is; the rest is read whole, up to 256 MiB.
            """,
        arguments: .file, result: ResultShape(.any),
        examples: [
            Example("read policy.json | .MaximumAge", "a document"),
            Example("read --as lines images.txt | select(startswith(\"#\") | not)", "a list, a text a line"),
            Example("!echo '{\"a\": 1}' | fromjson | .a", "what a program writes needs no file"),
        ])

    @Argument(help: "a file, or - for standard input", completion: .file()) package var file: String
    @Option(name: .customLong("as"), help: "what is in it: json, jsonl, lines or text") package var format: FileFormat?

    private static let maximumBytes = 256 << 20
    private static let maximumLine = 64 << 20

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let input = try InputFile(file)
        switch format ?? FileFormat(name: file) ?? (file == "-" ? .json : .text) {
        case .text:
            let bytes = try await input.all(limit: Read.maximumBytes)
            try await context.emit(.string(try text(bytes[...], input)))
        case .lines:
            try await input.lines(limit: Read.maximumLine) { number, line in
                try await context.emit(.string(try text(line, input, line: number)))
            }
        case .jsonl:
            try await input.lines(limit: Read.maximumLine) { number, line in
                if line.allSatisfy(Read.isSpace) { return }
                do {
                    try await context.emit(try JSONValue.parse(Array(line)))
                } catch let error as JSONError {
                    throw noJSON(error, input, line: number, column: error.offset + 1)
                }
            }
        case .json:
            let bytes = try await input.all(limit: Read.maximumBytes)
            for value in try values(bytes, input) { try await context.emit(value) }
        }
    }

    /// The JSON values that stand one after the other.
    private func values(_ bytes: [UInt8], _ input: InputFile) throws -> [JSONValue] {
        var values: [JSONValue] = []
        do {
            try bytes.withUnsafeBytes { buffer in
                var scanner = JSONScanner(buffer)
                while let next = buffer[scanner.offset...].firstIndex(where: { !Read.isSpace($0) }), next < buffer.count
                {
                    values.append(try scanner.readValue())
                }
            }
        } catch let error as JSONError {
            let before = bytes[..<min(error.offset, bytes.count)]
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            throw noJSON(error, input, line: line, column: error.offset - start + 1)
        }
        return values
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (9...13).contains(byte)
    }

    private func noJSON(_ error: JSONError, _ input: InputFile, line: Int, column: Int) -> ShellError {
        ShellError(
            .corrupt, "\(input.name):\(line):\(column): no JSON: \(error.message)",
            hint: "--as text reads it as it is, --as lines a text a line")
    }

    private func text(_ bytes: ArraySlice<UInt8>, _ input: InputFile, line: Int? = nil) throws(ShellError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ShellError(
                .corrupt, "\(line.map { "line \($0) of " } ?? "")\(input.name) is not UTF-8",
                hint: "a text has to be; `!base64 FILE` makes one of any bytes")
        }
        return text
    }
}
