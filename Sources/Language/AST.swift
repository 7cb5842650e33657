// The syntax tree: what the parser makes and the interpreter walks. Every node has its span.

/// A whole file, line or `-c` argument.
package struct Script: Sendable {
    package var source: Source
    package var statements: [Statement]
    /// The comment block at the head of the file (after a `#!` line), without its `#`; nil where there is none.
    package var documentation: String?
    /// Every comment in order, wherever it stands: with the tree, enough to lay the file out again.
    package var comments: [Comment]
    /// What stands in no statement because it was not understood, in order.
    package var skipped: [Span] = []
}

package struct Comment: Sendable, Hashable {
    /// From `#` to the end of the line, without trailing blanks.
    package var text: String
    package var span: Span
    /// True where nothing but blanks stands before it on its line.
    package var ownLine: Bool
}

/// `{ … }`.
package struct Block: Sendable {
    package var statements: [Statement]
    /// With the braces, where it has them.
    package var span: Span
    /// True for the pipeline behind `time`: it stands without braces.
    package var isBare = false
}

/// A name with its place: a variable's (without `$`), a command's, a parameter's (without `--`).
package struct Name: Sendable, Hashable {
    package var text: String
    package var span: Span
}

package indirect enum Statement: Sendable {
    case pipeline(Pipeline)
    /// `let NAME = pipeline`
    case `let`(name: Name, value: Pipeline, span: Span)
    /// `if (pipeline) { … } else if (…) { … } else { … }`
    case `if`(clauses: [IfClause], otherwise: Block?, span: Span)
    /// `for NAME in (pipeline) [parallel N [--keep-going]] { … }`
    case `for`(name: Name, values: Pipeline, parallel: Parallel?, body: Block, span: Span)
    /// `while (pipeline) { … }`
    case `while`(condition: Pipeline, body: Block, span: Span)
    case `break`(Span)
    case `continue`(Span)
    /// `def NAME(parameters) { … }`: a command; hoisted to the head of its block.
    case def(Definition)
    /// `params …`: the script's own arguments.
    case params(ParametersDeclaration)
    /// `filter NAME(params): jq body;`
    case filter(FilterDefinition)
    /// `try { … } catch e { … }`; without `catch` the error is dropped.
    case `try`(body: Block, handler: CatchClause?, span: Span)
    /// `assert (pipeline) "message"`
    case assert(condition: Pipeline, message: Word?, span: Span)
    /// `fail "message"`
    case fail(message: Word, span: Span)
    /// `return [(pipeline)]`
    case `return`(value: Pipeline?, span: Span)
    /// `exit [(pipeline)]`
    case exit(status: Pipeline?, span: Span)
    /// `source 'file.dsh'`
    case source(path: Word, span: Span)

    package var span: Span {
        switch self {
        case .pipeline(let pipeline): pipeline.span
        case .def(let definition): definition.span
        case .params(let declaration): declaration.span
        case .filter(let definition): definition.span
        case .let(_, _, let span), .if(_, _, let span), .for(_, _, _, _, let span), .while(_, _, let span),
            .break(let span), .continue(let span), .try(_, _, let span), .assert(_, _, let span),
            .fail(_, let span), .return(_, let span), .exit(_, let span), .source(_, let span):
            span
        }
    }
}

package struct IfClause: Sendable {
    package var condition: Pipeline
    package var body: Block
}

package struct Parallel: Sendable {
    package var count: Word
    /// `--keep-going`: collect the errors instead of cancelling at the first.
    package var keepGoing: Bool
    package var span: Span
}

package struct CatchClause: Sendable {
    /// The variable that holds the error; nil where none is named.
    package var name: Name?
    package var body: Block
}

package struct Definition: Sendable {
    package var name: Name
    package var parameters: [Parameter]
    package var body: Block
    /// The comment lines directly above, without `#`.
    package var documentation: String?
    package var span: Span
}

package struct ParametersDeclaration: Sendable {
    package var parameters: [Parameter]
    package var documentation: String?
    package var span: Span
}

/// One parameter of a `def` or of `params`.
package struct Parameter: Sendable {
    package enum Kind: Sendable, Hashable {
        /// `a`, `b = default`
        case positional
        /// `rest…`: all that is left; always last among the positional ones.
        case rest
        /// `--flag`
        case flag
        /// `--option = default`
        case option
    }

    package var kind: Kind
    /// Without `--` and `…`. The variable is `variableName`.
    package var name: Name
    package var defaultValue: Word?
    /// The comment that ends the parameter's line, without `#`.
    package var documentation: String?
    package var span: Span

    /// `--dry-run` is `$dry_run`: jq variables have no hyphens.
    package var variableName: String { String(name.text.map { $0 == "-" ? "_" : $0 }) }
}

/// `filter NAME(params): jq body;`
package struct FilterDefinition: Sendable {
    package var name: Name
    /// The names of the parameters in order, with `$` where they have it.
    package var parameters: [String]
    /// A jq definition, `def NAME(params): body;`, of the same length as the statement, so that offsets in it are
    /// offsets in the script.
    package var text: FilterText
    package var documentation: String?
    package var span: Span
}

/// `stage | stage | …`
package struct Pipeline: Sendable {
    /// Never empty in a script without diagnostics.
    package var stages: [Stage]
    package var span: Span

    /// The text of a pipeline that is one jq stage and nothing else.
    package var onlyFilter: FilterText? {
        if stages.count == 1, case .filter(let text) = stages[0] { text } else { nil }
    }
}

package indirect enum Stage: Sendable {
    case command(CommandCall)
    /// jq text.
    case filter(FilterText)
    /// `jq 'text'`, the explicit form.
    case explicitFilter(ExplicitFilter)
    /// `!text`, a program run through `sh -c`.
    case external(ExternalCall)

    package var span: Span {
        switch self {
        case .command(let call): call.span
        case .filter(let text): text.span
        case .explicitFilter(let filter): filter.span
        case .external(let call): call.span
        }
    }
}

/// `name argument …` and, for commands that take one, `{ … }` at the end.
package struct CommandCall: Sendable {
    /// The name may be no command at all where the text can be no jq either (`imags nginx`): the interpreter says so.
    package var name: Name
    package var arguments: [Word]
    package var block: Block?
    package var span: Span
}

/// `jq [options] 'text'`.
package struct ExplicitFilter: Sendable {
    /// Words that start with a bare `-`, such as `-r`.
    package var options: [Word]
    package var text: Word
    /// The filter where its text is constant. Its offsets are exact unless the text has escapes in it.
    package var filter: FilterText?
    package var span: Span
}

/// jq text as it stands in the script.
package struct FilterText: Sendable, Hashable {
    /// The text of `span`, byte for byte as long: comments and line continuations are blanked, so that
    /// `span.part(range)` is the place of a range of `text`.
    package var text: String
    package var span: Span
    /// The variables that the text uses and does not bind itself (`as $x`, `reduce`, `foreach`, `def f($x)`), in order,
    /// every use. `$ENV` and `$__loc__` are jq's own and not among them.
    package var variables: [Name]

    /// The distinct names of `variables`, in order of first use.
    package var variableNames: [String] {
        var seen: Set<String> = []
        return variables.map(\.text).filter { seen.insert($0).inserted }
    }
}

/// `!text`.
package struct ExternalCall: Sendable {
    package enum Part: Sendable {
        /// Text for `sh`, untouched.
        case text(String)
        /// `\(jq)`: its value is quoted for the shell; inside the shell's `"…"` the quotes have to be closed and opened
        /// again around it.
        case interpolation(FilterText, insideDoubleQuotes: Bool)
    }

    package var parts: [Part]
    /// With the `!`.
    package var span: Span
}

/// One argument.
package struct Word: Sendable {
    package var parts: [WordPart]
    package var span: Span

    /// The text of a word without variables, interpolations and pipelines; nil for any other.
    package var constantText: String? {
        var text = ""
        for part in parts {
            guard case .literal(let piece, _, _) = part else { return nil }
            text += piece
        }
        return text
    }

    /// The text where the word is bare all through, as options and keywords are; nil where anything is quoted.
    package var bareText: String? {
        guard parts.count == 1, case .literal(let text, false, _) = parts[0] else { return nil }
        return text
    }

    /// The part of a word that is exactly one variable, interpolation or pipeline: its value keeps its type.
    package var onlyValue: WordPart? {
        guard parts.count == 1 else { return nil }
        if case .literal = parts[0] { return nil }
        if case .interpolation(_, quoted: true) = parts[0] { return nil }
        return parts[0]
    }
}

package indirect enum WordPart: Sendable {
    /// Text with its escapes undone; adjacent bare text is one part. `quoted` text is never an option or a keyword.
    case literal(String, quoted: Bool, Span)
    /// `\(jq)` in a `"…"` string (`quoted`) or in bare text; the text is what stands inside the parentheses.
    case interpolation(FilterText, quoted: Bool)
    /// `$name`, `$name.path[0]`: the whole of it is a jq filter.
    case variable(FilterText)
    /// `(pipeline)` or `$(pipeline)`.
    case pipeline(Pipeline)

    package var span: Span {
        switch self {
        case .literal(_, _, let span): span
        case .interpolation(let text, _), .variable(let text): text.span
        case .pipeline(let pipeline): pipeline.span
        }
    }
}
