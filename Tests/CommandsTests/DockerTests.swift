import Backend
import JSON
import OCI
import Shell
import Testing

@testable import Commands

/// Lines of Docker's where it shows what dsh makes of them; that the texts are Docker's is what scripts/dev/oracle judges.
@Suite struct DockerTests {
    private static let header = "\"REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\\n\""

    @Test func aLineThatIsShownGivesText() async {
        let outcome = await run("docker images")
        #expect(outcome.values == [Self.header])
        #expect(outcome.shape?.kind == .verbatim)
    }

    @Test(arguments: [
        ("docker images | length", "0"), ("let x = docker images; $x", "[]"),
        ("docker image ls -q | type", "\"array\""),
        ("if (docker images | length == 0) { 1 }", "1"), ("(docker images) | length", "0"),
        ("docker images --format '{{.ID}}' | collect | length", "0"),
        ("docker version | has(\"Version\")", "true"),
    ]) func aLineThatIsPipedOnGivesValues(line: String, expected: String) async {
        let outcome = await run(line)
        #expect(outcome.values == [expected], "\(outcome)")
    }

    @Test func anAskedForFormatGivesValues() async throws {
        let settings = Settings()
        try settings.set("output", to: "json")
        #expect(await run("docker images", settings: settings).values == ["[]"])
    }

    @Test func blocksAndDefinitionsShowTextWhereTheyAreShown() async {
        #expect(await run("def f() { docker images }; f").values == [Self.header])
        #expect(await run("def f() { docker images }; f | length").values == ["0"])
        #expect(await run("\"x\" | each { docker images }").values == [Self.header])
        #expect(await run("\"x\" | each { docker images } | length").values == ["0"])
        #expect(await run("for x in (1, 2) { docker images }").values == [Self.header, Self.header])
    }

    @Test(arguments: [
        ("docker rmi nope", "not_found", "Error response from daemon: No such image: nope:latest\n", 1),
        ("docker inspect nope | length", "not_found", "Error: No such object: nope\n", 1),
        (
            "docker images -z", "usage",
            "unknown shorthand flag: 'z' in -z\n\nUsage:  docker images [OPTIONS] [REPOSITORY[:TAG]]\n\nRun 'docker images --help' for more information\n",
            125
        ),
        ("docker inspect -f '{{' x", "syntax", "template parsing error: template: :1: unclosed action\n", 64),
        (
            "docker nope", "usage",
            "docker: unknown command: docker nope\n\nRun 'docker --help' for more information\n", 1
        ),
    ]) func failuresAreDockers(line: String, code: String, text: String, status: Int32) async {
        do {
            try await runThrowing(line)
            Issue.record("no failure: \(line)")
        } catch let error as ShellError {
            #expect(error.code.rawValue == code)
            #expect(error.render() == text)
            #expect(error.exitStatus == status)
        } catch { Issue.record(error) }
    }

    @Test func catchSeesTheTextAndTheCode() async {
        let outcome = await run("try { docker rmi nope } catch e { $e | \"\\(.code): \\(.message)\" }")
        #expect(outcome.values == ["\"not_found: Error response from daemon: No such image: nope:latest\""])
    }

    @Test(arguments: ["docker ps", "docker run -it x", "docker volume ls", "docker image build .", "docker buildx ls"])
    func whatIsAboutContainersIsSaidToBeOutOfReach(line: String) async {
        let outcome = await run(line)
        #expect(outcome.error?.hasPrefix("unsupported: docker: '") == true, "\(outcome)")
        #expect(outcome.error?.contains("is out of reach") == true, "\(outcome)")
    }

    @Test(arguments: ["docker -H tcp://h images", "docker --context other images", "docker --config /x images"])
    func anotherEngineIsRefused(line: String) async {
        #expect(await run(line).error?.hasPrefix("unsupported: ") == true)
    }

    @Test func wordsAreQuotedAsInAShell() async {
        // Docker's own \t; the $ of a template's variable is escaped, and dsh's variables are put in.
        let line = "let f = \"ID\"; docker images --format \"table {{.$f}}\\t{{with \\$x := .Tag}}{{\\$x}}{{end}}\""
        #expect(await run(line).values == ["\"IMAGE ID   TAG\\n\""])
    }

    @Test func usageOfGroupsGoesToStandardError() async {
        let outcome = await run("docker image")
        #expect(outcome.values.isEmpty)
        #expect(outcome.told.first?.hasPrefix("Usage:  docker image COMMAND\n") == true)
    }

    // MARK: Completion

    @Test(
        arguments: [
            ([], "imag", ["images", "image"]), (["image"], "r", ["rm"]), (["images"], "--no", ["--no-trunc"]),
            (["images", "-f"], "dang", ["dangling="]),
            (["images", "-f"], "dangling=", ["dangling=true", "dangling=false"]),
            (["images"], "--filter=dangling=", ["--filter=dangling=true", "--filter=dangling=false"]),
            (["images", "--format"], "table {{.Re", ["table {{.Repository"]),
            (["images"], "--format={{.Tag}} {{json .Si", ["--format={{.Tag}} {{json .Size"]),
            (["history", "--format"], "{{.CreatedB", ["{{.CreatedBy"]),
            (["search", "--format"], "{{.Star", ["{{.StarCount"]), (["images", "--format"], "{{.ID}} t", []),
            (["images", "--format"], "j", ["json"]), (["inspect", "--type"], "im", ["image"]),
            (["pull", "--platform"], "linux/arm6", ["linux/arm64"]), (["-l"], "de", ["debug"]),
            ([], "--log", ["--log-level"]),
            (["help", "image"], "ta", ["tag"]), (["nope"], "", []),
        ] as [([String], String, [String])])
    func completes(words: [String], prefix: String, expected: [String]) {
        guard case .words(let offered) = DockerCompletion.offer(after: words, prefix: prefix, environment: [:]) else {
            Issue.record("no words")
            return
        }
        let found = offered.map(\.text).filter { $0.hasPrefix(prefix) }
        #expect(found == expected.filter { found.contains($0) } && found.count == expected.count, "\(found)")
    }

    @Test func argumentsAreNames() {
        for words in [["rmi"], ["image", "inspect"], ["history", "-q"], ["rmi", "-f", "x"]] {
            guard case .names(.localImage, _) = DockerCompletion.offer(after: words, prefix: "", environment: [:])
            else {
                Issue.record("\(words)")
                continue
            }
        }
    }

    @Test(arguments: [
        (["images", "-f"], "reference=ng", "reference="), (["images"], "--filter=since=", "--filter=since="),
        (["image", "ls", "--filter"], "before=x", "before="),
    ])
    func aFilterTakesNames(words: [String], prefix: String, head: String) {
        guard case .names(let kind, let found) = DockerCompletion.offer(after: words, prefix: prefix, environment: [:])
        else {
            Issue.record("no names")
            return
        }
        #expect(kind == .localImage && found == head)
    }

    // MARK: The tree

    /// The images that a stub engine gave Docker's client, which printed the text.
    @Test func treeIsLaidOutAsDockers() throws {
        func digest(_ digit: Character) throws -> Digest { try Digest("sha256:" + String(repeating: digit, count: 64)) }
        func variant(
            _ architecture: String, _ variant: String?, _ digit: Character, _ size: Int64, _ content: Int64
        ) throws -> ImageTree.Variant {
            ImageTree.Variant(
                platform: Platform(os: "linux", architecture: architecture, variant: variant), id: nil,
                digest: try digest(digit), size: size, contentSize: content, isAvailable: content > 0)
        }
        let trees = [
            ImageTree(
                names: ["nginx:1.27", "nginx:latest"], digest: try digest("a"), id: try digest("a"), created: nil,
                variants: [try variant("amd64", nil, "b", 553_570, 6_430), try variant("arm64", "v8", "c", 0, 0)]),
            ImageTree(
                names: ["127.0.0.1:41833/lab/a-very-long-name-here:v2"], digest: try digest("e"), id: try digest("e"),
                created: nil, variants: [try variant("amd64", nil, "f", 121_740, 2_260)]),
        ]
        #expect(
            DockerTree.text(trees, width: 80, isBold: false) == """
                WARNING: This is an experimental feature. The output may change and shouldn't be depended on.
                                                                              Info ->  U In Use\u{20}

                IMAGE                           ID             DISK USAGE   CONTENT SIZE   EXTRA
                nginx:1.27
                nginx:latest                    aaaaaaaaaaaa        560kB         6.43kB       \u{20}
                ├─ linux/amd64                  bbbbbbbbbbbb        560kB         6.43kB       \u{20}
                └─ linux/arm64/v8               cccccccccccc           0B             0B       \u{20}

                127.0.0.1:41833/lab/a-very-l…   eeeeeeeeeeee        124kB         2.26kB       \u{20}
                └─ linux/amd64                  ffffffffffff        124kB         2.26kB       \u{20}


                """)
        #expect(
            DockerTree.text([], width: 80, isBold: true).hasSuffix(
                "\u{1B}[39m\u{1B}[1mIMAGE\u{1B}[0m   \u{1B}[39m\u{1B}[1mID\u{1B}[0m             \u{1B}[39m\u{1B}[1mDISK USAGE\u{1B}[0m   \u{1B}[39m\u{1B}[1mCONTENT SIZE\u{1B}[0m   \u{1B}[39m\u{1B}[1mEXTRA\u{1B}[0m\n"
            ))
    }
}
