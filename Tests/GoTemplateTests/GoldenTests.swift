import Foundation
import JSON
import Testing

@testable import GoTemplate

/// Templates with what Docker's own client printed for them, and the documents they ran on.
struct Golden {
    struct Case: Sendable, CustomTestStringConvertible {
        let template: String
        let document: String
        let output: [UInt8]?
        let error: String?
        let exit: Int

        var testDescription: String { template }
    }

    let json: JSONValue
    let cases: [Case]

    init(_ name: String) {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden/\(name)")
        let bytes = (try? Data(contentsOf: url)).map { [UInt8]($0) } ?? []
        let parsed = (try? JSONValue.parse(bytes)) ?? .null
        json = parsed
        cases = (parsed["cases"]?.arrayValue ?? []).map { row in
            let hex = row["outputHex"]?.stringValue.map { text in
                stride(from: 0, to: text.count, by: 2).compactMap { UInt8(text.dropFirst($0).prefix(2), radix: 16) }
            }
            return Case(
                template: row["template"]?.stringValue ?? "", document: row["on"]?.stringValue ?? "app",
                output: hex ?? row["output"]?.stringValue.map { Array($0.utf8) }, error: row["error"]?.stringValue,
                exit: row["exit"]?.intValue ?? 0)
        }
    }

    static let inspect = Golden("inspect.json")
    static let rows = Golden("rows.json")
}

@Suite("Templates against Docker's client")
struct GoldenTests {
    @Test func theFilesHoldCases() {
        #expect(Golden.inspect.cases.count > 600)
        #expect(Golden.rows.cases.count >= 29)
    }

    @Test(arguments: Golden.inspect.cases)
    func inspect(_ example: Golden.Case) throws {
        let document = try #require(Golden.inspect.json["documents"]?[example.document])
        do throws(TemplateError) {
            let output = try Template(example.template).inspect(document, as: DockerTypes.imageInspect)
            #expect(example.error == nil, "gave \(String(decoding: output, as: UTF8.self))")
            let expected = example.output ?? []
            #expect(
                output == expected,
                "gave \(String(decoding: output, as: UTF8.self)), not \(String(decoding: expected, as: UTF8.self))")
        } catch {
            // Before an execution error's text the client prints an empty line of output, which is the caller's.
            #expect(error.dockerMessage == example.error)
            #expect(Int(error.inspectExitCode) == example.exit)
        }
    }

    @Test(arguments: Golden.rows.cases)
    func row(_ example: Golden.Case) throws {
        let row = try #require(Golden.rows.json["row"])
        let type = DockerTypes.row("imageContext", row.objectValue?.keys ?? [])
        // As Docker prepares a format: escapes for tab and newline become those.
        let text = example.template.replacing("\\t", with: "\t").replacing("\\n", with: "\n")
        do throws(TemplateError) {
            let output = try Template(text).execute(TemplateValue(row, as: type))
            #expect(example.error == nil, "gave \(output)")
            #expect(output == String(decoding: example.output ?? [], as: UTF8.self))
        } catch {
            #expect(error.dockerMessage == example.error)
        }
    }
}
