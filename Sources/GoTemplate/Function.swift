/// A function or method that templates may call.
struct Function: Sendable {
    /// What a parameter takes: any value as it is, any value, or one Go type.
    enum Parameter: Sendable, Equatable {
        case value, any, string, int, strings

        var name: String {
            switch self {
            case .value: "reflect.Value"
            case .any: "interface {}"
            case .string: "string"
            case .int: "int"
            case .strings: "[]string"
            }
        }

        func accepts(_ type: TemplateType) -> Bool {
            switch self {
            case .value, .any: true
            case .string: type == .string
            case .int: type == .int
            case .strings: type.underlying == .strings
            }
        }
    }

    struct Call {
        let values: [TemplateValue?]
        /// How the template wrote the first argument.
        let callee: String
        let limit: Int

        subscript(_ index: Int) -> TemplateValue? { values.indices.contains(index) ? values[index] : nil }

        func bytes(_ index: Int) -> [UInt8] { self[index]?.bytes ?? [] }

        func int(_ index: Int) -> Int {
            if case .signed(let number)? = self[index]?.content { Int(clamping: number) } else { 0 }
        }

        /// The value with an interface taken off.
        func plain(_ index: Int) -> TemplateValue? { self[index]?.plain }
    }

    typealias Body = @Sendable (Call) throws(FunctionError) -> TemplateValue?

    let parameters: [Parameter]
    /// The type of any further arguments.
    let rest: Parameter?
    /// For `and` and `or`: the truth at which they stop.
    let stopsAt: Bool?
    let body: Body

    init(_ parameters: Parameter..., rest: Parameter? = nil, stopsAt: Bool? = nil, body: @escaping Body) {
        self.parameters = parameters
        self.rest = rest
        self.stopsAt = stopsAt
        self.body = body
    }

    func parameter(_ index: Int) -> Parameter? { index < parameters.count ? parameters[index] : rest }
}

/// Why a function gave nothing; the executor adds where.
struct FunctionError: Error {
    let message: String
    var isLimit = false

    static let tooLarge = FunctionError(message: "a template's function returns too much", isLimit: true)
}
