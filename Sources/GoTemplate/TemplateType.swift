/// The Go type a value has in Docker's client: it decides which fields exist, how a value prints, and what errors say.
package indirect enum TemplateType: Sendable, Hashable {
    case bool
    case string
    /// A signed or unsigned integer by its Go name: int, int64, uint8, …
    case integer(Integer)
    case float64
    /// `interface {}`: whatever the JSON holds, its numbers read as told.
    case any(NumberStyle)
    case slice(TemplateType)
    /// A map whose keys are strings; where these have a type of their own, only that type finds an entry.
    case map(TemplateType, keys: String = "string")
    case pointer(TemplateType)
    case structure(Structure)
    /// A type with a name of its own: `nat.PortSet` over a map, `json.Number` over a string.
    case named(String, TemplateType)
    /// `time.Time`, from RFC 3339 text.
    case time
    /// `time.Duration`, from nanoseconds.
    case duration

    package enum Integer: String, Sendable {
        case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64

        var isSigned: Bool { !rawValue.hasPrefix("u") }
    }

    /// What a JSON number inside an untyped value becomes.
    package enum NumberStyle: Sendable, Hashable {
        /// `json.Number`, as the fallback of `docker inspect` reads: the text itself, of string kind.
        case text
        /// Go's default, float64: a million prints as `1e+06`.
        case float64
        /// int64 where the number is whole, else float64: what a JSON reader expects to see.
        case natural
    }

    /// A struct's name, such as `image.InspectResponse`, and its fields in order.
    package final class Structure: Sendable, Hashable {
        package let name: String
        package let fields: [Field]
        /// Whether the members are methods, as on the rows that Docker's `--format` gets: they take no arguments, and
        /// JSON lists them by name.
        package let areMethods: Bool
        private let places: [String: Int]

        package init(_ name: String, _ fields: [Field], areMethods: Bool = false) {
            self.name = name
            self.fields = fields
            self.areMethods = areMethods
            places = Dictionary(
                fields.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
        }

        func field(_ name: String) -> Field? { places[name].map { fields[$0] } }

        package static func == (left: Structure, right: Structure) -> Bool { left === right || left.name == right.name }
        package func hash(into hasher: inout Hasher) { hasher.combine(name) }
    }

    package struct Field: Sendable {
        package let name: String
        /// The JSON member the field is read from and written to.
        package let key: String
        package let type: TemplateType
        package let omitsEmpty: Bool
        /// An embedded struct: read from the same object, its fields the outer struct's own.
        package let isEmbedded: Bool

        package init(
            _ name: String, _ type: TemplateType, key: String? = nil, omitsEmpty: Bool = false, isEmbedded: Bool = false
        ) {
            self.name = name
            self.key = key ?? name
            self.type = type
            self.omitsEmpty = omitsEmpty
            self.isEmbedded = isEmbedded
        }
    }

    package static let int = TemplateType.integer(.int)
    package static let int64 = TemplateType.integer(.int64)
    /// `struct {}`: the value of a set such as `ExposedPorts`; prints `{}`.
    package static let empty = TemplateType.structure(Structure("struct {}", []))
    static let strings = TemplateType.slice(.string)
    static let jsonNumber = TemplateType.named("json.Number", .string)

    /// The type as Go names it.
    package var name: String {
        switch self {
        case .bool: "bool"
        case .string: "string"
        case .integer(let integer): integer.rawValue
        case .float64: "float64"
        case .any: "interface {}"
        case .slice(let element): "[]" + element.name
        case .map(let element, let keys): "map[\(keys)]\(element.name)"
        case .pointer(let element): "*" + element.name
        case .structure(let structure): structure.name
        case .named(let name, _): name
        case .time: "time.Time"
        case .duration: "time.Duration"
        }
    }

    /// The type behind a name.
    var underlying: TemplateType {
        var type = self
        while case .named(_, let inner) = type { type = inner }
        return type
    }

    var canBeNil: Bool {
        switch underlying {
        case .any, .slice, .map, .pointer: true
        default: false
        }
    }

    /// Whether Go's `==` takes two values of the type.
    var isComparable: Bool {
        switch underlying {
        case .slice, .map: false
        case .structure(let structure): structure.fields.allSatisfy(\.type.isComparable)
        default: true
        }
    }
}
