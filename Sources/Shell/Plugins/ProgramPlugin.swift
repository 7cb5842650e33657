import JSON
import Threads

/// An executable plugin that has told about itself.
struct ProgramPlugin: Sendable {
    let file: PluginFile
    let metadata: PluginMetadata
    /// dsh's own, for the hello.
    let version: String
    let limits: PluginLimits

    /// Runs `dsh-NAME metadata` and reads what it prints.
    ///
    /// Throws `external` where it cannot be started, does not end in time, fails, or prints what is no metadata.
    ///
    /// `name` nil: whatever the metadata says.
    static func ask(_ file: PluginFile, name expected: String?, _ limits: PluginLimits) async throws -> PluginMetadata {
        let name = expected ?? file.path.split(separator: "/").last.map(String.init) ?? file.path
        try file.requireSafe(name)
        let process = try PluginProcess(file.path, "metadata", name: name)
        let errors = PluginErrors(process, maximumLine: limits.errorLine) { _ in }
        process.closeInput()
        let outcome: Result<[UInt8], any Error>
        do {
            outcome = .success(
                try await withTaskCancellationHandler {
                    try await text(of: process, name, limits)
                } onCancel: {
                    process.interrupt()
                })
        } catch { outcome = .failure(error) }
        let hasText = if case .success = outcome { true } else { false }
        let (ending, lastLine) = await onOwnThread {
            (
                process.end(farewell: nil, patience: hasText ? limits.exit : .zero, limits), errors.lastLine()
            )
        }
        try Task.checkCancellation()
        let bytes = try outcome.get()
        guard ending == .status(0) else {
            let how =
                switch ending {
                case .status(let status): "fails with exit status \(status)"
                case .signal(let number): "was ended by \(PluginProcess.signalName(number))"
                case .lost: "hangs"
                }
            throw ShellError.plugin(name, "\(how) when asked for its metadata", hint: lastLine.map { "it said: \($0)" })
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw ShellError.plugin(name, "has metadata that is not UTF-8")
        }
        do {
            let value = try JSONValue.parse(bytes)
            let own = value["name"]?.stringValue.flatMap { PluginParameter.isName($0) ? $0 : nil }
            return try PluginMetadata(value, name: expected ?? own ?? name)
        } catch let error as JSONError {
            throw ShellError.plugin(name, "has metadata that is not JSON: \(error)")
        }
    }

    /// All that it prints, within the time and the size that metadata may take.
    private static func text(of process: PluginProcess, _ name: String, _ limits: PluginLimits) async throws -> [UInt8]
    {
        let output = PluginOutput(process, maximumLine: limits.metadataBytes)
        let end = ContinuousClock.now + limits.metadata
        let tooLarge = ShellError.plugin(name, "has metadata of more than \(limits.metadataBytes >> 10) KiB")
        var bytes: [UInt8] = []
        while true {
            switch await output.next(within: max(end - ContinuousClock.now, .zero)) {
            case .line(let line): bytes += line + [UInt8(ascii: "\n")]
            case .end(let rest): return bytes + rest
            case .woken: throw CancellationError()
            case .timedOut:
                throw ShellError.plugin(
                    name, "did not give its metadata within \(limits.metadata.milliseconds / 1000) s")
            case .tooLong: throw tooLarge
            }
            if bytes.count > limits.metadataBytes { throw tooLarge }
        }
    }
}
