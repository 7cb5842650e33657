import Foundation
import Testing

@testable import GoTemplate

/// Texts that the fuzzer found something with: Tests/Fuzz/TemplateFindings.
struct TemplateFindingsTests {
    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Fuzz/TemplateFindings").standardized

    static let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path))?.sorted() ?? []

    @Test func thereAreSome() { #expect(!Self.names.isEmpty) }

    @Test(arguments: names) func holds(name: String) throws {
        TemplateFuzz.check(Array(try Data(contentsOf: Self.directory.appendingPathComponent(name))))
    }

    /// The fuzzer's promises hold for what it starts from, too.
    @Test func holdsForRecordedTemplates() {
        for example in Golden.inspect.cases + Golden.rows.cases { TemplateFuzz.check(Array(example.template.utf8)) }
    }
}
