import JSON
import Units

/// `HEALTHCHECK [flags] CMD command` or `HEALTHCHECK NONE` as the config's `Healthcheck`: durations in nanoseconds.
struct HealthcheckInstruction {
    static let flags = ["interval", "timeout", "start-period", "start-interval", "retries"]

    let json: JSONValue

    /// Throws with Docker's words.
    init(_ instruction: DockerfileInstruction) throws(BackendError) {
        let type = instruction.text.prefix { $0 != " " && $0 != "\t" }
        let rest = String(instruction.text.dropFirst(type.count).drop { $0 == " " || $0 == "\t" })
        var object = JSONObject()
        switch type.uppercased() {
        case "NONE":
            guard rest.isEmpty else { throw BackendError(.usage, "HEALTHCHECK NONE takes no arguments") }
            json = ["Test": ["NONE"]]
            return
        case "CMD":
            let command = rest.isEmpty ? [] : try ConfigChange.command(rest)
            guard !command.isEmpty else { throw BackendError(.usage, "Missing command after HEALTHCHECK CMD") }
            let isList = command != [.string("/bin/sh"), .string("-c"), .string(rest)]
            object["Test"] = .array(isList ? [.string("CMD")] + command : [.string("CMD-SHELL"), .string(rest)])
        default:
            throw BackendError(
                .usage, "Unknown type \"\(type.uppercased())\" in HEALTHCHECK (try CMD)",
                hint: "as in `HEALTHCHECK --interval=30s CMD curl -f http://localhost/`, or `HEALTHCHECK NONE`")
        }
        let keys = [
            ("interval", "Interval"), ("timeout", "Timeout"), ("start-period", "StartPeriod"),
            ("start-interval", "StartInterval"),
        ]
        for (flag, key) in keys {
            guard let text = instruction.flags[flag], !text.isEmpty else { continue }
            object[key] = .number(try HealthcheckInstruction.nanoseconds(text, flag: flag))
        }
        if let text = instruction.flags["retries"], !text.isEmpty {
            guard let retries = Int32(text) else {
                throw BackendError(.usage, "strconv.ParseInt: parsing \"\(text)\": invalid syntax")
            }
            guard retries >= 1 else {
                throw BackendError(.usage, "--retries must be at least 1 (not \(retries))")
            }
            object["Retries"] = .number(Double(retries))
        }
        json = .object(object)
    }

    private static func nanoseconds(_ text: String, flag: String) throws(BackendError) -> Double {
        let duration: GoDuration
        do { duration = try GoDuration(text) } catch {
            throw BackendError(.usage, error.message, hint: "a number with a unit: 30s, 1m30s, 500ms")
        }
        guard duration.nanoseconds >= 1_000_000 else {
            throw BackendError(.usage, "Interval \"\(flag)\" cannot be less than 1ms")
        }
        return duration.nanoseconds
    }
}
