import Fixtures
import Foundation
import Terminal
import Testing

@Suite struct ProgressTests {
    static let mega: Int64 = 1_000_000

    static func event(_ number: Int, _ state: ProgressEvent.State, _ bytes: Int64 = 0, of total: Int64? = 100)
        -> ProgressEvent
    {
        ProgressEvent(
            id: "sha256:\(number)", label: "layer\(number)a8758716", state: state, bytes: bytes * mega,
            total: total.map { $0 * mega })
    }

    /// The life of a transfer, as frames at fixed moments.
    @Test(arguments: [(80, 24), (120, 8), (50, 24), (30, 6)])
    func frames(_ columns: Int, _ rows: Int) {
        var model = ProgressModel()
        var text = ""
        func show(_ time: Double, hasColor: Bool = false, isASCII: Bool = false) {
            model.tick(at: time)
            let size = TerminalSize(columns: columns, rows: rows)
            let lines = ProgressFrame(size: size, hasColor: hasColor, isASCII: isASCII).lines(of: model)
            #expect(lines.count < rows)
            if !hasColor { #expect(lines.allSatisfy { TextWidth.of($0) < columns }) }
            text += "# \(time) s\n" + lines.joined(separator: "\n").replacingOccurrences(of: "\u{1B}", with: "␛") + "\n"
        }
        for number in 0..<8 { model.apply(Self.event(number, .waiting)) }
        show(0)
        model.apply(Self.event(0, .exists, 100))
        model.apply(Self.event(1, .downloading, 10))
        model.apply(Self.event(2, .resumed, 50))
        show(1)
        model.apply(Self.event(1, .downloading, 60))
        model.apply(Self.event(2, .downloading, 75))
        model.apply(Self.event(3, .downloading, 5, of: nil))
        model.apply(ProgressEvent(id: "evil", label: "\u{1B}[2J日本\u{202E}", state: .downloading, bytes: 1, total: 0))
        show(2)
        show(2, isASCII: true)
        show(2, hasColor: true)
        model.apply(Self.event(1, .verifying, 100))
        model.apply(Self.event(2, .retrying, 80))
        model.apply(Self.event(3, .failed, 5))
        model.apply(Self.event(4, .done))
        // News that comes late.
        model.apply(Self.event(4, .downloading, 30))
        show(10)
        for number in 0..<8 { model.apply(Self.event(number, .done)) }
        show(11)
        #expect(differenceFromGolden(text, "progress-\(columns)x\(rows).txt") == nil)
    }

    @Test func plainLines() {
        var model = ProgressModel()
        model.apply(Self.event(0, .exists, 100))
        model.apply(Self.event(1, .downloading, 0))
        model.tick(at: 100)
        #expect(model.takeLines(at: 100) == ["layer0a8758716: exists"])
        model.apply(Self.event(1, .downloading, 20))
        model.tick(at: 104)
        #expect(model.takeLines(at: 104).isEmpty)
        model.tick(at: 105)
        #expect(model.takeLines(at: 105) == ["1/2 done, 20MB / 100MB, 3.25MB/s, 25s left"])
        model.tick(at: 109)
        #expect(model.takeLines(at: 109).isEmpty)
        model.apply(Self.event(1, .done))
        #expect(model.takeLines(at: 109) == ["layer1a8758716: done 100MB"])
    }

    /// Each frame is painted over the last one: what a screen shows is the last frame alone.
    @Test func painting() {
        var screen = TerminalScreen(columns: 20, rows: 10)
        var painter = FramePainter()
        screen.feed("before\r\n".utf8)
        screen.feed(painter.paint(["one", "two", "three"], columns: 20))
        screen.feed(painter.paint(["1", "\u{1B}[2m2\u{1B}[0m", "3", "4"], columns: 20))
        #expect(screen.text == "before\n1\n2\n3\n4")
        screen.feed(painter.paint(["longer line", "b"], columns: 20))
        #expect(screen.text == "before\nlonger line\nb")
        #expect(painter.paint(["longer line", "b"], columns: 20).isEmpty)
        screen.feed(painter.clear(columns: 20))
        screen.feed("after".utf8)
        #expect(screen.text == "before\nafter")
        #expect(painter.clear(columns: 20).isEmpty)
    }

    /// Events from many threads; the display ends by itself on a broken pipe, and joins its thread.
    @Test func displayOnAPipe() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let display = ProgressDisplay(to: ends[1])
        #expect(display.style == .lines)
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            for bytes in 0..<1000 { display.report(Self.event(number, .downloading, Int64(bytes) / 10)) }
            display.report(Self.event(number, .done))
        }
        display.note("a note\u{1B}[2J")
        display.finish()
        display.report(Self.event(9, .done))
        close(ends[1])
        let text = String(
            decoding: FileHandle(fileDescriptor: ends[0], closeOnDealloc: true).readDataToEndOfFile(), as: UTF8.self)
        let lines = Set(text.split(separator: "\n").map(String.init))
        #expect(lines == Set((0..<8).map { "layer\($0)a8758716: done 100MB" } + ["a note\\x1b[2J"]))
    }

    @Test func quiet() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let display = ProgressDisplay(to: ends[1], style: .quiet)
        display.report(Self.event(0, .done))
        display.finish()
        close(ends[1])
        #expect(FileHandle(fileDescriptor: ends[0], closeOnDealloc: true).readDataToEndOfFile().isEmpty)
    }
}
