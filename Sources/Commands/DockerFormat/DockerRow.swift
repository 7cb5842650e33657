import GoTemplate
import JSON
import Units

/// One row of a listing command as Docker's `--format` sees it: placeholders that are texts.
protocol DockerRow {
    /// The row's type with its placeholders, as Go's errors name it.
    static var type: TemplateType { get }
    /// The placeholders with the titles of their columns, by name.
    static var columns: [(placeholder: String, title: String)] { get }
    /// The placeholders' texts.
    func texts(_ style: DockerRowStyle) -> [(placeholder: String, text: String)]
}

/// What flags and the clock make of a row's texts.
struct DockerRowStyle: Sendable {
    /// Ids cut to 12 digits, commands to 45 columns; off with `--no-trunc`.
    var truncates = true
    /// Sizes and ages in words; off with `history --human=false`.
    var isHuman = true
    var now = Moment.now
}

extension DockerRow {
    /// The row as a template gets it.
    func value(_ style: DockerRowStyle) -> TemplateValue {
        let members = texts(style).map { ($0.placeholder, JSONValue.string($0.text)) }
        return TemplateValue(.object(JSONObject(distinct: members)), as: Self.type)
    }

    /// The header row.
    static var header: TemplateValue {
        let members = columns.map { ($0.placeholder, JSONValue.string($0.title)) }
        return TemplateValue(.object(JSONObject(distinct: members)), as: DockerTypes.header)
    }
}

/// How Docker's client shortens texts (docker/cli `cli/command/formatter/displayutils.go`).
enum DockerText {
    /// An Id without its algorithm, at most 12 digits.
    static func shortened(id: String) -> String {
        let digits = id.firstIndex(of: ":").map { id[id.index(after: $0)...] } ?? id[...]
        return String(digits.prefix(12))
    }

    /// At most `columns` wide, the last of them `…` where something was cut. Wide characters count two.
    static func clipped(_ text: String, to columns: Int) -> String {
        var width = 0
        var fitting = text.unicodeScalars.startIndex
        for index in text.unicodeScalars.indices {
            width += EastAsianWidth.isWide(text.unicodeScalars[index]) ? 2 : 1
            if width <= columns - 1 { fitting = text.unicodeScalars.index(after: index) }
        }
        return width <= columns ? text : String(text.unicodeScalars[..<fitting]) + "…"
    }

    /// How long ago something was: `3 weeks ago`.
    static func age(seconds: Int64, at now: Moment) -> String { HumanUnits.age(of: Moment(seconds: seconds), at: now) }

    /// The seconds of Go's zero time, which stands where nobody said when.
    static let noTime: Int64 = -62_135_596_800
}
