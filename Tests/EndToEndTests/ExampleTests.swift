import Fixtures
import Foundation
import JSON
import Testing

/// Every example that dsh shows, in `help` and in the README, runs.
@Suite struct ExampleTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path

    /// A store and a directory with what the examples speak of.
    private func furnished() throws -> Sandbox {
        let sandbox = Sandbox()
        let pulled = sandbox.dsh("pull -q nginx nginx:1.25 nginx:alpine node:20 alpine:3.19")
        try #require(pulled.code == 0, "\(pulled)")
        try #require(sandbox.dsh("tag nginx:1.25 myuser/my-app:v2.0").code == 0)
        sandbox.directory.write("work/rootfs/bin/hello", "hello\n")
        // What `logout` speaks of.
        sandbox.directory.write("home/.docker/config.json", #"{"auths": {"quay.io": {"auth": "bWU6aXQ="}}}"#)
        sandbox.directory.write("work/policy.json", #"{"Ports": ["80/tcp"], "MaximumAge": "100y"}"#)

        sandbox.directory.write("work/images.txt", "# ours\nnginx:1.25\n")
        let packed = DockerArchive([(["lab/plain:1"], StandardImages.named("lab/plain", "1"))]).bytes
        sandbox.directory.write("work/from-docker.tar", packed)
        sandbox.directory.write("work/from-docker.tar.gz", gzip(packed))
        let plugin = try #require(readFile(Self.root + "/scripts/plugins/dsh-packages"))
        chmod(sandbox.directory.write("work/dsh-packages", plugin), 0o755)
        let archive = sandbox.tool("tar", "-czf", "rootfs.tar.gz", "-C", "rootfs", ".")
        try #require(archive.code == 0, "\(archive)")
        return sandbox
    }

    /// The lines below `examples:` in a command's help, without their notes.
    private func examples(_ help: String) -> [String] {
        let lines = help.components(separatedBy: "\n")
        guard let start = lines.firstIndex(of: "examples:") else { return [] }
        return lines[(start + 1)...].filter { $0.hasPrefix("  ") && !$0.hasPrefix("  # ") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test func everyExampleOfHelpRuns() throws {
        let bare = Sandbox(registry: nil)
        let commands = value(bare.dsh("help | map(select(.Category | IN(\"Images\", \"Registries\", \"Shell\")).Name)"))
        // `login` asks a person; LoginTests answer for one.
        let others = ExampleTests.writers + ["login"]
        let names = (commands.arrayValue?.compactMap(\.stringValue) ?? []).filter { !others.contains($0) }
        #expect(names.count > 20)
        let sandbox = try furnished()
        let kept = sandbox.directory.path + "/kept"
        try #require(sandbox.tool("cp", "-a", sandbox.store, kept).code == 0)
        for name in names {
            let lines = examples(bare.dsh("help \(name)").output)
            for line in lines {
                // An example may remove what another speaks of.
                try #require(
                    sandbox.tool("sh", "-c", "rm -rf \"$0\" && cp -a \"$1\" \"$0\"", sandbox.store, kept).code == 0)
                let result = sandbox.dsh(line)
                #expect(result.code == 0, "help \(name): \(result)")
            }
        }
    }

    // MARK: The README

    private struct CodeBlock {
        let section: String
        let text: String
        var lines: [String] { text.components(separatedBy: "\n") }
    }

    private func blocks() throws -> [CodeBlock] {
        var blocks: [CodeBlock] = []
        var section = ""
        var open: [String]?
        for line in try String(contentsOfFile: Self.root + "/README.md", encoding: .utf8).components(separatedBy: "\n")
        {
            if line.hasPrefix("```") {
                if let lines = open { blocks.append(CodeBlock(section: section, text: lines.joined(separator: "\n"))) }
                open = open == nil ? [] : nil
            } else if open != nil {
                open?.append(line)
            } else if line.hasPrefix("## ") {
                section = String(line.dropFirst(3))
            }
        }
        return blocks
    }

    private static let writers = ["push", "copy", "sync", "multiarch", "annotate"]

    /// On a registry of their own, which stands in for all that they name.
    @Test func everyExampleThatWritesToRegistriesRuns() throws {
        let registry = RegistryServer(StandardImages.all)
        let sandbox = Sandbox(registry: registry)
        let ours = [
            "[[registry]]", #"prefix = "registry.example.com""#, #"location = "\#(registry.host)""#, "insecure = true",
        ]
        sandbox.directory.write("registries.conf", registry.registriesConf + ours.joined(separator: "\n") + "\n")
        sandbox.directory.write(
            "work/from-docker.tar", DockerArchive([(["lab/plain:1"], StandardImages.named("lab/plain", "1"))]).bytes)
        let made = sandbox.script(
            """
            pull -q --all-platforms nginx:1.25
            tag nginx:1.25 myuser/my-app:v2.0
            tag nginx:1.25 ci/app:1
            copy -q nginx:1.25 registry.example.com/app:1
            copy -q --platform linux/amd64 nginx:1.25 registry.example.com/app:1-amd64
            copy -q --platform linux/arm64 nginx:1.25 registry.example.com/app:1-arm64
            copy -q nginx:1.25 ghcr.io/owner/app:1.2
            """)
        try #require(made.code == 0, "\(made)")
        for name in ExampleTests.writers {
            for line in examples(sandbox.dsh("help \(name)").output) {
                let result = sandbox.dsh(line)
                #expect(result.code == 0, "help \(name): \(result)")
            }
        }
    }

    @Test func whatTheReadmeTypesAtThePromptRuns() throws {
        let sandbox = Sandbox()
        let lines = try blocks().flatMap(\.lines).filter { $0.hasPrefix("dsh> ") }.map { String($0.dropFirst(5)) }
        #expect(lines.count > 4)
        let terminal = sandbox.terminal(columns: 160, rows: 200)
        for (index, line) in lines.enumerated() {
            try #require(
                terminal.wait { $0.components(separatedBy: "dsh>").count == index + 2 },
                "before \(line):\n\(terminal.history)")
            // Only images of the fixture's registry can be pulled.
            terminal.send((line == "pull nginx:1.25" ? "pull nginx:1.25 nginx:alpine" : line) + "\r")
        }
        #expect(terminal.wait { $0.components(separatedBy: "dsh>").count == lines.count + 2 }, "\(terminal.history)")
        #expect(!terminal.history.contains("error["), "\(terminal.history)")
    }

    @Test func whatTheReadmeTypesInAShellRuns() throws {
        let sandbox = try furnished()
        sandbox.directory.directory("bin")
        try FileManager.default.createSymbolicLink(
            atPath: sandbox.directory.path + "/bin/dsh", withDestinationPath: Sandbox.binary)
        try FileManager.default.createSymbolicLink(
            atPath: sandbox.directory.path + "/work/scripts", withDestinationPath: Self.root + "/scripts")
        sandbox.directory.write("work/Dockerfile", "FROM nginx:1.25\n")
        let lines = try blocks().flatMap(\.lines).filter { $0.hasPrefix("$ dsh ") }.map { String($0.dropFirst(2)) }
        #expect(lines.count > 2)
        for line in lines {
            let result = sandbox.tool("sh", "-c", "PATH='\(sandbox.directory.path)/bin':$PATH; \(line)")
            #expect(result.code == 0, "\(result)")
        }
    }

    @Test func theReadmesScriptsRun() throws {
        let sandbox = try furnished()
        let scripts = try blocks().filter { $0.section == "The language in a minute" }
        #expect(scripts.count > 1)
        for block in scripts {
            let result = sandbox.script(block.text, "nginx:1.25", "alpine:3.19")
            #expect(result.code == 0 && result.errors.isEmpty, "\(block.text)\n\(result)")
        }
    }
}
