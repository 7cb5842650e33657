/// `index`, `slice` and `len` (text/template/funcs.go).
enum Indexing {
    static func index(_ call: Function.Call) throws(FunctionError) -> TemplateValue? {
        guard var item = call.plain(0) else { throw FunctionError(message: "index of untyped nil") }
        for position in 1..<max(1, call.values.count) {
            let (value, isNil) = item.indirect()
            if isNil { throw FunctionError(message: "index of nil pointer") }
            let index = call.plain(position)
            switch value.type.underlying {
            case .slice, .string:
                let place = try number(index, upTo: value.count ?? 0)
                guard let element = value.element(at: place) else {
                    let kind = value.isStringKind ? "string" : "slice"
                    throw FunctionError(message: "reflect: \(kind) index out of range")
                }
                item = element
            case .map(let element, let keys):
                item = value.member(try key(index, keys)) ?? TemplateValue(nil, as: element)
            default: throw FunctionError(message: "can't index item of type \(value.type.name)")
            }
        }
        return item
    }

    static func slice(_ call: Function.Call) throws(FunctionError) -> TemplateValue? {
        guard let item = call.plain(0) else { throw FunctionError(message: "slice of untyped nil") }
        let count = call.values.count - 1
        if count > 3 { throw FunctionError(message: "too many slice indexes: \(count)") }
        switch item.type.underlying {
        case .string: if count == 3 { throw FunctionError(message: "cannot 3-index slice a string") }
        case .slice: break
        default: throw FunctionError(message: "can't slice item of type \(item.type.name)")
        }
        let length = item.count ?? 0
        var bounds = [0, length, length]
        for place in 0..<max(0, count) { bounds[place] = try number(call[place + 1], upTo: length) }
        if bounds[0] > bounds[1] { throw FunctionError(message: "invalid slice index: \(bounds[0]) > \(bounds[1])") }
        if count == 3, bounds[1] > bounds[2] {
            throw FunctionError(message: "invalid slice index: \(bounds[1]) > \(bounds[2])")
        }
        if item.isNil { return item }
        if item.isStringKind { return TemplateValue(item.type, .text(Array(item.bytes[bounds[0]..<bounds[1]]))) }
        return TemplateValue(item.type, .list(Array(item.elements[bounds[0]..<bounds[1]])))
    }

    static func length(_ call: Function.Call) throws(FunctionError) -> TemplateValue? {
        guard let (value, isNil) = call[0]?.indirect() else {
            throw FunctionError(message: "reflect: call of reflect.Value.Type on zero Value")
        }
        if isNil { throw FunctionError(message: "len of nil pointer") }
        guard let count = value.count else { throw FunctionError(message: "len of type \(value.type.name)") }
        return .int(count)
    }

    /// An index that is at most `end`: Go checks the last step elsewhere.
    private static func number(_ index: TemplateValue?, upTo end: Int) throws(FunctionError) -> Int {
        guard let index else { throw FunctionError(message: "cannot index slice/array with nil") }
        let number: Int64
        switch index.content {
        case .signed(let value): number = value
        case .unsigned(let value): number = Int64(truncatingIfNeeded: value)
        default: throw FunctionError(message: "cannot index slice/array with type \(index.type.name)")
        }
        guard number >= 0, number <= end else { throw FunctionError(message: "index out of range: \(number)") }
        return Int(number)
    }

    private static func key(_ index: TemplateValue?, _ type: String) throws(FunctionError) -> String {
        guard let index else { throw FunctionError(message: "value is nil; should be of type \(type)") }
        guard index.type.name == type else {
            throw FunctionError(message: "value has type \(index.type.name); should be \(type)")
        }
        return String(decoding: index.bytes, as: UTF8.self)
    }
}
