/// Go's predefined functions and those of Docker's client (text/template/funcs.go, docker/cli templates.go).
enum Functions {
    static let names = Set(builtin.keys).union(docker.keys)

    static func find(_ name: String, _ set: Template.Options.Functions) -> Function? {
        if set == .header, let function = header[name] { return function }
        return docker[name] ?? builtin[name]
    }

    private static let builtin: [String: Function] = [
        "and": Function(.value, rest: .value, stopsAt: false) { $0[0] },
        "or": Function(.value, rest: .value, stopsAt: true) { $0[0] },
        "not": Function(.value) { .bool(!($0[0]?.truth ?? false)) },
        "call": Function(.value, rest: .value) { call throws(FunctionError) in
            guard let value = call.plain(0) else { throw FunctionError(message: "call of nil") }
            throw FunctionError(message: "non-function \(call.callee) of type \(value.type.name)")
        },
        "html": Function(rest: .any) { .text(Escaping.html(text($0.values))) },
        "js": Function(rest: .any) { .text(Escaping.javaScript(text($0.values))) },
        "urlquery": Function(rest: .any) { .text(Escaping.query(text($0.values))) },
        "print": Function(rest: .any) { .text(Printer.print($0.values)) },
        "printf": Function(.string, rest: .any) {
            .text(Printf.format($0.bytes(0), Array($0.values.dropFirst()), limit: $0.limit))
        },
        "println": Function(rest: .any) { .text(Printer.printLine($0.values)) },
        "index": Function(.value, rest: .value) { call throws(FunctionError) in try Indexing.index(call) },
        "slice": Function(.value, rest: .value) { call throws(FunctionError) in try Indexing.slice(call) },
        "len": Function(.value) { call throws(FunctionError) in try Indexing.length(call) },
        "eq": Function(.value, rest: .value) { call throws(FunctionError) in
            .bool(try Comparison.equal(call[0], call.values.dropFirst()))
        },
        "ne": Function(.value, .value) { call throws(FunctionError) in
            .bool(try !Comparison.equal(call[0], call.values.dropFirst()))
        },
        "lt": Function(.value, .value) { call throws(FunctionError) in .bool(try Comparison.less(call[0], call[1])) },
        "le": Function(.value, .value) { call throws(FunctionError) in
            .bool(try Comparison.lessOrEqual(call[0], call[1]))
        },
        "gt": Function(.value, .value) { call throws(FunctionError) in
            .bool(try !Comparison.lessOrEqual(call[0], call[1]))
        },
        "ge": Function(.value, .value) { call throws(FunctionError) in .bool(try !Comparison.less(call[0], call[1])) },
    ]

    private static let docker: [String: Function] = [
        "json": Function(.any) { call throws(FunctionError) in .text(try GoJSON.text(call.plain(0))) },
        "split": Function(.string, .string) { .strings(split($0.bytes(0), $0.bytes(1))) },
        "join": Function(.strings, .string) { call in
            .text(Array((call[0]?.elements ?? []).map(\.bytes).joined(separator: call.bytes(1))))
        },
        "title": Function(.string) { .text(title($0.bytes(0))) },
        "lower": Function(.string) { .text(mapped($0.bytes(0), .lower)) },
        "upper": Function(.string) { .text(mapped($0.bytes(0), .upper)) },
        "pad": Function(.string, .int, .int) { call throws(FunctionError) in
            let source = call.bytes(0)
            if source.isEmpty { return .text(source) }
            let (before, after) = (call.int(1), call.int(2))
            guard before >= 0, after >= 0 else { throw FunctionError(message: "strings: negative Repeat count") }
            guard before <= call.limit, after <= call.limit else { throw FunctionError.tooLarge }
            return .text(
                Array(repeating: 0x20, count: before) + source + Array(repeating: 0x20, count: after))
        },
        "truncate": Function(.string, .int) { call throws(FunctionError) in
            let (source, length) = (call.bytes(0), call.int(1))
            guard length >= 0 else {
                throw FunctionError(message: "runtime error: slice bounds out of range [:\(length)]")
            }
            return .text(source.prefix(length))
        },
    ]

    /// In a header every function of Docker's but `pad` gives its text back.
    private static let header: [String: Function] = [
        "json": Function(.string) { $0[0] }, "split": Function(.string, .string) { $0[0] },
        "join": Function(.string, .string) { $0[0] }, "title": Function(.string) { $0[0] },
        "lower": Function(.string) { $0[0] }, "upper": Function(.string) { $0[0] },
        "truncate": Function(.string, .int) { $0[0] },
    ]

    /// The text of arguments as an action would print them, for the escaping functions.
    private static func text(_ values: [TemplateValue?]) -> [UInt8] {
        if values.count == 1, let value = values[0], value.type == .string { return value.bytes }
        return Printer.print(
            values.map { value in
                guard let value = value?.plain else {
                    return .text("<no value>".utf8)
                }
                return value.isPointer ? value.indirect().value : value
            })
    }

    private static func split(_ text: [UInt8], _ separator: [UInt8]) -> [[UInt8]] {
        guard !separator.isEmpty else { return Runes.all(text).map { Array(text[$0.offset..<($0.offset + $0.width)]) } }
        var parts: [[UInt8]] = []
        var start = 0
        var index = 0
        while index + separator.count <= text.count {
            if text[index..<(index + separator.count)].elementsEqual(separator) {
                parts.append(Array(text[start..<index]))
                index += separator.count
                start = index
            } else {
                index += 1
            }
        }
        parts.append(Array(text[start...]))
        return parts
    }

    private static func mapped(_ text: [UInt8], _ target: Runes.Case) -> [UInt8] {
        var output: [UInt8] = []
        for (rune, _, _) in Runes.all(text) { Runes.append(Runes.mapped(rune, to: target), to: &output) }
        return output
    }

    /// strings.Title: a letter after what separates words in title case.
    private static func title(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var previous: UInt32 = 0x20
        for (rune, _, _) in Runes.all(text) {
            Runes.append(separatesWords(previous) ? Runes.mapped(rune, to: .title) : rune, to: &output)
            previous = rune
        }
        return output
    }

    private static func separatesWords(_ rune: UInt32) -> Bool {
        if rune < 0x80 { return !(rune == 0x5F || Runes.isLetter(rune) || Runes.isDigit(rune)) }
        return !Runes.isLetter(rune) && !Runes.isDigit(rune) && Runes.isSpace(rune)
    }
}
