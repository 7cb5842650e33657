extension Script {
    /// A script of one command whose words are known already, as a program's arguments are.
    package init(command: String, words: [String]) {
        let source = Source(name: "<arguments>", text: command)
        let span = Span(source: source, start: 0, end: source.bytes.count)
        let arguments = words.map { Word(parts: [.literal($0, quoted: true, span)], span: span) }
        let call = CommandCall(name: Name(text: command, span: span), arguments: arguments, block: nil, span: span)
        self.init(
            source: source, statements: [.pipeline(Pipeline(stages: [.command(call)], span: span))],
            documentation: nil, comments: [])
    }
}
