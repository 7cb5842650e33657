import Language

/// A script with the files that it takes in by `source`, parsed: their `def`s are commands in it.
///
/// A file whose name is worked out at run time, or that is not there yet, is left for when its statement runs.
struct ScriptSources {
    let script: Script
    /// The files, those taken in by others first.
    let included: [Script]
    /// What each path that stands in the script's own `source` statements brought in, with what that took in itself.
    let taken: [String: [Script]]
    /// What the grammar does not allow, in any of them.
    let diagnostics: [Diagnostic]
    /// What ScriptRules does not.
    let rules: [Diagnostic]

    /// More files inside each other than this are a mistake, or an attack.
    static let maximumDepth = 50

    /// `files`: what is being taken in already, outermost first; nil for a script that is run itself.
    init(_ source: Source, session: Session, files: [String]?) {
        var reader = ScriptSourcesReader(session: session)
        let path = source.path.map { [$0] } ?? []
        script = reader.parse(source, files: (files ?? []) + path, isSourced: files != nil)
        included = reader.included
        taken = reader.taken
        diagnostics = reader.diagnostics
        rules = reader.rules
    }

    var all: [Script] { included + [script] }

    /// Why a file cannot be taken in here; nil where it can.
    static func refusal(of source: Source, in files: [String], at span: Span) -> Diagnostic? {
        if let path = source.path, files.contains(path) {
            return Diagnostic(
                code: "syntax", message: "\(source.name) takes itself in", span: span,
                help: files.last == path ? [] : ["through \(files.last ?? "")"])
        }
        guard files.count >= maximumDepth else { return nil }
        return Diagnostic(
            code: "syntax", message: "files take in each other more than \(maximumDepth) levels deep", span: span)
    }
}

private struct ScriptSourcesReader {
    let session: Session
    private(set) var included: [Script] = []
    private(set) var taken: [String: [Script]] = [:]
    /// How many files are being read, one inside the other.
    private var depth = 0
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var rules: [Diagnostic] = []
    /// The `def`s at the top of the files taken in.
    private var commands: Set<String> = []

    init(session: Session) { self.session = session }

    mutating func parse(_ source: Source, files: [String], isSourced: Bool) -> Script {
        var (script, diagnostics) = parsed(source)
        let known = commands.count
        for place in SourceStatements(script.statements).places { take(place.path, at: place.span, files: files) }
        // Words that were jq may be commands, now that the files are known.
        if commands.count > known { (script, diagnostics) = parsed(source) }
        self.diagnostics += diagnostics
        rules += ScriptRules(script, isSourced: isSourced).mistakes
        if isSourced {
            for case .def(let definition) in script.statements { commands.insert(definition.name.text) }
        }
        return script
    }

    private func parsed(_ source: Source) -> (Script, [Diagnostic]) {
        Parser.parse(source) { session.isCommand($0) || commands.contains($0) }
    }

    private mutating func take(_ path: String, at span: Span, files: [String]) {
        let place = ScriptFile.place(path, from: span.source, home: session.environment["HOME"])
        guard let source = try? ScriptFile.read(place.path, name: place.name) else { return }
        if let mistake = ScriptSources.refusal(of: source, in: files, at: span) {
            rules.append(mistake)
        } else {
            let first = included.count
            depth += 1
            let script = parse(source, files: files + (source.path.map { [$0] } ?? []), isSourced: true)
            depth -= 1
            included.append(script)
            if depth == 0 { taken[path] = Array(included[first...]) }
        }
    }
}

/// The `source` statements of a script whose paths stand in it.
private struct SourceStatements {
    private(set) var places: [(path: String, span: Span)] = []

    init(_ statements: [Statement]) { visit(statements) }

    private mutating func visit(_ statements: [Statement]) {
        for statement in statements {
            switch statement {
            case .source(let word, let span): if let path = word.constantText { places.append((path, span)) }
            case .if(let clauses, let otherwise, _):
                for clause in clauses { visit(clause.body.statements) }
                visit(otherwise?.statements ?? [])
            case .for(_, _, _, let body, _), .while(_, let body, _): visit(body.statements)
            case .def(let definition): visit(definition.body.statements)
            case .try(let body, let handler, _):
                visit(body.statements)
                visit(handler?.body.statements ?? [])
            case .pipeline, .let, .break, .continue, .params, .filter, .assert, .fail, .return, .exit: break
            }
        }
    }
}
