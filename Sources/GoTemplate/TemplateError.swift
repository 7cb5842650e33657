/// Why a template could not be read or run. `message` is Go's own text, byte for byte where Go has one.
package struct TemplateError: Error, Sendable, Equatable {
    package enum Phase: Sendable, Equatable {
        /// The text is no template.
        case parse
        /// The template is sound, but not for this value.
        case execution
        /// A bound of ours: output size or nesting.
        case limit
    }

    package let phase: Phase
    /// Go's text: `template: :1:2: executing "" at <.X>: …`.
    package let message: String

    package init(_ phase: Phase, _ message: String) {
        self.phase = phase
        self.message = message
    }

    /// One of the shell's stable error codes.
    package var code: String {
        switch phase {
        case .parse: "syntax"
        case .execution: "usage"
        case .limit: "no_space"
        }
    }

    package var hint: String? {
        switch phase {
        case .parse: "a template is Go's text/template: {{.Field}}, {{range .List}}…{{end}}"
        case .execution: nil
        case .limit: "let the template write less"
        }
    }

    /// The line as the Docker client prints it, for a parse and an execution error alike.
    package var dockerMessage: String { "template parsing error: " + message }

    /// What `docker inspect` exits with: 64 where the template cannot be parsed, 1 where it fails on an object.
    package var inspectExitCode: Int32 { phase == .parse ? 64 : 1 }
}
