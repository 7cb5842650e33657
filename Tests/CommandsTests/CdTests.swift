import Fixtures
import Foundation
import Testing

/// `cd` and `pwd`. The working directory is the process's, so nothing else here may depend on it, and one test has it all.
@Suite(.serialized) struct CdTests {
    @Test func goesThereAndBack() async throws {
        let before = FileManager.default.currentDirectoryPath
        defer { #expect(FileManager.default.changeCurrentDirectoryPath(before)) }
        let directory = TemporaryDirectory()
        directory.directory("home/sub")
        let home = directory.path + "/home"
        let environment = ["HOME": home]
        let lines = [
            Line("cd '\(directory.path)'; pwd", "\"\(directory.path)\""),
            Line("cd home/sub; pwd", "\"\(home)/sub\""),
            Line("cd; pwd; cd sub; pwd; cd -; pwd", "\"\(home)\"", "\"\(home)/sub\"", "\"\(home)\""),
            Line("cd ~/sub; pwd; cd ~; pwd; cd ..; pwd", "\"\(home)/sub\"", "\"\(home)\"", "\"\(directory.path)\""),
            Line("cd nowhere", error: "not_found: cannot go to nowhere: No such file or directory"),
            Line("cd -", error: "usage: there is no directory before this one"),
        ]
        for line in lines {
            let outcome = await run(line.text, environment: environment)
            #expect(outcome.values == line.values, "\(line.text)")
            #expect(outcome.error == line.error, "\(line.text)")
        }
        #expect(await run("cd").error == "usage: HOME is not set, so cd needs a directory")
    }
}
