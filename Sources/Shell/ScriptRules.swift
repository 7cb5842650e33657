import Language

/// What the grammar allows and the language does not: loops' words outside of loops, `params` out of place.
struct ScriptRules {
    private(set) var mistakes: [Diagnostic] = []
    private let isSourced: Bool
    private var firstParams: ParametersDeclaration?

    /// What a `break` or `continue` would end.
    private enum Around { case nothing, loop, parallelLoop }

    /// `isSourced`: the script is taken in by another one.
    init(_ script: Script, isSourced: Bool) {
        self.isSourced = isSourced
        check(script.statements, .nothing, isOutermost: true)
    }

    private mutating func check(_ statements: [Statement], _ around: Around, isOutermost: Bool = false) {
        for statement in statements {
            if case .params(let declaration) = statement { check(declaration, isOutermost: isOutermost) }
            check(statement, around)
        }
    }

    private mutating func check(_ statement: Statement, _ around: Around) {
        switch statement {
        case .if(let clauses, let otherwise, _):
            for clause in clauses { check(clause.body.statements, around) }
            check(otherwise?.statements ?? [], around)
        case .for(_, _, let parallel, let body, _):
            check(body.statements, parallel == nil ? .loop : .parallelLoop)
        case .while(_, let body, _): check(body.statements, .loop)
        case .def(let definition): check(definition.body.statements, .nothing)
        case .try(let body, let handler, _):
            check(body.statements, around)
            check(handler?.body.statements ?? [], around)
        case .break(let span):
            if around == .parallelLoop {
                add(
                    "break cannot end a parallel loop", span,
                    "its turns run at the same time: choose the values before, or leave out `parallel`")
            }
            if around == .nothing { add("break outside a loop", span, nil) }
        case .continue(let span):
            if around == .nothing { add("continue outside a loop", span, nil) }
        case .pipeline(let pipeline):
            // A command may run its block as a loop does.
            for case .command(let call) in pipeline.stages { check(call.block?.statements ?? [], .loop) }
        case .let, .params, .filter, .assert, .fail, .return, .exit, .source: break
        }
    }

    private mutating func check(_ declaration: ParametersDeclaration, isOutermost: Bool) {
        if isSourced {
            add(
                "a script with params cannot be taken in by source", declaration.span,
                "make it a `def` with these parameters, or run it as a script of its own")
        } else if !isOutermost {
            add("params stands outside every block", declaration.span, "a `def` has parameters of its own")
        } else if firstParams != nil {
            add("a script has one params", declaration.span, "put all parameters into the first one")
        } else {
            firstParams = declaration
        }
    }

    private mutating func add(_ message: String, _ span: Span, _ help: String?) {
        mistakes.append(Diagnostic(code: "syntax", message: message, span: span, help: help.map { [$0] } ?? []))
    }
}
