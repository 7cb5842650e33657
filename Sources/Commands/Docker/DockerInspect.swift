import Backend
import GoTemplate
import JSON
import OCI
import Shell

/// `docker inspect`: of all that Docker knows, images are here.
enum DockerInspect {
    static let command = DockerCommand(
        paths: ["inspect"], usage: "[OPTIONS] NAME|ID [NAME|ID...]",
        summary: "Return low-level information on Docker objects",
        flags: [
            .string("format", "f", DockerFlag.documentFormat),
            .bool("size", "s", "Display total file sizes if the type is container"),
            .string("type", nil, "Only inspect objects of the given type", choices: types),
        ], arguments: .atLeast(1), names: .localImage,
        plain: { words in
            ["", "image"].contains(words.string("type") ?? "")
                ? words.plain("inspect", leavingOut: ["size", "type"]) : nil
        }, isRepeatable: true,
        failure: { error, words in
            let texts = ([error] + error.others).map { failure($0, words) }
            return DockerFailure.error(
                texts.joined(separator: "\n"), code: ShellError.Code(rawValue: error.code.rawValue))
        }, run: run)

    private static let types = [
        "config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume",
    ]

    @Sendable private static func run(_ call: DockerCall) async throws {
        let words = call.words
        let type = words.string("type") ?? ""
        if words.isGiven("type"), !types.contains(type) {
            let known = types.map { "\"\($0)\"" }.joined(separator: ", ")
            let text =
                type.isEmpty
                ? "type is empty: must be one of \(known)" : "unknown type: \"\(type)\": must be one of \(known)"
            throw DockerFailure.error(text, code: .usage)
        }
        let isImage = ["", "image"].contains(type)
        var report = DockerInspection(try DockerInspection.template(words))
        for name in call.arguments {
            if !isImage {
                report.failures.append(missing(name, type))
                continue
            }
            do throws(BackendError) {
                report.add(try await call.context.backend.inspect(name, platform: nil))
                if words.isOn("size") { report.notes.append("WARNING: --size ignored for image\n") }
            } catch {
                if error.code == .interrupted { throw error }
                report.failures.append(
                    (failure(error.about(name), words), ShellError.Code(rawValue: error.code.rawValue)))
            }
        }
        try await report.show(call)
    }

    private static func failure(_ error: BackendError, _ words: DockerWords) -> String {
        let name = error.argument ?? words.arguments.first ?? ""
        if words.string("type") == "image" { return DockerImageInspect.failure(error, name) }
        if name.isEmpty { return "invalid container name or ID: value is empty" }
        switch error.code {
        case .notFound, .invalidReference: return "Error: No such object: \(name)"
        default: return "Error response from daemon: " + DockerFailure.engineText(error)
        }
    }

    /// What an engine says that has none of these.
    private static func missing(_ name: String, _ type: String) -> (text: String, code: ShellError.Code) {
        let text =
            switch type {
            case "container": "No such container: \(name)"
            case "volume": "get \(name): no such volume"
            case "network": "network \(name) not found"
            case "plugin": "plugin \"\(name)\" not found"
            default:
                "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again."
            }
        return ("Error response from daemon: " + text, .notFound)
    }
}

/// `docker image inspect`.
enum DockerImageInspect {
    static let command = DockerCommand(
        paths: ["image inspect"], usage: "[OPTIONS] IMAGE [IMAGE...]",
        summary: "Display detailed information on one or more images",
        flags: [
            .string("format", "f", DockerFlag.documentFormat),
            .string(
                "platform", nil,
                """
                Inspect a specific platform of the multi-platform image.
                If the image or the server is not multi-platform capable, the command will error out if the platform does not match.
                'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)
                """),
        ], arguments: .atLeast(1), names: .localImage, plain: { $0.plain("inspect") },
        isRepeatable: true,
        failure: { error, words in
            let texts = ([error] + error.others).map { failure($0, $0.argument ?? words.arguments.first ?? "") }
            return DockerFailure.error(
                texts.joined(separator: "\n"), code: ShellError.Code(rawValue: error.code.rawValue))
        }, run: run)

    @Sendable private static func run(_ call: DockerCall) async throws {
        let platform = try call.words.string("platform").map(DockerPlatform.parse)
        var report = DockerInspection(try DockerInspection.template(call.words))
        for name in call.arguments {
            do throws(BackendError) {
                report.add(try await call.context.backend.inspect(name, platform: platform))
            } catch {
                if error.code == .interrupted { throw error }
                report.failures.append((failure(error, name), ShellError.Code(rawValue: error.code.rawValue)))
            }
        }
        try await report.show(call)
    }

    static func failure(_ error: BackendError, _ name: String) -> String {
        if name.isEmpty { return "Error: No such image: " }
        let text = DockerFailure.engineText(error)
        switch error.code {
        case .notFound, .invalidReference: return "Error response from daemon: no such image: \(name): \(text)"
        default: return "Error response from daemon: \(text)"
        }
    }
}
