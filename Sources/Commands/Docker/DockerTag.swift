import Backend
import Shell

/// `docker tag`, `docker image tag`.
enum DockerTag {
    static let command = DockerCommand(
        paths: ["tag", "image tag"], usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
        summary: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE", aliases: "docker image tag, docker tag",
        arguments: .exactly(2), interspersed: false, names: .localImage, plain: { $0.plain("tag") },
        failure: { error, _ in
            switch error.code {
            // The client looks at both names before it asks the engine.
            case .invalidReference:
                let text = error.message.prefix(1).uppercased() + error.message.dropFirst()
                let isDigest = error.message.hasPrefix("refusing")
                return DockerFailure.error(isDigest ? error.message : text, code: .invalidReference)
            default: return DockerFailure.fromEngine(error)
            }
        },
        run: { call in
            let result = try await call.context.backend.tag(call.arguments[0], as: call.arguments[1], dryRun: false)
            call.meaning.add(result.json)
        })
}
