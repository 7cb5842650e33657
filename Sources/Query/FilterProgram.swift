/// The text of one libjq program that holds several filters, and where each of them is in it.
///
/// Compiling costs 15 ms whatever the text (libjq 1.6 parses its own builtins every time) and a third of a millisecond more
/// for each further filter. The program takes `[input, variables, bit, bit, …]`: the bits, most significant first, are the
/// number of the filter to run, so that choosing costs two instructions a level.
struct FilterProgram: Sendable {
    struct Part: Sendable {
        let text: String
        /// Variables that are bound, all of which the text mentions.
        let variables: [String]
    }

    let definitions: String
    let parts: [Part]
    let text: String
    /// Levels of the tree of ifs.
    let bits: Int
    /// Whether the program takes its input as it is: one filter, no variables.
    let isPlain: Bool

    /// Line (from 0) of the program on which each part starts, and the bytes before it on that line.
    private var starts: [(line: Int, column: Int)] = []
    private var definitionsStart = (line: 0, column: 0)
    private let lines: [Substring]

    init(definitions: String, parts: [Part], guards: String) {
        self.definitions = definitions
        self.parts = parts
        isPlain = parts.count == 1 && parts[0].variables.isEmpty
        var writer = Writer()
        writer.append(guards + " ")
        if !definitions.isEmpty {
            writer.append("\n")
            definitionsStart = (writer.line, writer.column)
            writer.append(definitions + "\n")
        }
        bits = parts.count > 1 ? Int.bitWidth - (parts.count - 1).leadingZeroBitCount : 0
        if !isPlain {
            let names = (0..<bits).map { ", $__low\($0)" }.joined()
            writer.append(". as [$__input, $__variables\(names)] | ")
        }
        var starts: [(line: Int, column: Int)] = []
        Self.write(parts, range: 0..<(1 << bits), bit: 0, isPlain: isPlain, to: &writer, starts: &starts)
        self.starts = starts
        text = writer.text
        lines = writer.text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// A program that is one text between two others, on the line of the first.
    init(alone text: String, before: String, after: String) {
        definitions = ""
        parts = [Part(text: text, variables: [])]
        bits = 0
        isPlain = true
        starts = [(0, before.utf8.count)]
        self.text = before + text + after
        lines = self.text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The bits that choose part `index`, those of the biggest halves first.
    func choice(_ index: Int) -> [Bool] {
        (0..<bits).map { index >> (bits - 1 - $0) & 1 == 0 }
    }

    private static func write(
        _ parts: [Part], range: Range<Int>, bit: Int, isPlain: Bool, to writer: inout Writer,
        starts: inout [(line: Int, column: Int)]
    ) {
        if range.count == 1 {
            let part = parts[range.lowerBound]
            for name in part.variables { writer.append("$__variables.\(name) as $\(name) | ") }
            // Alone it stays on the first line, where `$__loc__` and jq's line numbers are the filter's own.
            writer.append((isPlain ? "" : "$__input | ") + (parts.count == 1 ? "(" : "(\n"))
            starts.append((writer.line, writer.column))
            writer.append(part.text + "\n)")
            return
        }
        let middle = range.lowerBound + range.count / 2
        let low = range.lowerBound..<middle
        guard middle < parts.count else {
            return write(parts, range: low, bit: bit + 1, isPlain: isPlain, to: &writer, starts: &starts)
        }
        writer.append("if $__low\(bit) then ")
        write(parts, range: low, bit: bit + 1, isPlain: isPlain, to: &writer, starts: &starts)
        writer.append(" else ")
        write(parts, range: middle..<range.upperBound, bit: bit + 1, isPlain: isPlain, to: &writer, starts: &starts)
        writer.append(" end")
    }

    /// What a place in the program is a place of.
    enum Place: Equatable {
        case part(Int, offset: Int)
        case definitions(offset: Int)
        case elsewhere
    }

    /// The byte length of a line of the program, from 0.
    func length(ofLine line: Int) -> Int? {
        lines.indices.contains(line) ? lines[line].utf8.count : nil
    }

    /// Where byte `column` of `line` (both from 0) is in the texts that the program was made of.
    func place(line: Int, column: Int) -> Place {
        for (index, start) in starts.enumerated().reversed() where (line, column) >= (start.line, start.column) {
            guard let offset = offset(in: parts[index].text, from: start, line: line, column: column) else { break }
            return .part(index, offset: offset)
        }
        if !definitions.isEmpty, line >= definitionsStart.line,
            let offset = offset(in: definitions, from: definitionsStart, line: line, column: column)
        {
            return .definitions(offset: offset)
        }
        return .elsewhere
    }

    private func offset(in text: String, from start: (line: Int, column: Int), line: Int, column: Int) -> Int? {
        let inside = text.split(separator: "\n", omittingEmptySubsequences: false)
        let count = line - start.line
        // The line after the text is its closing parenthesis: an error there is at the text's end.
        guard count < inside.count else { return count == inside.count ? text.utf8.count : nil }
        let before = inside[..<count].reduce(0) { $0 + $1.utf8.count + 1 }
        return min(before + max(0, column - (count == 0 ? start.column : 0)), text.utf8.count)
    }

    private struct Writer {
        private(set) var text = ""
        private(set) var line = 0
        private(set) var column = 0

        mutating func append(_ piece: String) {
            text += piece
            for byte in piece.utf8 {
                if byte == UInt8(ascii: "\n") {
                    line += 1
                    column = 0
                } else {
                    column += 1
                }
            }
        }
    }
}
