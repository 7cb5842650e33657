package import Backend
package import JSON
package import Language
import Synchronization

/// Takes the next value of a stream; it returns when the value has been dealt with, so a slow reader slows the maker.
package typealias Emit = @Sendable (JSONValue) async throws -> Void

/// What a command is given to work with.
package struct CommandContext: Sendable {
    package let session: Session
    /// The values piped in; nil where nothing was.
    package let input: ValueStream?
    /// What the program in front writes; nil where none stands there, and for a command that reads no bytes.
    package let bytes: ByteInput?
    /// The `{ … }` behind the command's words; there where its declaration asks for one.
    package let block: CommandBlock?
    /// Hands on one value of the result.
    package let emit: Emit
    /// The place of the call, for errors.
    package let span: Span
    /// How the result is to be shown, where the command ends its pipeline.
    package let view: ResultView

    package init(
        session: Session, input: ValueStream?, bytes: ByteInput? = nil, block: CommandBlock? = nil,
        emit: @escaping Emit, span: Span, view: ResultView
    ) {
        self.session = session
        self.input = input
        self.bytes = bytes
        self.block = block
        self.emit = emit
        self.span = span
        self.view = view
    }

    /// Whether the stages behind have left, which cancels this one. A command that changes things and has more to do then
    /// throws `incomplete`.
    package var isLeftBehind: Bool { StagesBehind.current?.haveLeft == true }

    package var backend: any ImageBackend { session.backend }
    package var registries: RegistryBackend { session.registries }

    /// `arguments`, then what was piped in: texts as they are, objects by their `Reference` or `Id`, arrays walked.
    ///
    /// Throws a usage error for values that name no image.
    package func references(_ arguments: [String]) async throws -> [String] {
        var references = arguments
        while let value = try await input?.next() { try ArgumentText.append(value, to: &references) }
        return references
    }

    /// The same, and a usage error where there is none at all.
    package func requiredReferences(_ arguments: [String], command: String) async throws -> [String] {
        let all = try await references(arguments)
        if all.isEmpty && input == nil {
            throw ShellError(
                .usage, "\(command) needs at least one image",
                hint: "name one, as in `\(command) nginx:1.25`, or pipe some in; `help \(command)` tells more")
        }
        return all
    }
}

/// The shape that a result is shown in; a command's options may change the one it declared.
package final class ResultView: Sendable {
    private let current: Mutex<ResultShape?>
    /// Whether the result is read by a person or a program, as shown or behind `| !`, and by no stage of dsh's: a line
    /// of another program's then gives that one's text.
    package let takesText: Bool

    package init(_ shape: ResultShape?, takesText: Bool = false) {
        current = Mutex(shape)
        self.takesText = takesText
    }

    package var shape: ResultShape? {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}

/// How a value becomes arguments (design: words).
package enum ArgumentText {
    /// Appends the arguments that `value` stands for: text as it is, numbers and booleans as text, an array spread, an
    /// object's `Reference` or `Id`; the `Digest` of a dangling image, since a named one may have the same Id. Anything
    /// else is a usage error.
    package static func append(_ value: JSONValue, to arguments: inout [String]) throws(ShellError) {
        switch value {
        case .string(let text): arguments.append(text)
        case .number, .bool: arguments.append(value.compact)
        case .array(let items): for item in items { try append(item, to: &arguments) }
        case .object(let object):
            if let name = object["Reference"]?.stringValue, !name.isEmpty, !name.contains("<none>") {
                arguments.append(name)
            } else if object["Dangling"] == .bool(true), let digest = object["Digest"]?.stringValue, !digest.isEmpty {
                arguments.append(digest)
            } else if let id = object["Id"]?.stringValue, !id.isEmpty {
                arguments.append(id)
            } else {
                throw ShellError(
                    .usage, "an object without Reference or Id cannot be an argument",
                    hint: "pick a field of it: \(object.keys.prefix(6).map { "." + $0 }.joined(separator: ", "))")
            }
        case .null:
            throw ShellError(.usage, "null cannot be an argument", hint: "give a default: `(… // \"latest\")`")
        }
    }
}
