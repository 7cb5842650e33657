import Backend
import JSON
import OCI
import Shell
import Synchronization

/// What a command that fills registries has done, what failed, and what it never came to: all of it is told, however the
/// command ends.
final class TransferReport: Sendable {
    private struct State {
        var isEnding = false
        var expected = 0
        var done = 0
        var failed = 0
        /// Copied, but the stage behind took no record of it.
        var untold: [String] = []
        /// Of registries that could not be reached.
        var hosts: [String: Host] = [:]
    }

    private struct Host {
        var failures = 0
        var skippedTags = 0
        var skippedRepositories = 0
    }

    /// A registry that could not be reached so often, and never between, is given up.
    private static let failuresOfAHost = RegistryBackend.requestsAtOnce
    /// A list is tried alone, and more follows from it.
    private static let weightOfAList = failuresOfAHost / 4

    private let command: String
    private let things: String
    private let failures = PartialFailures()
    private let state = Mutex(State())

    /// `things`: what the command's units are called, in the plural.
    init(command: String, things: String) {
        self.command = command
        self.things = things
    }

    /// The work ends before its time: what fails from now on was stopped, and is left rather than failed.
    func end() { state.withLock { $0.isEnding = true } }

    /// So many more units are known.
    func expect(_ count: Int) { state.withLock { $0.expected += count } }

    /// A unit was done, with these registries: hands on its record.
    func succeeded(
        _ result: TransferResult, with hosts: [String] = [], record: JSONValue, emit: Emit
    ) async throws {
        failures.succeeded()
        state.withLock { state in
            state.done += 1
            for host in hosts { state.hosts[host]?.failures = 0 }
        }
        do { try await emit(record) } catch {
            if result.status == .copied { state.withLock { $0.untold.append(result.target) } }
            throw error
        }
    }

    /// A unit failed, or the list of many (`isList`). `argument` is the word that it came from, `naming` what was to be
    /// copied where, if the message has to say that.
    ///
    /// Throws what ends the command, as `PartialFailures.add` does.
    func failed(
        _ error: any Error, about argument: String, naming pair: (source: String, target: String)?,
        isList: Bool = false
    ) throws {
        if state.withLock({ $0.isEnding }) { return }
        var failure = (error as? BackendError).map { ShellError($0) } ?? error
        if let host = (error as? BackendError)?.unreachableRegistry {
            state.withLock { state in
                state.hosts[host, default: Host()].failures += isList ? TransferReport.weightOfAList : 1
            }
        }
        if let pair, var named = failure as? ShellError, named.code != .interrupted {
            named.message = "\(pair.source) -> \(pair.target): \(named.message)"
            named.argument = argument
            failure = named
        }
        try failures.add(failure, about: argument)
        if !isList { state.withLock { $0.failed += 1 } }
    }

    /// Whether a unit is not to be tried, since one of these registries was given up. It is counted.
    func skips(_ hosts: [String], isRepository: Bool = false) -> Bool {
        state.withLock { state in
            for host in hosts {
                guard let known = state.hosts[host], known.failures >= TransferReport.failuresOfAHost else { continue }
                if isRepository {
                    state.hosts[host]?.skippedRepositories += 1
                } else {
                    state.hosts[host]?.skippedTags += 1
                }
                return true
            }
            return false
        }
    }

    /// Whether a registry was given up.
    func isGivenUp(_ host: String) -> Bool {
        state.withLock { ($0.hosts[host]?.failures ?? 0) >= TransferReport.failuresOfAHost }
    }

    /// Throws all failures as one, and a line for each registry that was given up.
    func throwFailures() throws(ShellError) {
        let hosts = state.withLock { $0.hosts }
        var lines: [ShellError] = []
        for (host, facts) in hosts.sorted(by: { $0.key < $1.key }) {
            let parts = [
                facts.skippedTags > 0 ? TransferReport.count(facts.skippedTags, things) : nil,
                facts.skippedRepositories > 0 ? TransferReport.count(facts.skippedRepositories, "repositories") : nil,
            ].compactMap { $0 }
            guard !parts.isEmpty else { continue }
            lines.append(
                ShellError(
                    ShellError.Code(rawValue: "network"),
                    "\(parts.joined(separator: " and ")) not tried: \(host) could not be reached",
                    hint: "`\(command)` again goes on with them"))
        }
        try failures.throwAny(and: lines)
    }

    /// `error`, which came after the work, with the failures of the work behind it.
    func joined(to error: any Error) -> any Error { failures.joined(to: error) }

    /// What to throw where `error` ended the work early; how far it came is told with that, or as a note where it is no
    /// failure's. `rest` is what else is left, a phrase each; a plan (`isPlan`) leaves nothing undone. `isTold`: whether a
    /// note is wanted.
    func ended(
        by error: any Error, in context: CommandContext, rest: [String], isPlan: Bool, isTold: Bool = true
    ) -> any Error {
        let (done, left, failed, untold) = state.withLock { state in
            (state.done, max(0, state.expected - state.done - state.failed), state.failed, state.untold)
        }
        if failures.areHopeless, var first = error as? ShellError, !Task.isCancelled {
            if left > 0 {
                first.others.append(
                    ShellError(
                        first.code,
                        "\(TransferReport.count(left, things)) not tried: nothing but failures came for too long"))
            }
            return first
        }
        let joined = failures.joined(to: error)
        // An error of the stages before stands for itself: what had begun was done, and nothing is left that is known.
        if !Task.isCancelled, joined is ShellError { return joined }
        var text = "\(command): \(TransferReport.count(done, things)) done"
        if failed > 0 { text += ", \(failed) failed" }
        text += ", \(left) left"
        for more in rest { text += ", " + more }
        if !untold.isEmpty {
            let more = untold.count > 20 ? ", …" : ""
            text += "; copied without a record: \(untold.prefix(20).joined(separator: ", "))\(more)"
        }
        guard !context.isUnread || isPlan || (left == 0 && rest.isEmpty) else {
            return failures.joined(to: context.cutShort(by: joined, text))
        }
        if isTold { context.session.note(text + (context.isUnread ? ": nobody takes its records any more" : "")) }
        return joined
    }

    /// `1 tag`, `12 tags`: `is` and `was` go with neither, so sentences do without.
    private static func count(_ number: Int, _ things: String) -> String {
        guard number == 1 else { return "\(number) \(things)" }
        return "1 " + (things.hasSuffix("ies") ? things.dropLast(3) + "y" : things.dropLast())
    }
}
