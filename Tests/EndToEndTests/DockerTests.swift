import Fixtures
import Foundation
import JSON
import Testing

/// The word `docker` in the built dsh: streams, exit status, doors. The texts are scripts/dev/oracle's business.
@Suite struct DockerTests {
    @Test func aPullTellsItsLayersAsDockerDoes() throws {
        let sandbox = Sandbox()
        let first = sandbox.dsh("docker pull alpine:3.19")
        #expect(first.code == 0 && first.errors.isEmpty, "\(first)")
        let lines = first.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "3.19: Pulling from library/alpine")
        #expect(
            lines.contains { $0.hasSuffix(": Pulling fs layer") } && lines.contains { $0.hasSuffix(": Pull complete") })
        #expect(
            lines.suffix(2) == ["Status: Downloaded newer image for alpine:3.19", "docker.io/library/alpine:3.19"])
        let again = sandbox.dsh("docker pull alpine:3.19")
        #expect(again.output.contains("Status: Image is up to date for alpine:3.19\n"), "\(again)")
        #expect(sandbox.dsh("docker pull -q alpine").output == "docker.io/library/alpine:latest\n")
        expectValidStore(sandbox.store)
    }

    @Test func textGoesToProgramsAndValuesToFilters() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("docker pull -q alpine:3.19").code == 0)
        let program = sandbox.dsh("docker images | !grep -c '^alpine  *3.19 '")
        #expect(program.output == "\"1\"\n", "\(program)")
        #expect(value(sandbox.dsh("docker inspect alpine:3.19 | jq '.[0].Config.Cmd'")) == ["/bin/sh"])
        #expect(value(sandbox.dsh("docker images | map(.Size) | add > 1000")) == true)
        #expect(value(sandbox.dsh("docker images --format '{{json .}}' | jq .Repository")) == "alpine")
        #expect(value(sandbox.dsh("docker inspect --format '{{json .Config}}' alpine:3.19 | jq .Cmd")) == ["/bin/sh"])
        #expect(value(sandbox.dsh("docker version --format json | .Client.Os")) == "linux")
        #expect(value(sandbox.dsh("docker info --format '{{json .}}' | .Images")) == 1)
        #expect(
            value(sandbox.dsh("docker system df --format json | select(.Type == \"Images\") | .TotalCount")) != .null)
        #expect(value(sandbox.run("-o", "json", "-c", "docker images -q")).arrayValue?.count == 1)
        #expect(value(sandbox.dsh("for i in (docker images) { $i.Reference }")) == "alpine:3.19")
    }

    @Test func errorsGoPlainToStandardErrorWithDockersStatus() throws {
        let sandbox = Sandbox(registry: nil)
        let missing = sandbox.dsh("docker rmi a b")
        #expect(missing.code == 1 && missing.output.isEmpty)
        #expect(
            missing.errors == """
                Error response from daemon: No such image: a:latest
                Error response from daemon: No such image: b:latest

                """)
        #expect(sandbox.dsh("docker images --nope").code == 125)
        let template = sandbox.dsh("docker inspect -f '{{' x")
        #expect(template.code == 64 && template.errors == "template parsing error: template: :1: unclosed action\n")
        let script = sandbox.script(
            "docker images -q\ntry { docker rmi a } catch e { $e.code }\ndocker rmi c\necho never\n")
        #expect(script.code == 1 && script.output == "\"not_found\"\n", "\(script)")
        #expect(script.errors == "Error response from daemon: No such image: c:latest\n")
    }

    @Test func aLinkNamedDockerTakesItsArgumentsAsTheyAre() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("docker pull -q alpine:3.19").code == 0)
        let link = sandbox.directory.path + "/docker"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: Sandbox.binary)
        let shown = sandbox.tool(link, "images", "--format", "{{.Tag}} $x \"y\" ; | \\(1) '{{.Repository}}'")
        #expect(shown.code == 0 && shown.output == "3.19 $x \"y\" ; | \\(1) 'alpine'\n", "\(shown)")
        #expect(sandbox.tool(link, "image", "nope").code == 1)
        let help = sandbox.tool(link, "pull", "--help")
        #expect(help.output.hasPrefix("Usage:  docker pull [OPTIONS] NAME[:TAG|@DIGEST]\n"), "\(help)")
    }

    @Test func controlCharactersDoNotReachATerminal() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("docker pull -q lab/odd:1").code == 0)
        let terminal = sandbox.terminal("-c", "docker inspect -f 'a{{printf \"\\x1b[31m\"}}b' lab/odd:1")
        #expect(terminal.waitForEnd() == 0)
        #expect(terminal.raw.contains("a\\x1b[31mb"), "\(terminal.raw)")
        #expect(!terminal.raw.contains("\u{1B}[31m"))
    }

    @Test func tabCompletesLinesOfDockers() throws {
        let sandbox = Sandbox()
        try #require(sandbox.dsh("docker pull -q alpine:3.19").code == 0)
        let terminal = sandbox.terminal()
        try #require(terminal.expect("dsh>"))
        terminal.send("docker hist\t--no-t\tal\t\r")
        #expect(terminal.expect("CREATED BY"), "\(terminal.screen)")
        #expect(terminal.screen.contains("docker history --no-trunc alpine:3.19"), "\(terminal.screen)")
    }
}
