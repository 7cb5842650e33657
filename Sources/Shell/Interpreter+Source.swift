import Language

extension Interpreter {
    /// `source PATH`: runs the file's statements where the statement stands, so that what it defines and sets is there
    /// afterwards. `return` at its top ends the file.
    func source(_ path: String, span: Span, output: @escaping Output) async throws {
        let place = ScriptFile.place(path, from: span.source, home: session.environment["HOME"])
        let around = files + (span.source.path.map { files.contains($0) ? [] : [$0] } ?? [])
        let script: Script
        let file: String
        do throws(ShellError) {
            let source = try ScriptFile.read(place.path, name: place.name)
            if let refusal = ScriptSources.refusal(of: source, in: around, at: span) {
                throw ShellError(refusal)
            }
            file = source.path ?? place.path
            script = try ScriptLoader(session: session).load(source, files: around).script
        } catch {
            throw error.at(span)
        }
        let inner = Interpreter(
            session: session, scope: scope, head: head, depth: depth, files: around + [file],
            isShown: isShown)
        do {
            try await inner.run(script.statements, output: output)
        } catch ControlFlow.return {
            return
        }
    }
}
