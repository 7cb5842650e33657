import Commands
import Language
import Shell
import Terminal

// Scripts that are looked at, not run.
extension Doors {
    /// `--check`: parses, resolves names and compiles, runs nothing; 2 where there are errors.
    func check(_ files: [String]) -> Int32 {
        each(of: files) { source throws(ShellError) in
            let diagnostics = ScriptLoader(session: session).check(source)
            if diagnostics.isEmpty { return 0 }
            StandardStreams.note(SafeText.block(ScriptLoader.report(diagnostics)))
            return diagnostics.contains { $0.severity == .error } ? 2 : 0
        }
    }

    /// `--fmt`: prints the scripts in the canonical layout, or with `writes` puts it into the files; 2 where there are errors
    /// of syntax, which leave a file as it is.
    func format(_ files: [String], writes: Bool) -> Int32 {
        each(of: files) { source throws(ShellError) in
            if let text = ScriptFormat.text(of: source, isCommand: session.isCommand) {
                if writes, text != source.text {
                    return finish(evaluation.run { try await FileReplacement.write(Array(text.utf8), to: source.name) })
                }
                if !writes { try StandardStreams.print(text) }
                return 0
            }
            let mistakes = Parser.parse(source, isCommand: session.isCommand).1
            guard !mistakes.isEmpty else {
                throw ShellError(
                    .unsupported, "\(source.name) has no layout that surely means the same: it is left as it is")
            }
            StandardStreams.note(SafeText.block(ScriptLoader.report(mistakes)))
            return 2
        }
    }

    /// The worst status of all files; one that cannot be read keeps no other from its turn.
    private func each(of files: [String], _ body: (Source) throws(ShellError) -> Int32) -> Int32 {
        var status: Int32 = 0
        for file in files {
            do {
                let source = try SourceFile.read(file)
                status = max(status, try body(source))
            } catch let mistake as UsageMistake {
                StandardStreams.note("error[io]: \(mistake.message)\n")
                status = max(status, 1)
            } catch let error as ShellError {
                StandardStreams.note(SafeText.block(error.render()))
                status = max(status, error.exitStatus)
            } catch {
                status = max(status, 1)
            }
        }
        return status
    }
}
