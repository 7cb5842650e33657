import Testing

@Suite struct PruneTests {
    static let lines: [Line] = [
        Line("prune --dry-run", "[]"),
        Line("prune --force", "[]"),
        Line(
            "prune --all --force --filter until=24h --filter label=a=b --filter 'label!=c' --filter reference=x", "[]"),
        Line("prune --all -f --filter 'reference!=x'", "[]"),
        // Where nothing would go, nobody is asked.
        Line("prune", "[]"),
        Line("[] | prune --plan", "[]"),
        Line("prune --filter nope=1 -f", error: "usage: invalid filter 'nope'"),
        Line("prune --filter before=x -f", error: "usage: invalid filter 'before'"),
        Line("prune --filter until -f", error: "usage: invalid argument \"until\" for --filter"),
        Line("prune --filter until=soon -f", error: "usage: invalid time \"soon\""),
        Line("prune --filter until=1h --filter until=2h -f", error: "usage: more than one until filter specified"),
        Line("prune --filter reference=x -f", error: "usage: a filter for references needs --all"),
        Line("prune --filter 'reference!=x' -f", error: "usage: a filter for references needs --all"),
        Line("prune --all -f --filter 'reference=['", error: "usage: syntax error in pattern: \"[\""),
        Line("prune --plan", error: "usage: --plan needs a plan in the pipe"),
        Line("[] | prune", error: "usage: prune takes no images from the pipe"),
        Line("[] | prune --plan --all", error: "usage: --plan takes no --all and no --filter"),
        Line("[1] | prune --plan", error: "usage: what is piped in is no plan"),
        Line(
            "{Kind: \"image\", Subject: \"x\", Id: \"y\", Digest: null} | prune --plan",
            error: "usage: what is piped in is no plan"),
        Line(
            "{Kind: \"reference\", Subject: \"x\", Id: null, Digest: null} | prune --plan",
            error: "conflict: the store has changed since the plan was made: x is no longer here"),
    ]

    @Test(arguments: lines) func line(_ line: Line) async {
        let outcome = await run(line.text)
        #expect(outcome.values == line.values)
        #expect(outcome.error == line.error)
        if line.error != nil { #expect(outcome.hint?.isEmpty == false) }
    }
}
