import Glibc

/// Which libjq this process runs with, as far as it matters: libjq does not tell.
enum JQVersion: Comparable {
    case jq16, jq17, jq18

    /// Told by functions that came with a version: looking for a symbol takes a microsecond, asking libjq a compile.
    static let running: JQVersion = {
        if isExported("jv_number_abs") { return .jq18 }
        return isExported("jv_number_has_literal") ? .jq17 : .jq16
    }()

    private static func isExported(_ symbol: String) -> Bool { dlsym(nil, symbol) != nil }
}
