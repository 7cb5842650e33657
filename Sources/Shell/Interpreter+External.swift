import JSON
import Language

extension Interpreter {
    /// `!text`: a JSON line on the program's stdin for each value piped in; what it writes is one text.
    func external(_ call: ExternalCall, after before: ArraySlice<Stage>, emit: @escaping Emit) async throws {
        var text = ""
        for part in call.parts {
            switch part {
            case .text(let piece): text += piece
            case .interpolation(let filter, let insideQuotes):
                let words = try await values(of: [.filter(filter)]).map { $0.stringValue ?? $0.compact }
                let quoted = words.map(Interpreter.shellQuoted).joined(separator: " ")
                text += insideQuotes ? "\"\(quoted)\"" : quoted
            }
        }
        var input: [UInt8]?
        if !before.isEmpty {
            var lines: [UInt8] = []
            for value in try await values(of: before) {
                value.write(into: &lines, style: .compact)
                lines.append(UInt8(ascii: "\n"))
            }
            input = lines
        }
        do {
            var output = try await ExternalProgram(text: text, input: input).run()[...]
            // A program that says nothing gives no value.
            if output.isEmpty { return }
            if output.last == UInt8(ascii: "\n") { output = output.dropLast() }
            try await emit(.string(String(decoding: output, as: UTF8.self)))
        } catch let error as ShellError {
            throw error.at(call.span)
        }
    }

    /// A text as one word for `sh`, and for dsh.
    package static func shellQuoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
