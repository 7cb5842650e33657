import Testing

@Suite struct DfTests {
    static let lines: [Line] = [
        Line("df | map(.Type)", #"["Images","Containers","Local Volumes","Build Cache"]"#),
        Line("df | map(.TotalCount, .Active, .Size, .Reclaimable, .DiskSize) | unique", "[0]"),
        Line(
            "df | .[0].Disk | map_values(.Size) | to_entries | map(.key)",
            #"["Blobs","Unreferenced","Partials","Quarantine","Cache"]"#),
        Line("df | .[1].Disk", "null"),
        Line("df --verbose", "[]"),
        Line("info | .Backend, .Images, .Store", #""local""#, "0", #""/nonexistent/store""#),
        Line("info | .Libraries | has(\"jq\", \"curl\")", "true", "true"),
        Line("fsck", "[]"),
        Line("fsck --quick --repair --dry-run", "[]"),
        Line("[] | fsck", "[]"),
        Line("fsck nginx", error: "not_found: no such image: nginx:latest"),
    ]

    @Test(arguments: lines) func line(_ line: Line) async {
        let outcome = await run(line.text)
        #expect(outcome.values == line.values, "\(outcome)")
        #expect(outcome.error == line.error)
    }
}
