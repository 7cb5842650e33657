import Glibc

/// Which libjq this process runs with, as far as it matters: libjq does not tell.
package enum JQVersion: String, Comparable, Sendable {
    case jq16 = "1.6"
    case jq17 = "1.7"
    case jq18 = "1.8"

    /// Told by functions that came with a version: looking for a symbol takes a microsecond, asking libjq a compile.
    package static let running: JQVersion = {
        if isExported("jv_number_abs") { return .jq18 }
        return isExported("jv_number_has_literal") ? .jq17 : .jq16
    }()

    package static func < (left: JQVersion, right: JQVersion) -> Bool { left.rawValue < right.rawValue }

    private static func isExported(_ symbol: String) -> Bool { dlsym(nil, symbol) != nil }
}
