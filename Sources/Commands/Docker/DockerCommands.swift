/// Every line of Docker's that dsh knows: the only list of them.
enum DockerCommands {
    static let all = [
        DockerImages.command, DockerInspect.command, DockerImageInspect.command, DockerHistory.command,
        DockerPull.command, DockerPush.command, DockerRmi.command, DockerTag.command, DockerImport.command,
        DockerSave.command, DockerLoad.command, DockerVersion.command,
        DockerSearch.command, DockerImagePrune.command, DockerSystemDf.command, DockerSystemPrune.command,
        DockerInfo.command, DockerManifestInspect.command,
        DockerLogin.command, DockerLogout.command,
    ]

    /// The command that words lead to, and what it is called there; nil where there is none.
    static func find(_ path: [String]) -> (command: DockerCommand, name: String)? {
        let words = path.joined(separator: " ")
        for command in all {
            let name = command.synonyms[words] ?? words
            if command.paths.contains(name) { return (command, name) }
        }
        return nil
    }
}
