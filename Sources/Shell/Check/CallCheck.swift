import ArgumentParser
import JSON
import Language

/// What is wrong with a call's words, as far as that shows before anything runs.
///
/// A word that is computed may become any number of arguments, so only what is wrong whatever it becomes is told.
package struct CallCheck {
    struct Mistake {
        let message: String
        let hint: String?
        let span: Span
    }

    private let call: CommandCall

    init(_ call: CommandCall) { self.call = call }

    private var name: String { call.name.text }

    private var isConstant: Bool { call.arguments.allSatisfy { $0.constantText != nil } }

    // MARK: Built-in commands

    /// The first wrong word of a built-in command's call; nil where there is none, or where it cannot be told yet.
    func mistake(for type: any Command.Type) -> Mistake? {
        // A computed word is taken for one argument; what the parser then says about that one is not to be trusted.
        if type is any RawCommand.Type { return nil }
        let words = call.arguments.map { $0.constantText ?? "x" }
        let message: String
        do {
            _ = try type.parse(FlagWords.rewritten(words, for: type))
            return nil
        } catch {
            if type.exitCode(for: error).isSuccess { return nil }
            message = Self.text(of: error, from: type)
        }
        if let option = wrongOption(CommandOptions(type)) { return option }
        guard isConstant else { return nil }
        let place = Self.place(in: message, of: call.arguments.map { ($0.constantText ?? "", $0.span) })
        return Mistake(message: message, hint: "`help \(name)` shows its options", span: place ?? call.span)
    }

    /// ArgumentParser's words without the usage text behind them, which `help NAME` shows better.
    package static func text(of error: any Error, from type: any Command.Type) -> String {
        let message = type.message(for: error).split(separator: "\n").first.map(String.init) ?? "wrong arguments"
        return message.hasSuffix(".") ? String(message.dropLast()) : message
    }

    /// The place of the word that a message of ArgumentParser's has in quotes; nil where it has none.
    static func place(in message: String, of words: [(text: String, span: Span)]) -> Span? {
        let places = places(words)
        let quoted = message.split(separator: "'", omittingEmptySubsequences: false).enumerated()
        return quoted.lazy.filter { !$0.offset.isMultiple(of: 2) }.compactMap { places[String($0.element)] }.first
    }

    /// Where each text stands among the words of a call, the first of several; the value behind `--name=` counts, too.
    static func places(_ words: [(text: String, span: Span)]) -> [String: Span] {
        var places: [String: Span] = [:]
        for (text, span) in words {
            if places[text] == nil { places[text] = span }
            guard text.hasPrefix("-"), let equals = text.firstIndex(of: "=") else { continue }
            let value = String(text[text.index(after: equals)...])
            if places[value] == nil { places[value] = span }
        }
        return places
    }

    /// The word that is an option the command does not have, or one used wrongly.
    func wrongOption(_ known: CommandOptions) -> Mistake? {
        if known.takesAnything { return nil }
        var index = 0
        while index < call.arguments.count {
            let word = call.arguments[index]
            index += 1
            guard let text = word.constantText, text.hasPrefix("-"), text.count > 1 else { continue }
            if text == "--" { return nil }
            if text.hasPrefix("--") || known.options.contains(where: { $0.names.contains(text) }) {
                let option = String(text.prefix { $0 != "=" })
                if ["--help", "-h"].contains(option) { continue }
                guard let found = known.options.first(where: { $0.names.contains(option) }) else {
                    return unknown(option, known, word)
                }
                if found.value != nil, option == text { index += 1 }
                if found.value == nil, option != text {
                    return Mistake(message: "\(option) takes no value", hint: nil, span: word.span)
                }
                continue
            }
            if Double(text) != nil { continue }
            for letter in text.dropFirst() {
                guard let found = known.options.first(where: { $0.names.contains("-\(letter)") }) else {
                    return unknown("-\(letter)", known, word)
                }
                if found.value == nil { continue }
                if letter == text.last { index += 1 }
                break
            }
        }
        return nil
    }

    /// Whether there are options alone, and their values: a computed word may be an argument.
    func hasNoArgument(_ known: CommandOptions) -> Bool {
        var isValue = false
        for word in call.arguments {
            guard let text = word.constantText else { return false }
            if isValue {
                isValue = false
                continue
            }
            if ["--help", "-h"].contains(text) { return false }
            guard text.hasPrefix("-"), text.count > 1 else { return false }
            if text == "--" { continue }
            let names = text.hasPrefix("--") ? [text] : text.dropFirst().map { "-\($0)" }
            let option = names.firstIndex { name in
                known.options.contains { $0.value != nil && $0.names.contains(name) }
            }
            // The rest of `-fvalue` is the value.
            isValue = option.map { $0 == names.count - 1 } ?? false
        }
        return true
    }

    private func unknown(_ option: String, _ known: CommandOptions, _ word: Word) -> Mistake {
        let names = known.options.flatMap(\.names).filter { $0.hasPrefix("--") }
        let near = option.hasPrefix("--") ? nearest(option, in: names) : nil
        let own =
            ["-o", "--output", "-r", "--raw"].contains(option)
            ? "\(option) is an option of dsh itself and stands before -c or the script; `set output table` does it here"
            : nil
        return Mistake(
            message: "\(name) has no option \(option)",
            hint: near.map { "did you mean \($0)?" } ?? own ?? "`help \(name)` shows its options", span: word.span)
    }

    // MARK: Plugins

    /// The first wrong word of a plugin's call; nil where there is none, or where it cannot be told yet.
    func mistake(for plugin: PluginMetadata, hasInput: Bool) -> Mistake? {
        guard isConstant else { return nil }
        do throws(ShellError) {
            _ = try PluginArguments(plugin, words: constantArguments, hasInput: hasInput)
            return nil
        } catch {
            return Mistake(message: error.message, hint: error.hint, span: call.span)
        }
    }

    private var constantArguments: [Argument] {
        call.arguments.map { Argument(value: .string($0.constantText ?? ""), bareText: $0.bareText, span: $0.span) }
    }

    // MARK: Commands made with def

    /// The first wrong word of a call of a `def`.
    func mistake(for definition: Definition) -> Mistake? {
        let options = definition.parameters.filter { $0.kind == .flag || $0.kind == .option }
        if ParameterHelp.isWanted(call.arguments.map(\.bareText), definition.parameters) { return nil }
        for word in call.arguments {
            guard let text = word.constantText, word.bareText != nil, text.hasPrefix("--") else { continue }
            if text == "--" { break }
            let option = String(text.dropFirst(2).prefix { $0 != "=" })
            if options.contains(where: { $0.name.text == option }) { continue }
            let near = nearest(option, in: options.map(\.name.text)).map { "did you mean --\($0)?" }
            return Mistake(
                message: "\(name) has no option --\(option)",
                hint: near ?? ParameterHelp.usage(of: definition.parameters, command: name), span: word.span)
        }
        guard isConstant else { return nil }
        do {
            let binding = try ParameterBinding(definition.parameters, arguments: constantArguments, command: name)
            let needed = binding.missing.first { $0.defaultValue == nil && $0.kind != .option }
            return needed.map {
                Mistake(message: "\(name) needs \($0.name.text)", hint: binding.usage, span: call.span)
            }
        } catch {
            return Mistake(message: error.message, hint: error.hint, span: call.span)
        }
    }
}
