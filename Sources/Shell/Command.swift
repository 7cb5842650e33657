package import ArgumentParser

/// A built-in command: its options are its stored properties, `run` does the work and hands on values.
///
/// One command a file. It returns values through `context.emit` and never prints.
package protocol Command: ParsableArguments, Sendable {
    static var declaration: CommandDeclaration { get }

    /// Does the work. Throws `ShellError` or an error of the layers below, which the shell translates.
    func run(_ context: CommandContext) async throws
}

/// A command that reads its words itself, options, `--` and `--help` among them.
package protocol RawCommand: Command {
    init(words: [String])

    /// The first of a call's words that is wrong, as far as that shows before anything runs; nil for none. A computed word,
    /// which may become any number of words, is nil.
    static func mistake(in words: [String?], hasInput: Bool, environment: [String: String]) -> WordMistake?

    /// The command whose result a call with these words gives, where that is known.
    static func standsFor(_ words: [String?], environment: [String: String]) -> String?

    /// Whether a call with these words reads the bytes of a program in front of it.
    static func readsBytes(_ words: [String?], environment: [String: String]) -> Bool
}

/// What is wrong with a call's words.
package struct WordMistake: Sendable {
    package let message: String
    package let hint: String?
    /// Which word it is; nil where it is all of them.
    package let word: Int?

    package init(_ message: String, hint: String?, word: Int?) {
        self.message = message
        self.hint = hint
        self.word = word
    }
}

/// What help, completion, table columns and the README tell about a command.
package struct CommandDeclaration: Sendable {
    package enum Category: String, Sendable, CaseIterable {
        case images = "Images"
        case registries = "Registries"
        case shell = "Shell"
        case plugins = "Plugins"
    }

    package let name: String
    package let category: Category
    /// One line, no full stop.
    package let summary: String
    /// More, where the summary does not say it all.
    package let discussion: String
    /// What the words after the options are; completion offers accordingly.
    package let arguments: ArgumentKind
    package let result: ResultShape
    package let examples: [Example]
    /// What may come through the pipe.
    package let input: PipeInput
    /// What it needs at least one of, among its arguments or from the pipe: `image`; nil where it does without.
    package let needs: String?
    /// Whether `{ … }` stands behind its words.
    package let block: BlockUse

    package init(
        name: String, category: Category, summary: String, discussion: String = "",
        arguments: ArgumentKind = .none, input: PipeInput = .nothing, needs: String? = nil, block: BlockUse = .none,
        result: ResultShape, examples: [Example] = []
    ) {
        self.name = name
        self.category = category
        self.summary = summary
        self.discussion = discussion
        self.arguments = arguments
        self.input = input
        self.needs = needs
        self.block = block
        self.result = result
        self.examples = examples
    }
}

/// What a command's positional arguments name.
package enum ArgumentKind: Sendable, Hashable {
    case none, localImage, remoteImage, file, command, text
    /// A field of the records that are piped in.
    case field
    /// The name of a setting, then its value.
    case setting
    /// Names of plugins, and files that may be some.
    case plugin
}

/// What a command takes from the stage before it.
package enum PipeInput: Sendable, Hashable {
    case nothing
    /// Image references or Ids: texts, objects that have them, arrays of those.
    case references
    /// Any values.
    case values
    /// The bytes of a program in front, `!cat FILE`, as they are.
    case bytes
}

/// Whether a command takes a block.
package enum BlockUse: Sendable, Hashable {
    case none, required
}

/// A line that runs, and what it is for.
package struct Example: Sendable, Hashable {
    package let line: String
    package let note: String

    package init(_ line: String, _ note: String) {
        self.line = line
        self.note = note
    }
}

/// The shape of what a command returns, declared once: help, columns and field completion come from it.
package struct ResultShape: Sendable {
    package enum Kind: String, Sendable {
        /// One array of objects.
        case array
        /// Objects, one after the other.
        case stream
        /// One object.
        case object
        /// Texts, each to be shown as it is; other values among them as JSON on one line.
        case text
        /// Texts that are another program's output, line ends included, to be written byte for byte.
        case verbatim
        /// Nothing.
        case none
        /// Depends on the input.
        case any
    }

    /// What of the input comes out again.
    package enum Passage: Sendable {
        /// Nothing, or what is not known before it runs.
        case nothing
        case unchanged
        /// Its values one by one: an array is walked.
        case elements
        /// All values in one array.
        case gathered
    }

    package let kind: Kind
    package let fields: [Field]
    /// How the values that are piped in come out; where they do, their shape is theirs.
    package let passes: Passage
    /// Rows inside the rows, for a table to show below them.
    package let nested: NestedRows?
    /// On a terminal each value takes the place of the one before: the turns of `watch`.
    package var replaces = false
    /// A table was asked for, whatever the output is; nil where it was not.
    package var table: TableRequest?
    /// Not to be shown: the values that a text stands for which was shown already. The prompt remembers them.
    package var isRemembered = false

    package init(_ kind: Kind, _ fields: [Field] = [], passes: Passage = .nothing, nested: NestedRows? = nil) {
        self.kind = kind
        self.passes = passes
        self.fields = fields
        self.nested = nested
    }
}

/// Where a record keeps records of its own that a table shows below it, in the same columns.
package struct NestedRows: Sendable, Hashable {
    /// The field that holds the array.
    package let field: String
    /// The field of theirs that stands in the first column.
    package let label: String

    package init(_ field: String, label: String) {
        self.field = field
        self.label = label
    }
}

/// What `table` asks of the renderer.
package struct TableRequest: Sendable, Hashable {
    /// The widest that a column may be, by its key.
    package var widths: [String: Int]
    /// Characters of a line; nil: the terminal's, or as many as it takes.
    package var width: Int?

    package init(widths: [String: Int] = [:], width: Int? = nil) {
        self.widths = widths
        self.width = width
    }
}

/// One field of a result.
package struct Field: Sendable {
    package enum Kind: String, Sendable {
        case text, bytes, time, digest, number, boolean, list, map, object
    }

    package let name: String
    package let kind: Kind
    package let summary: String
    /// The table column's title; nil where the field has no column of its own in the table.
    package let column: String?
    /// What an object, or each object of a list, has in turn, where that is the same for all.
    package let fields: [Field]

    package init(_ name: String, _ kind: Kind, _ summary: String, column: String? = nil, fields: [Field] = []) {
        self.name = name
        self.kind = kind
        self.summary = summary
        self.column = column
        self.fields = fields
    }
}
