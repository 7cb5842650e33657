extension ScriptFormat {
    mutating func write(_ statement: Statement) {
        switch statement {
        case .pipeline(let pipeline): write(pipeline)
        case .let(let name, let value, _):
            write("let \(name.text) = ")
            write(value)
        case .if(let clauses, let otherwise, _):
            for (index, clause) in clauses.enumerated() {
                if index > 0 { writeClause("else", before: clause.condition.span.start) }
                write("if ")
                write(clause.condition)
                write(" ")
                write(clause.body)
            }
            if let otherwise {
                writeClause("else", before: otherwise.span.start)
                write(otherwise)
            }
        case .for(let name, let values, let parallel, let body, _):
            write("for \(name.text) in ")
            write(values)
            write(" ")
            if let parallel {
                write("parallel ")
                write(parallel.count)
                write(parallel.keepGoing ? " --keep-going " : " ")
            }
            write(body)
        case .while(let condition, let body, _):
            write("while ")
            write(condition)
            write(" ")
            write(body)
        case .def(let definition): write(definition)
        case .params(let declaration):
            write("params")
            if let end = declaration.parameters.last?.span.end {
                write(" ")
                write(declaration.parameters, from: declaration.span.start, to: end, breaks: false)
            }
        case .try(let body, let handler, _):
            write("try ")
            write(body)
            if let handler {
                writeClause("catch", before: handler.name?.span.start ?? handler.body.span.start)
                if let name = handler.name { write(name.text + " ") }
                write(handler.body)
            }
        case .filter, .break, .continue, .assert, .fail, .return, .exit, .source: writeSimple(statement)
        }
    }

    /// Those without blocks.
    private mutating func writeSimple(_ statement: Statement) {
        switch statement {
        case .filter(let definition): copy(definition.span.start, definition.span.end, moves: true)
        case .break: write("break")
        case .continue: write("continue")
        case .assert(let condition, let message, _):
            write("assert ")
            write(condition)
            if let message { write(" ", message) }
        case .fail(let message, _): write("fail ", message)
        case .return(let value, _):
            write(value == nil ? "return" : "return ")
            if let value { write(value) }
        case .exit(let value, _):
            write(value == nil ? "exit" : "exit ")
            if let value { write(value) }
        case .source(let path, _): write("source ", path)
        default: break
        }
    }

    /// `else` and `catch` behind the `}` before them; on a line of their own where a comment stands between.
    private mutating func writeClause(_ word: String, before end: Int) {
        if hasComments(before: end) {
            writeComments(before: end)
            write(word + " ")
        } else {
            write(" \(word) ")
        }
    }

    private mutating func write(_ definition: Definition) {
        write("def \(definition.name.text)")
        let open = text.skipBlanks(definition.name.span.end)
        if text[open] == Byte.openParen {
            let isLong = text.bytes[open..<definition.body.span.start].contains(Byte.newline)
            write("(")
            if isLong, !definition.parameters.isEmpty || hasComments(before: definition.body.span.start) {
                level += 1
                endLine()
                write(definition.parameters, from: open + 1, to: definition.body.span.start, breaks: true)
                level -= 1
                if !line.isEmpty { endLine() }
            } else {
                write(definition.parameters, from: open + 1, to: definition.body.span.start, breaks: false)
            }
            write(")")
        }
        write(" ")
        write(definition.body)
    }

    /// Parameters; a line each where `breaks`, or where they stood on several lines. A comment at a parameter's line is its
    /// documentation and stays there; others stand above the next parameter.
    private mutating func write(_ parameters: [Parameter], from start: Int, to end: Int, breaks: Bool) {
        var breaks = breaks
        if !breaks, let last = parameters.last, text.bytes[start..<last.span.start].contains(Byte.newline) {
            breaks = true
        }
        let outer = level
        for (index, parameter) in parameters.enumerated() {
            while hasComments(before: parameter.span.start) {
                write(takeComment().text)
                endLine()
            }
            write(parameter)
            let isLast = index == parameters.count - 1
            if !isLast { write(breaks ? "," : ", ") }
            let next = isLast ? end : parameters[index + 1].span.start
            if hasComments(before: next), !comments[nextComment].ownLine { write("  " + takeComment().text) }
            if breaks, !isLast {
                endLine()
                // Further lines of `params` are indented; those of a `def` are already.
                if level == outer, text.text(start, start + 6) == "params" { level += 1 }
            }
        }
        level = outer
        while hasComments(before: end) {
            if !line.isEmpty { endLine() }
            write(takeComment().text)
        }
    }

    private mutating func write(_ parameter: Parameter) {
        let isOption = parameter.kind == .flag || parameter.kind == .option
        write(isOption ? "--\(parameter.name.text)" : parameter.name.text)
        if parameter.kind == .rest { write(text[parameter.name.span.end] == Byte.dot ? "..." : "…") }
        if let value = parameter.defaultValue { write(" = ", value) }
    }
}
