import Fixtures
import Testing

/// The laboratory itself, with tools that are right by definition as its subjects.
@Suite struct FixtureTests {
    @Test func aRecipeGivesTheSameBytesEveryTime() {
        #expect(StandardImages.alpine().build().root.digest == StandardImages.alpine().build().root.digest)
        #expect(
            StandardImages.alpine().build().root.digest != StandardImages.alpine(label: "x").build().root.digest)
    }

    @Test(arguments: StandardImages.all.map { ($0.repository, $0.tags[0]) })
    func theRegistryServesWhatSkopeoCanCopy(repository: String, tag: String) {
        let registry = RegistryServer.shared
        let directory = TemporaryDirectory()
        let result = runTool(
            "skopeo", "copy", "--quiet", "--all", "--src-tls-verify=false",
            "docker://\(registry.host)/\(repository):\(tag)", "dir:\(directory.path)/copy")
        #expect(result.code == 0, "\(result)")
    }

    @Test(.enabled(if: EngineServer.isAvailable), arguments: ["nginx", "nginx:alpine", "lab/odd:1", "lab/many:120"])
    func theEnginePullsThroughTheMirror(reference: String) {
        let result = EngineServer.shared.docker("pull", "--quiet", reference)
        #expect(result.code == 0, "\(result)")
    }

    @Test func theLayoutIsOneThatOthersRead() {
        let directory = TemporaryDirectory()
        ImageLayout.write([("one", StandardImages.alpine().build())], to: directory.path)
        let result = runTool("skopeo", "inspect", "oci:\(directory.path):one")
        #expect(result.code == 0, "\(result)")
        #expect(result.output.contains("\"Architecture\": \"amd64\""))
    }
}
