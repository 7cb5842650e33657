import Backend
import Shell
import Units

/// `docker system prune`: of all that it removes, images are here.
enum DockerSystemPrune {
    static let command = DockerCommand(
        paths: ["system prune"], usage: "[OPTIONS]", summary: "Remove unused data",
        flags: [
            .bool("all", "a", "Remove all unused images not just dangling ones"),
            .filter(nil, "Provide filter values (e.g. \"label=<key>=<value>\")", keys: keys.sorted()),
            .bool("force", "f", "Do not prompt for confirmation"),
            .bool("volumes", nil, "Prune anonymous volumes"),
        ], arguments: .none, plain: { $0.plain("prune", leavingOut: ["volumes"]) }, run: run)

    /// What containers can be chosen by: they come first, and refuse anything else.
    private static let keys: Set<String> = ["label", "label!", "until"]

    @Sendable private static func run(_ call: DockerCall) async throws {
        let (words, filters) = (call.words, call.words.list("filter"))
        let given = DockerPruneFilters(filters)
        if words.isOn("volumes"), !given.values("until").isEmpty {
            throw DockerFailure.error("ERROR: The \"until\" filter is not supported with \"--volumes\"", code: .usage)
        }
        let settings = try await DockerSettings.load(call.session)
        var conditions = given
        conditions.add(configured: settings.pruneFilters)
        if !words.isOn("force") {
            guard try await DockerConfirmation.asks(question(words, conditions), call) else { return }
        }
        _ = try conditions.request(all: false, keys: keys)
        let report = try await DockerImagePrune.prune(filters, all: words.isOn("all"), settings, call)
        // The build cache comes last, and knows no dates.
        for until in conditions.values("until") {
            do throws(GoDuration.Invalid) { _ = try GoDuration(until) } catch {
                try await call.out(report.text)
                throw DockerFailure.error(
                    "Error response from daemon: failed to prune build cache: \"until\" filter expects a duration "
                        + "(e.g., '24h'): \(error.message)", code: .usage)
            }
        }
        try await call.out(report.text + "Total reclaimed space: \(HumanUnits.size(report.bytes, digits: 4))\n")
    }

    private static func question(_ words: DockerWords, _ conditions: DockerPruneFilters) -> String {
        let all = words.isOn("all")
        var removed = ["all stopped containers", "all networks not used by at least one container"]
        if words.isOn("volumes") { removed.append("all anonymous volumes not used by at least one container") }
        removed.append(all ? "all images without at least one container associated to them" : "all dangling images")
        removed.append(all ? "all build cache" : "unused build cache")
        let filters = ["label", "label!", "until"].flatMap { key in conditions.values(key).map { "\(key)=\($0)" } }
            .sorted { NaturalOrder.precedes($0, $1) }
        var text = "WARNING! This will remove:" + removed.map { "\n  - \($0)" }.joined() + "\n"
        if !filters.isEmpty {
            text += "\n  Items to be pruned will be filtered with:" + filters.map { "\n  - \($0)" }.joined() + "\n"
        }
        return text + "\nAre you sure you want to continue?"
    }
}

/// Texts in the order in which people count: `a2` before `a10` (fvbommel/sortorder, which Docker's client sorts with).
enum NaturalOrder {
    static func precedes(_ left: String, _ right: String) -> Bool {
        var (left, right) = (Array(left.utf8)[...], Array(right.utf8)[...])
        while let first = left.first, let second = right.first {
            guard isDigit(first), isDigit(second) else {
                if first != second { return first < second }
                left.removeFirst()
                right.removeFirst()
                continue
            }
            let (one, two) = (left.prefix(while: isDigit), right.prefix(while: isDigit))
            let (short, long) = (one.drop { $0 == UInt8(ascii: "0") }, two.drop { $0 == UInt8(ascii: "0") })
            if short.count != long.count { return short.count < long.count }
            if !short.elementsEqual(long) { return short.lexicographicallyPrecedes(long) }
            // The same number: fewer zeros before it come first.
            if one.count != two.count { return one.count < two.count }
            left = left.dropFirst(one.count)
            right = right.dropFirst(two.count)
        }
        return left.isEmpty && !right.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
