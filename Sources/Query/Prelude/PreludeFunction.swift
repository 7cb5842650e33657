/// A jq function that dsh gives to every filter, or that newer versions of jq have and the one here lacks.
package struct PreludeFunction: Sendable {
    package enum Category: String, Sendable, CaseIterable {
        case sizes = "Sizes"
        case times = "Times"
        case versions = "Versions"
        case references = "References"
        case tables = "Tables"
        case newer = "Newer jq"
    }

    /// A line that runs as it is, and its outputs, compact and one a line.
    package struct Example: Sendable, Hashable {
        package let line: String
        package let output: String
    }

    package let name: String
    package let category: Category
    /// How it is called: `bytes`, `bytes(text)`.
    package let forms: [String]
    /// One line, no full stop.
    package let summary: String
    /// More, where the summary does not say it all.
    package let discussion: String
    package let examples: [Example]
    /// jq text on one line: this function, its forms, and helpers of its own whose names start with `_dsh_`.
    let definition: String
    /// The first jq that has it; nil for dsh's own. libjq's is used from there on.
    let since: JQVersion?

    init(
        _ name: String, _ category: Category, forms: [String]? = nil, _ summary: String, discussion: String = "",
        since: JQVersion? = nil, examples: [(String, String)], definition: String
    ) {
        self.name = name
        self.category = category
        self.forms = forms ?? [name]
        self.summary = summary
        self.discussion = discussion
        self.since = since
        self.examples = examples.map { Example(line: $0.0, output: $0.1) }
        self.definition = definition
    }

    /// The numbers of arguments that it takes.
    var arities: Set<Int> {
        Set(forms.map { form in form.contains("(") ? form.count { $0 == ";" } + 1 : 0 })
    }

    /// What `help NAME` shows.
    package var help: String {
        var lines = ["\(name) — \(summary)", ""]
        lines += ["a function of jq: … | " + forms.joined(separator: ",  … | ")]
        if since != nil { lines += ["from a newer jq, with the meaning that it has there"] }
        if !discussion.isEmpty { lines += ["", discussion] }
        lines += ["", "examples:"]
        for example in examples {
            lines.append("  " + example.line)
            lines += example.output.split(separator: "\n").map { "    → " + $0 }
        }
        return lines.joined(separator: "\n")
    }
}
