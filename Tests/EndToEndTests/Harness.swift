import Fixtures
import Foundation
import JSON
import Testing

/// The one JSON value that a successful run wrote; records an issue and gives null where there is none.
func value(_ result: ProcessResult, sourceLocation: SourceLocation = #_sourceLocation) -> JSONValue {
    #expect(result.code == 0, "\(result)", sourceLocation: sourceLocation)
    do {
        return try JSONValue.parse(result.outputBytes)
    } catch {
        Issue.record("no JSON: \(error)\n\(result)", sourceLocation: sourceLocation)
        return .null
    }
}

/// Records an issue for everything that is wrong with the sandbox's store. Returns the audit.
@discardableResult
func expectValidStore(
    _ path: String, after what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) -> StoreAudit {
    let audit = StoreAudit(path)
    #expect(audit.problems.isEmpty, "\(what) \(audit.problems)", sourceLocation: sourceLocation)
    return audit
}

/// Records an issue unless the run failed with this stable code in what it wrote to standard error.
func expectFailure(
    _ result: ProcessResult, code: String, exit: Int32 = 1, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(result.code == exit, "\(result)", sourceLocation: sourceLocation)
    #expect(result.errors.contains("error[\(code)]"), "wanted \(code)\n\(result)", sourceLocation: sourceLocation)
}

/// Sorted by text, for lists whose order says nothing.
func sorted(_ value: JSONValue?) -> [JSONValue] { (value?.arrayValue ?? []).sorted() }

/// An object without members that are null, empty, false or zero: versions of Docker differ in whether they
/// write those.
func withoutEmpty(_ value: JSONValue?) -> JSONValue {
    guard let object = value?.objectValue else { return value ?? .null }
    var kept = JSONObject()
    for (key, member) in object {
        switch member {
        case .null, .bool(false), .string(""), .number(0): continue
        case .array(let values) where values.isEmpty: continue
        case .object(let members) where members.count == 0: continue
        default: kept[key] = member
        }
    }
    return .object(kept)
}

extension Sandbox {
    /// The directory that dsh runs in.
    var work: String { directory.path + "/work" }

    /// What is in a directory below it, sorted; nothing where it is not there.
    func files(_ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: work + "/" + path)) ?? []).sorted()
    }
}

/// The digest of what a tag of the shared registry names.
func standardDigest(_ repository: String, _ tag: String) -> String { StandardImages.named(repository, tag).root.digest }
