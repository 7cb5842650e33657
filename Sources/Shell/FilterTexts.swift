import Language

/// Gathers every filter of a script, so that all can be checked and compiled before they are needed.
struct FilterTexts {
    /// In the order they stand.
    private(set) var texts: [FilterText] = []
    /// `filter NAME(…): …;`
    private(set) var definitions: [FilterDefinition] = []
    /// The name of each `let`.
    private(set) var settings: [String] = []

    init(_ script: Script) { visit(script.statements) }

    private mutating func visit(_ statements: [Statement]) {
        for statement in statements { visit(statement) }
    }

    private mutating func visit(_ statement: Statement) {
        switch statement {
        case .pipeline(let pipeline): visit(pipeline)
        case .let(let name, let pipeline, _):
            settings.append(name.text)
            visit(pipeline)
        case .if(let clauses, let otherwise, _):
            for clause in clauses {
                visit(clause.condition)
                visit(clause.body.statements)
            }
            visit(otherwise?.statements ?? [])
        case .for(_, let values, let parallel, let body, _):
            visit(values)
            if let parallel { visit(parallel.count) }
            visit(body.statements)
        case .while(let condition, let body, _):
            visit(condition)
            visit(body.statements)
        case .def(let definition):
            visit(definition.parameters)
            visit(definition.body.statements)
        case .params(let declaration): visit(declaration.parameters)
        case .filter(let definition): definitions.append(definition)
        case .try(let body, let handler, _):
            visit(body.statements)
            visit(handler?.body.statements ?? [])
        case .assert(let condition, let message, _):
            visit(condition)
            if let message { visit(message) }
        case .fail(let word, _), .source(let word, _): visit(word)
        case .return(let pipeline, _), .exit(let pipeline, _): if let pipeline { visit(pipeline) }
        case .break, .continue: break
        }
    }

    private mutating func visit(_ parameters: [Parameter]) {
        for parameter in parameters { if let word = parameter.defaultValue { visit(word) } }
    }

    private mutating func visit(_ pipeline: Pipeline) {
        for stage in pipeline.stages {
            switch stage {
            case .filter(let text): texts.append(text)
            case .explicitFilter(let explicit):
                if let text = explicit.filter { texts.append(text) } else { visit(explicit.text) }
            case .command(let call):
                for word in call.arguments { visit(word) }
                visit(call.block?.statements ?? [])
            case .external(let call):
                for case .interpolation(let text, _) in call.parts { texts.append(text) }
            }
        }
    }

    private mutating func visit(_ word: Word) {
        for part in word.parts {
            switch part {
            case .literal: break
            case .interpolation(let text, _): texts.append(text)
            // A variable alone is looked up, not evaluated.
            case .variable(let text): if text.text != "$" + (text.variables.first?.text ?? "") { texts.append(text) }
            case .pipeline(let pipeline): visit(pipeline)
            }
        }
    }
}
