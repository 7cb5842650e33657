import JSON

/// Suggestions for names that jq does not know.
enum FilterHint {
    /// What a message says is not defined: a function's name and its number of arguments, or a variable with its dollar.
    static func undefined(in message: String) -> (name: String, arity: Int?)? {
        let suffix = " is not defined"
        guard message.hasSuffix(suffix) else { return nil }
        let subject = message.dropLast(suffix.count).drop { $0 == " " }
        guard !subject.contains(" ") else { return nil }
        if subject.hasPrefix("$") { return (String(subject), nil) }
        let parts = subject.split(separator: "/")
        guard parts.count == 2, let arity = Int(parts[1]) else { return nil }
        return (String(parts[0]), arity)
    }

    static func add(
        to error: FilterError, info: FilterText, definitions: String, variables: [String]
    ) -> FilterError {
        var error = error
        error.others = error.others.map { add(to: $0, info: info, definitions: definitions, variables: variables) }
        guard error.hint == nil, let (name, arity) = undefined(in: error.message) else { return error }
        if arity == nil {
            let names = variables + ["ENV", "__loc__"]
            if let near = nearest(to: String(name.dropFirst()), among: names) {
                error.hint = "did you mean `$\(near)`?"
            }
            return error
        }
        let arities = (builtins[name] ?? []).union(Prelude[name]?.arities ?? [])
        if !arities.isEmpty {
            let counts = arities.sorted().map(String.init).joined(separator: " or ")
            error.hint = "`\(name)` takes \(counts == "0" ? "no" : counts) argument\(counts == "1" ? "" : "s")"
            return error
        }
        let names =
            Array(builtins.keys) + Prelude.all.map(\.name) + info.definitions + FilterText(definitions).definitions
        if let near = nearest(to: name, among: names) { error.hint = "did you mean `\(near)`?" }
        return error
    }

    /// The name with the fewest edits from `name`, where those are few for its length; of several the first in the alphabet.
    static func nearest(to name: String, among names: [String]) -> String? {
        let limit = max(1, name.utf8.count / 3)
        var best: (distance: Int, name: String)?
        for candidate in Set(names).sorted() where candidate != name && !candidate.hasPrefix("_") {
            let distance = distance(Array(name.utf8), Array(candidate.utf8))
            if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        return best?.name
    }

    /// Edits between two names: letters changed, added, removed, or swapped with their neighbour (optimal string alignment).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard abs(left.count - right.count) < 8, left.count < 64 else { return .max }
        var before: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                var cost = min(
                    previous[column + 1] + 1, current[column] + 1,
                    previous[column] + (left[row] == right[column] ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            before = previous
            previous = current
        }
        return previous[right.count]
    }

    /// jq's own functions with the numbers of arguments that each takes, asked of libjq once.
    static let builtins: [String: Set<Int>] = {
        var table: [String: Set<Int>] = [:]
        guard let list = try? Filter("builtins").outputs(.null).first?.arrayValue else { return [:] }
        for case .string(let entry) in list {
            let parts = entry.split(separator: "/")
            guard parts.count == 2, let arity = Int(parts[1]) else { continue }
            table[String(parts[0]), default: []].insert(arity)
        }
        return table
    }()
}
