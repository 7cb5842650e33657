import Foundation

/// Compares `text` whole with the golden file `name` beside the calling test (in `Golden/`). Returns nil where they
/// agree, else both, line by line from the first difference on. `DSH_UPDATE_GOLDEN=1` writes the file instead.
package func differenceFromGolden(_ text: String, _ name: String, testFile: String = #filePath) -> String? {
    let path = URL(fileURLWithPath: testFile).deletingLastPathComponent().appendingPathComponent("Golden/\(name)").path
    if ProcessInfo.processInfo.environment["DSH_UPDATE_GOLDEN"] == "1" {
        writeFile(path, Array(text.utf8))
        return nil
    }
    guard let bytes = readFile(path) else {
        return "no golden file \(path); DSH_UPDATE_GOLDEN=1 writes it:\n\(text)"
    }
    let expected = String(decoding: bytes, as: UTF8.self)
    if expected == text { return nil }
    let wanted = expected.split(separator: "\n", omittingEmptySubsequences: false)
    let found = text.split(separator: "\n", omittingEmptySubsequences: false)
    let first = zip(wanted, found).enumerated().first { $1.0 != $1.1 }?.offset ?? min(wanted.count, found.count)
    return "\(name), line \(first + 1): expected\n\(wanted.dropFirst(first).prefix(12).joined(separator: "\n"))\n"
        + "found\n\(found.dropFirst(first).prefix(12).joined(separator: "\n"))"
}
