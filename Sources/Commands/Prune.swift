package import ArgumentParser
import Backend
import JSON
import OCI
package import Shell
import Units

/// `prune`: removes what nothing needs.
package struct Prune: Command {
    package static let declaration = CommandDeclaration(
        name: "prune", category: .images, summary: "remove images without a name, or all that a filter takes",
        discussion: """
            Without --all only images without a name go; with it every image that the filters take. Blobs that nothing
            needs and partial downloads older than a day (with --all: any) go, too, unless a filter asks for labels or
            names, which they do not have.

            Filters are Docker's: until=24h or until=2024-01-31 takes what was made before, label=KEY[=VALUE] and
            label!=KEY[=VALUE] must all hold. reference=PATTERN takes names only, reference!=PATTERN keeps them.

            It asks at the terminal first. Without a terminal say --force, or --dry-run, which removes nothing and returns
            the same rows: a plan. A plan that is piped in with --plan is carried out as it stands, without a question;
            where the store has changed since, nothing is removed.
            """,
        input: .values, result: PruneRow.shape,
        examples: [
            Example("prune --dry-run", "what would go"),
            Example("prune --force", "images without a name, and leftovers"),
            Example(
                "prune --all --filter until=720h --filter 'reference!=nginx' --dry-run", "old images, but not nginx"),
            Example(
                "prune --all --dry-run | write --force plan.json; read plan.json | prune --plan | map(.Reclaimed) | add",
                "look first, then do just that"),
        ])

    @Flag(name: [.short, .long], help: "images with a name, too") package var all = false
    @Option(
        parsing: .singleValue, help: "KEY=VALUE: dangling, label, label!, reference, reference!, until")
    package var filter: [String] = []
    @Flag(name: [.short, .long], help: "do not ask") package var force = false
    @Flag(help: "remove nothing; return what would go, as a plan") package var dryRun = false
    @Flag(help: "remove what the plan in the pipe says, or nothing") package var plan = false

    package init() {}

    package func run(_ context: CommandContext) async throws {
        var request = PruneRequest(all: all, dryRun: true)
        for text in filter { try request.addFilter(text) }
        try check(request, context)
        if plan {
            request.plan = try await PruneRow.steps(context.input)
            // A plan was looked at; what is piped in by hand was, too.
            request.dryRun = dryRun
        } else if force {
            request.dryRun = dryRun
        } else if !dryRun {
            let steps = try await context.backend.prune(request)
            guard !steps.isEmpty, try await isAgreed(to: steps, context.session.console) else {
                return try await context.emit([])
            }
            // What was agreed to, and no more.
            request.plan = steps
            request.dryRun = false
        }
        let steps = try await context.backend.prune(request)
        try await context.emit(.array(steps.map(PruneRow.json)))
    }

    private func check(_ request: PruneRequest, _ context: CommandContext) throws(ShellError) {
        guard !plan || (!all && filter.isEmpty) else {
            throw ShellError(
                .usage, "--plan takes no --all and no --filter", hint: "the plan says what goes: make another one")
        }
        guard plan == (context.input != nil) else {
            throw ShellError(
                .usage, plan ? "--plan needs a plan in the pipe" : "prune takes no images from the pipe",
                hint: plan
                    ? "as in `read plan.json | prune --plan`"
                    : "`rmi` removes images that are piped in; --plan takes a plan of `prune --dry-run`")
        }
        let namesReferences = request.filters.contains { if case .reference = $0 { true } else { false } }
        guard request.all || !(namesReferences || !request.keptReferences.isEmpty) else {
            throw ShellError(
                .usage, "a filter for references needs --all", hint: "without it only images without a name go")
        }
    }

    private func isAgreed(to steps: [PruneStep], _ console: any Console) async throws -> Bool {
        let names = steps.filter { $0.kind == .reference }.count
        let images = steps.filter { $0.kind == .image }.count
        let rest = steps.filter { $0.kind == .blob || $0.kind == .file }.count
        let parts = [(names, "name"), (images, "image"), (rest, "leftover file")].filter { $0.0 > 0 }
            .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        let bytes = HumanUnits.size(steps.reduce(0) { $0 + $1.reclaimed }, digits: 4)
        do {
            let answer = try await console.ask("Remove \(parts.joined(separator: ", ")) (\(bytes))? [y/N] ") ?? ""
            return ["y", "yes"].contains(answer.lowercased().filter { !$0.isWhitespace })
        } catch let error as ShellError where error.code == .unsupported {
            throw ShellError(
                .usage, "prune asks before it removes anything, and there is no terminal to ask at",
                hint: "--force removes without a question; --dry-run shows what would go")
        }
    }
}

/// The rows of `prune`, which are a plan as well.
enum PruneRow {
    static let shape = ResultShape(
        .array,
        [
            Field("Action", .text, "Untagged or Deleted", column: "ACTION"),
            Field("Kind", .text, "reference, image, layer, blob or file", column: "KIND"),
            Field("Subject", .text, "the name, Id, layer's chain id, digest or file", column: "SUBJECT"),
            Field("Id", .digest, "the image it belongs to; null for a leftover", column: "ID"),
            Field("Digest", .digest, "what the name pointed to, or the blob; null for a file"),
            Field("Reclaimed", .bytes, "bytes freed on disk", column: "RECLAIMED"),
        ])

    static func json(_ step: PruneStep) -> JSONValue {
        [
            "Action": step.kind == .reference ? "Untagged" : "Deleted", "Kind": .string(step.kind.rawValue),
            "Subject": .string(step.subject), "Id": step.id.map { .string($0.description) } ?? .null,
            "Digest": step.digest.map { .string($0.description) } ?? .null,
            "Reclaimed": .number(Double(step.reclaimed)),
        ]
    }

    /// The plan that is piped in: rows, or arrays of them. Throws a usage error for anything else.
    static func steps(_ input: ValueStream?) async throws -> [PruneStep] {
        var steps: [PruneStep] = []
        while let value = try await input?.next() {
            for row in value.arrayValue ?? [value] { steps.append(try step(row)) }
        }
        return steps
    }

    private static func step(_ row: JSONValue) throws(ShellError) -> PruneStep {
        guard let kind = row["Kind"]?.stringValue.flatMap(PruneStep.Kind.init),
            let subject = row["Subject"]?.stringValue, !subject.isEmpty,
            let id = digest(row["Id"]), let digest = digest(row["Digest"])
        else {
            throw ShellError(
                .usage, "what is piped in is no plan", hint: "a plan is what `prune --dry-run` returns")
        }
        return PruneStep(kind, subject, id: id, digest: digest)
    }

    /// nil for what is no digest, and for null a digest that is not there.
    private static func digest(_ value: JSONValue?) -> Digest?? {
        switch value {
        case .null?: .some(nil)
        case .string(let text)?: (try? Digest(text)).map { .some($0) }
        default: nil
        }
    }
}
