/// Paths inside a layer: bytes, cleaned as Go's `filepath.Clean` does and kept within the root, as Docker does.
enum LayerPath {
    /// Linux takes no longer path (PATH_MAX with its NUL), so no engine can unpack one.
    static let maximumLength = 4095
    static let maximumComponent = 255

    /// `path` without leading `/`, `.` components and inner `..`; the root is `.`.
    ///
    /// Throws `corrupt` for a path that leaves the layer, holds a NUL or is longer than a file system takes.
    static func clean(_ path: [UInt8]) throws(LayerError) -> [UInt8] {
        guard path.count <= maximumLength else { throw invalid(path, "is too long") }
        if isClean(path) { return path }
        guard !path.contains(0) else { throw invalid(path, "holds a NUL") }
        let isAbsolute = path.first == slash
        var components: [ArraySlice<UInt8>] = []
        for component in path.split(separator: slash) {
            switch component {
            case [dot]: continue
            case [dot, dot]:
                // An absolute path cannot climb above its root; a relative one would leave the layer.
                if components.popLast() == nil, !isAbsolute { throw invalid(path, "leaves the layer") }
            default:
                guard component.count <= maximumComponent else { throw invalid(path, "has a too long component") }
                components.append(component)
            }
        }
        return components.isEmpty ? [dot] : Array(components.joined(separator: [slash]))
    }

    /// Throws `corrupt` for an absolute path and for one with a `..` in it, wherever that leads.
    static func checkInside(_ path: [UInt8]) throws(LayerError) {
        if path.first == slash { throw invalid(path, "is absolute") }
        if path.split(separator: slash).contains([dot, dot]) { throw invalid(path, "has a .. in it") }
    }

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")

    /// The common case in one pass: no empty, `.`, `..` or overlong component and no NUL.
    private static func isClean(_ path: [UInt8]) -> Bool {
        var length = 0
        var dots = 0
        for byte in path {
            if byte == slash {
                if length == 0 || length > maximumComponent || (dots == length && dots <= 2) { return false }
                length = 0
                dots = 0
            } else if byte == 0 {
                return false
            } else {
                length += 1
                if byte == dot { dots += 1 }
            }
        }
        return length > 0 && length <= maximumComponent && !(dots == length && dots <= 2)
    }

    private static func invalid(_ path: [UInt8], _ what: String) -> LayerError {
        let shown = String(decoding: path.prefix(80), as: UTF8.self)
        return LayerError(.corrupt, "the layer has a path that \(what): \(printable(shown))")
    }

    /// Control characters shown as `?`: names come from outside.
    static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }))
    }
}
