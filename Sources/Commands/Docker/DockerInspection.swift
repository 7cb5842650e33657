import Backend
import GoTemplate
import JSON
import Shell

/// What an inspect line found, and what not (docker/cli `cli/command/inspect/inspector.go`): the former is told also
/// where something failed.
struct DockerInspection {
    /// How documents are shown: nil for the array, indented.
    enum Format {
        case indented
        /// `--format json`
        case compact
        case template(Template)
    }

    private let format: Format
    private var documents: [JSONValue] = []
    private var texts: [UInt8] = []
    var failures: [(text: String, code: ShellError.Code)] = []
    /// Further lines for standard error.
    var notes: [String] = []

    init(_ format: Format) { self.format = format }

    /// What `--format` asks for. Throws with the client's status 64 where the template cannot be read.
    static func template(_ words: DockerWords) throws(ShellError) -> Format {
        switch words.string("format") ?? "" {
        case "": return .indented
        case "json": return .compact
        case let text:
            do { return .template(try Template(text)) } catch {
                throw DockerFailure.template(error, status: error.inspectExitCode)
            }
        }
    }

    mutating func add(_ image: ImageDetail) {
        let document = DockerInspectDocument(image).json
        guard case .template(let template) = format else { return documents.append(document) }
        do {
            texts += try template.inspect(document, as: DockerTypes.imageInspect) + [UInt8(ascii: "\n")]
        } catch {
            failures.append((error.dockerMessage, ShellError.Code(rawValue: error.code)))
        }
    }

    /// Writes what was found, then fails for what was not.
    func show(_ call: DockerCall) async throws {
        for note in notes { call.err(note) }
        switch format {
        case .template: try await call.out(texts.isEmpty ? "\n" : String(decoding: texts, as: UTF8.self))
        case .compact: try await call.out(JSONValue.array(documents).compact + "\n")
        case .indented:
            var bytes: [UInt8] = []
            JSONValue.array(documents).write(into: &bytes, style: .pretty(indent: 4))
            try await call.out(String(decoding: bytes, as: UTF8.self) + "\n")
        }
        guard let first = failures.first else { return }
        throw DockerFailure.error(failures.map(\.text).joined(separator: "\n"), code: first.code)
    }
}
