import Testing

@testable import Commands

/// Words as Docker's client reads them; what it prints was taken from version 28.2.2.
@Suite struct DockerWordsTests {
    private static let flags: [DockerFlag] = [
        .bool("all", "a", ""), .bool("quiet", "q", ""), .bool("human", "H", "", isOn: true), .string("format", nil, ""),
        .filter("f", "", keys: []), .int("limit", nil, ""), .list("change", "c", ""), .strings("platform", ""),
    ]

    /// `name=value … | argument …`, or what is wrong.
    private func read(_ words: [String], interspersed: Bool = true) -> String {
        do throws(DockerWords.Mistake) {
            let line = try DockerWords(words, flags: Self.flags, interspersed: interspersed)
            let given = line.given.map { "\($0.flag.name)=\($0.value)" }.joined(separator: " ")
            return given + " | " + line.arguments.joined(separator: " ") + (line.wantsHelp ? " | help" : "")
        } catch { return error.text }
    }

    @Test(arguments: [
        (["a", "-q", "b"], "quiet=true | a b"), (["-aq"], "all=true quiet=true | "),
        (["-aq=false", "x"], "all=true quiet=false | x"), (["--quiet=0"], "quiet=false | "),
        (["--format", "x", "--format=y="], "format=x format=y= | "), (["--format="], "format= | "),
        (["--", "-q", "--"], " | -q --"), (["-", "x"], " | - x"),
        (["-fa=b", "-f", "c=d", "-f=e=f"], "filter=a=b filter=c=d filter=e=f | "),
        (["--filter", ""], " | "), (["--platform", "a,b", "--platform=c"], "platform=a platform=b platform=c | "),
        (["--limit=-3"], "limit=-3 | "), (["-H=false"], "human=false | "), (["-h"], "help=true |  | help"),
        (["--help=false", "x"], "help=false | x"), (["-c", "-q"], "change=-q | "),
        (["--foo"], "unknown flag: --foo"), (["--foo=1"], "unknown flag: --foo"), (["--"], " | "),
        (["-ax"], "unknown shorthand flag: 'x' in -x"), (["-xa"], "unknown shorthand flag: 'x' in -xa"),
        (["-q="], "unknown shorthand flag: '=' in -="), (["---"], "bad flag syntax: ---"),
        (["--=x"], "bad flag syntax: --=x"), (["--format"], "flag needs an argument: --format"),
        (["-af"], "flag needs an argument: 'f' in -f"),
        (["-q=x"], "invalid argument \"x\" for \"-q, --quiet\" flag: strconv.ParseBool: parsing \"x\": invalid syntax"),
        (
            ["--limit=1x"],
            "invalid argument \"1x\" for \"--limit\" flag: strconv.ParseInt: parsing \"1x\": invalid syntax"
        ),
        (
            ["--limit=99999999999999999999"],
            "invalid argument \"99999999999999999999\" for \"--limit\" flag: strconv.ParseInt: parsing \"99999999999999999999\": value out of range"
        ),
        (["-f", "x"], "invalid argument \"x\" for \"-f, --filter\" flag: bad format of filter (expected name=value)"),
    ]) func reads(words: [String], expected: String) {
        #expect(read(words) == expected)
    }

    @Test func flagsEndAtTheFirstArgument() {
        #expect(read(["-q", "images", "-a", "--foo"], interspersed: false) == "quiet=true | images -a --foo")
    }

    @Test func aPlainLineHasTheSameFlags() throws {
        let line = try DockerWords(
            ["-q", "x", "--format=a b", "-f", "k=v", "-f", "l=w", "--limit", "3"], flags: Self.flags)
        #expect(
            line.plain("images", leavingOut: ["limit"]) == [
                "images", "--quiet=true", "--format=a b", "--filter=k=v", "--filter=l=w", "--", "x",
            ])
    }
}
