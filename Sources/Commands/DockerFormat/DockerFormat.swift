import GoTemplate
import Shell

/// A listing command's `--format`: a template, `table` before one, or `json`; laid out as Docker's client does it
/// (docker/cli 28, `cli/command/formatter/formatter.go`).
///
/// What the bare words `table` and `raw` stand for is the command's own: `DockerFormat.images`, `DockerFormat.history`.
struct DockerFormat: Sendable {
    let source: String

    /// Whether rows are laid out as columns under a header. As Docker has it, `tablefoo` is a table, too.
    var isTable: Bool { source.hasPrefix("table") }

    /// One text for each row, or for a table one for each line, its header first. Together, each with a newline, they
    /// are what Docker's client prints.
    ///
    /// Throws a usage error with Docker's text for a template that cannot be read or does not fit the rows.
    func lines<Row: DockerRow>(_ rows: [Row], _ style: DockerRowStyle = DockerRowStyle()) throws(ShellError) -> [String]
    {
        do throws(TemplateError) {
            let template = try Template(templateText)
            guard isTable else {
                var lines: [String] = []
                for row in rows { lines.append(try template.execute(row.value(style))) }
                return lines
            }
            var options = Template.Options()
            options.functions = .header
            // The header's row is a map: a placeholder that does not exist is no error there, and where the template
            // fails on it, what it wrote by then stands.
            var text = template.bytesBeforeFailure(Row.header, options) + [UInt8(ascii: "\n")]
            for row in rows { text += try template.bytes(row.value(style)) + [UInt8(ascii: "\n")] }
            let lines = TabWriter.layOut(text).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            return lines.dropLast().map { String(decoding: $0, as: UTF8.self) }
        } catch {
            throw ShellError(error, placeholders: Row.columns.map(\.placeholder)).about(source)
        }
    }

    /// The template without the preset's word, with `\t` and `\n` made the characters they stand for.
    var templateText: String {
        if source == "json" { return "{{json .}}" }
        var text = Array(source.utf8)[...]
        if isTable { text = text.dropFirst("table".utf8.count) }
        while text.first == UInt8(ascii: " ") { text.removeFirst() }
        while text.last == UInt8(ascii: " ") { text.removeLast() }
        var output: [UInt8] = []
        var isEscaped = false
        for byte in text {
            switch (isEscaped, byte) {
            case (true, UInt8(ascii: "t")): output[output.count - 1] = UInt8(ascii: "\t")
            case (true, UInt8(ascii: "n")): output[output.count - 1] = UInt8(ascii: "\n")
            default: output.append(byte)
            }
            isEscaped = byte == UInt8(ascii: "\\")
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Whether the template may print a size: counting them can take time. A dot or a variable by itself may stand for
    /// the whole row.
    var mayShowSizes: Bool {
        if source == "table" || source == "raw" || source == "json" || source.contains("Size") { return true }
        let text = Array(source.utf8)
        return text.indices.contains { index in
            if text[index] == UInt8(ascii: "$") { return true }
            guard text[index] == UInt8(ascii: ".") else { return false }
            return index + 1 == text.count || !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(text[index + 1])
        }
    }
}

extension ShellError {
    /// What a template's failure is to the shell: Docker's own text, and what would have been right.
    init(_ error: TemplateError, placeholders: [String]) {
        switch error.phase {
        case .parse: self.init(.usage, error.dockerMessage, hint: error.hint)
        case .execution:
            let names = placeholders.sorted().map { "." + $0 }.joined(separator: ", ")
            self.init(.usage, error.dockerMessage, hint: placeholders.isEmpty ? nil : "the placeholders are \(names)")
        case .limit: self.init(ShellError.Code(rawValue: error.code), error.message, hint: error.hint)
        }
    }
}
