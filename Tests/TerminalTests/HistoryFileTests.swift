import Fixtures
import Foundation
import Synchronization
import Terminal
import Testing

@Suite struct HistoryFileTests {
    let directory = TemporaryDirectory()

    @Test func entriesComeBackAsTheyWere() throws {
        let file = HistoryFile(path: directory.path + "/state/dsh/history")
        #expect(file.load().isEmpty)
        let entries = ["images", "for x in (images) {\n  rmi \\(x)\n}", #"echo "a\nb\\c""#, "日本語 ß"]
        for entry in entries { try file.append(entry) }
        #expect(HistoryFile(path: file.path).load() == entries)
        let mode = try #require(FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int)
        #expect(mode == 0o600)
    }

    @Test func aLineThatWasCutShortSwallowsNothing() throws {
        let path = directory.write("history", "images\npull ng")
        let file = HistoryFile(path: path)
        try file.append("df")
        #expect(file.load() == ["images", "pull ng", "df"])
    }

    @Test func bounded() throws {
        let file = HistoryFile(path: directory.path + "/history", limit: 500)
        for number in 0..<2000 { try file.append("entry \(number)") }
        #expect(file.load() == (1500..<2000).map { "entry \($0)" })
        let lines = try String(contentsOfFile: file.path, encoding: .utf8).split(separator: "\n").count
        #expect(lines <= 600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["history", "history.lock"])
    }

    /// Several shells append at once, while some of them rewrite the file: the newest entries of all are there, and no
    /// line is torn.
    @Test func sharedByManyShells() throws {
        let path = directory.path + "/history"
        let failures = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 8) { shell in
            let file = HistoryFile(path: path, limit: 300)
            for number in 0..<100 {
                do { try file.append("shell \(shell) entry \(number)") } catch { failures.withLock { $0 += 1 } }
            }
        }
        #expect(failures.withLock { $0 } == 0)
        let entries = HistoryFile(path: path, limit: 10_000).load()
        #expect(entries.count >= 300)
        #expect(Set(entries).count == entries.count)
        for shell in 0..<8 {
            let own = entries.compactMap { entry -> Int? in
                let words = entry.split(separator: " ")
                #expect(words.count == 4)
                return words.count == 4 && words[1] == "\(shell)" ? Int(words[3]) : nil
            }
            // Nothing is lost from the middle, and each shell's order holds.
            #expect(own == Array((100 - own.count)..<100))
        }
    }

    @Test func noPlaceToWrite() {
        let path = directory.write("file", "")
        #expect(throws: TerminalError.self) { try HistoryFile(path: path + "/history").append("x") }
    }
}
