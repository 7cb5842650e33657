import Fixtures
import Foundation
import Testing

@Suite struct WhichTests {
    static let lines = [
        Line("which images | .[] | [.Name, .Kind, .Place]", #"["images","command",null]"#),
        Line("which map | .[].Summary", #""map(f)""#), Line("which limit | .[].Kind", #""jq""#),
        Line("which sub | .[].Summary | contains(\"sub(f; f; f)\")", "true"),
        Line("which ago | .[].Kind", #""jq""#),
        Line("def images { 1 }; which images | map(.Kind)", #"["def","command"]"#),
        Line(
            "# Doubles.\ndef twice(x) { $x * 2 }\nwhich twice",
            #"[{"Name":"twice","Kind":"def","Place":"test.dsh:2","Summary":"Doubles."}]"#),
        Line("which imags", error: "not_found: imags means nothing here"),
        Line("which images nothing-here | length", "1", error: "not_found: nothing-here means nothing here"),
    ]

    @Test(arguments: lines) func gives(_ line: Line) async {
        let outcome = await run(line.text)
        #expect(outcome.values == line.values)
        #expect(outcome.error == line.error)
    }

    @Test func findsPrograms() async {
        let directory = TemporaryDirectory()
        directory.write("bin/tool", "#!/bin/sh\n")
        directory.write("bin/data", "")
        #expect(chmod(directory.path + "/bin/tool", 0o755) == 0)
        let environment = ["PATH": "/nonexistent:\(directory.path)/bin"]
        let outcome = await run("which tool | .[] | [.Kind, .Place]", environment: environment)
        #expect(outcome.values == [#"["program","\#(directory.path)/bin/tool"]"#])
        #expect(await run("which data", environment: environment).error == "not_found: data means nothing here")
    }
}
