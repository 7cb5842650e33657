import Fixtures
import Foundation
import Testing

@Suite struct WriteTests {
    private func content(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    static let formats: [(name: String, options: String, content: String)] = [
        ("a.json", "", "{\n  \"a\": 1\n}\n\"b\\nc\"\n[]\n"), ("a.jsonl", "", "{\"a\":1}\n\"b\\nc\"\n[]\n"),
        ("a.ndjson", "", "{\"a\":1}\n\"b\\nc\"\n[]\n"), ("a.txt", "", "{\"a\":1}\nb\nc\n[]\n"),
        ("a", "--as json", "{\n  \"a\": 1\n}\n\"b\\nc\"\n[]\n"), ("a.json", "--as lines", "{\"a\":1}\nb\nc\n[]\n"),
    ]

    @Test(arguments: formats) func writes(_ name: String, _ options: String, _ expected: String) async {
        let directory = TemporaryDirectory()
        let path = directory.path + "/" + name
        let outcome = await run("{a: 1}, \"b\\nc\", [] | write '\(path)' \(options)")
        #expect(outcome.error == nil)
        #expect(
            outcome.values == [
                #"{"Path":"\#(path)","Status":"created","Values":3,"Bytes":\#(expected.utf8.count)}"#
            ])
        #expect(content(path) == expected)
        // Nothing stays behind.
        #expect((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) == [name])
    }

    @Test func textIsWrittenToTheByte() async {
        let directory = TemporaryDirectory()
        let path = directory.path + "/a"
        #expect(await run("\"a\", \"b\\n\", \"\" | write '\(path)' --as text").error == nil)
        #expect(content(path) == "ab\n")
        #expect(
            await run("1 | write '\(path)' --as text --force").error == "usage: a text file holds texts, not number")
        #expect(content(path) == "ab\n")
    }

    @Test func leavesAFileThatIsThere() async {
        let directory = TemporaryDirectory()
        let path = directory.write("a", "old\n")
        #expect(await run("1 | write '\(path)'").error == "conflict: \(path) exists already")
        #expect(await run("1 | write '\(path)' --dry-run").error == "conflict: \(path) exists already")
        #expect(content(path) == "old\n")
        let plan = await run("1 | write '\(path)' --force --dry-run")
        #expect(content(path) == "old\n")
        #expect(plan.values == [#"{"Path":"\#(path)","Status":"replaced","Values":1,"Bytes":2}"#])
        #expect(await run("1 | write '\(path)' --force") == plan)
        #expect(content(path) == "1\n")
        let more = await run("2 | write '\(path)' --append --dry-run")
        #expect(more.values == [#"{"Path":"\#(path)","Status":"appended","Values":1,"Bytes":2}"#])
        #expect(content(path) == "1\n")
        #expect(await run("2 | write '\(path)' --append") == more)
        #expect(content(path) == "1\n2\n")
        #expect(
            await run("2 | write '\(path)' --append --force").error == "usage: --force and --append exclude each other")
    }

    /// An error in the midst leaves what was there, and no part of what was to come.
    @Test func isWholeOrNotAtAll() async {
        let directory = TemporaryDirectory()
        let path = directory.write("a", "old\n")
        let failing = "range(100000) | if . == 99999 then error(\"late\") else . end"
        #expect(await run("\(failing) | write '\(path)' --force").error == "filter: late")
        #expect(content(path) == "old\n")
        #expect(await run("\(failing) | write '\(directory.path)/new'").error == "filter: late")
        #expect((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) == ["a"])
    }

    @Test func keepsTheModeAndTheLink() async throws {
        let directory = TemporaryDirectory()
        let path = directory.write("real", "old\n")
        #expect(chmod(path, 0o640) == 0)
        #expect(symlink("real", directory.path + "/link") == 0)
        #expect(await run("1 | write '\(directory.path)/link' --force").error == nil)
        #expect(content(path) == "1\n")
        var status = stat()
        #expect(lstat(directory.path + "/link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
    }

    @Test func writesToADevice() async {
        #expect(
            await run("1 | write /dev/null").values == [
                #"{"Path":"/dev/null","Status":"written","Values":1,"Bytes":2}"#
            ])
        #expect(
            await run("1 | write /dev/null --append --dry-run").values == [
                #"{"Path":"/dev/null","Status":"written","Values":1,"Bytes":2}"#
            ])
    }

    @Test func refusesWhatItCannotWrite() async {
        let directory = TemporaryDirectory()
        #expect(
            await run("1 | write '\(directory.path)'").error == "io: cannot write \(directory.path): Is a directory")
        #expect(
            await run("1 | write '\(directory.path)/no/a'").error
                == "not_found: cannot write \(directory.path)/no/a: No such file or directory")
        #expect(await run("write a").error == "usage: write needs values from the pipe")
        #expect(await run("1 | write /dev/full").error == "no_space: cannot write /dev/full: No space left on device")
    }
}
