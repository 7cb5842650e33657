import Backend
import JSON
import Shell

/// One command of Docker's client (28.2): what its help says and what it takes, declared; what it does on dsh's store.
///
/// One command a file; `DockerCommands.all` is the only list. Errors and helps come from the declaration.
struct DockerCommand: Sendable {
    /// The words it is called by, the first being what help lists: `images`, `image ls`.
    let paths: [String]
    /// Further words for those: `image list` for `image ls`. Help and errors name what they stand for.
    var synonyms: [String: String] = [:]
    /// What follows the command's name in the usage line.
    let usage: String
    /// One line, or several.
    let summary: String
    /// The line below `Aliases:`; nil for none.
    var aliases: String?
    var flags: [DockerFlag] = []
    let arguments: DockerArity
    /// False where the first argument ends the flags.
    var interspersed = true
    /// What the arguments name, for completion.
    var names = ArgumentKind.none
    /// Whether it reads what a program in front of it writes.
    var readsBytes = false
    /// The dsh line that gives the same as typed values, where the result is piped on or kept; nil where there is none.
    var plain: @Sendable (DockerWords) throws -> [String]? = { _ in nil }
    /// Whether `plain` may be run once more for the values of what was shown: it changes nothing and asks nobody else.
    var isRepeatable = false
    /// How Docker words a failure of the store or a registry; the engine's own words where nothing else is declared.
    var failure: @Sendable (BackendError, DockerWords) -> ShellError = { error, _ in DockerFailure.fromEngine(error) }
    /// Does the work and writes Docker's text. What it throws of the backend is worded by `failure`.
    let run: @Sendable (DockerCall) async throws -> Void
}

/// A line that is being run.
struct DockerCall: Sendable {
    /// The command with its words, as `docker pull`.
    let name: String
    let words: DockerWords
    let context: CommandContext
    /// What the line means beside the text that it shows.
    let meaning = DockerMeaning()

    var arguments: [String] { words.arguments }
    var session: Session { context.session }

    /// Writes text to standard output as it stands.
    func out(_ text: String) async throws {
        if text.isEmpty { return }
        context.view.shape = ResultShape(.verbatim)
        meaning.add(text: text)
        try await context.emit(.string(text))
    }

    /// Writes text to standard error as it stands.
    func err(_ text: String) { session.console.write(text) }

    /// Each text as a line of its own on standard output.
    func outLines(_ lines: [String]) async throws {
        try await out(lines.map { $0 + "\n" }.joined())
    }
}
