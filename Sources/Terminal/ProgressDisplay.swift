import Glibc
import Synchronization
import Threads

/// Shows a transfer on standard error while it runs. Events come from any thread and cost a short lock: all writing is
/// done by a thread of the display's own, which lives from the first event to `finish()`.
package final class ProgressDisplay: Sendable {
    package enum Style: Hashable, Sendable {
        /// A bar a layer, repainted in place.
        case bars
        /// A line for each layer that is done, and now and then one about the whole.
        case lines
        case quiet
    }

    private struct Painting: Sendable {
        var painter = FramePainter()
        var lastTick = 0.0
        /// Nobody reads standard error any more, or it failed: nothing is written from then on.
        var isBroken = false
    }

    private struct Ticker: ~Copyable {
        var thread: WorkerThread?
        var wake: Int32 = -1
        var isFinished = false
    }

    package let style: Style
    private let descriptor: Int32
    private let model = Mutex(ProgressModel())
    private let painting = Mutex(Painting())
    private let ticker = Mutex(Ticker())
    private static let interval: Int32 = 100

    /// `style` nil: bars where the descriptor is a terminal that can move its cursor, else lines.
    package init(to descriptor: Int32 = STDERR_FILENO, style: Style? = nil) {
        self.descriptor = descriptor
        self.style = style ?? (TerminalTraits.of(descriptor).hasEscapes ? .bars : .lines)
    }

    /// Takes in an event. Cheap; from any thread.
    package func report(_ event: ProgressEvent) {
        guard style != .quiet else { return }
        model.withLock { _ = $0.apply(event) }
        startTicker()
    }

    /// Writes a line of text above the bars.
    package func note(_ text: String) {
        let line = Array((SafeText.line(text) + "\n").utf8)
        painting.withLock { painting in
            let size = TerminalSize.of(descriptor)
            write(painting.painter.clear(columns: size.columns) + line, &painting)
        }
    }

    /// Takes the bars off the screen and ends the display; what comes later is not shown. Call it however the transfer
    /// ended.
    package func finish() {
        let thread = ticker.withLock { ticker in
            ticker.isFinished = true
            if ticker.wake >= 0 { close(ticker.wake) }
            ticker.wake = -1
            return ticker.thread.take()
        }
        if let thread { thread.join() }
    }

    // MARK: - The ticker thread

    private func startTicker() {
        ticker.withLock { ticker in
            guard ticker.thread == nil, !ticker.isFinished else { return }
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { return }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            let wake = ends[0]
            guard let thread = WorkerThread({ self.run(until: wake) }) else {
                for end in ends { close(end) }
                return
            }
            ticker.thread = .some(thread)
            ticker.wake = ends[1]
        }
    }

    /// Draws ten times a second until the other end of the pipe is closed.
    private func run(until wake: Int32) {
        defer { close(wake) }
        while true {
            var waited = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waited, 1, Self.interval)
            if ready < 0 && errno == EINTR { continue }
            if ready != 0 { break }
            draw()
        }
        end()
    }

    private func draw() {
        let time = Self.now
        let size = TerminalSize.of(descriptor)
        painting.withLock { painting in
            if style == .lines {
                let lines = model.withLock { model in
                    model.tick(at: time)
                    return model.takeLines(at: time)
                }
                write(lines.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] }, &painting)
                return
            }
            // A gap this long means that the process was stopped, and the screen is somebody else's now.
            if time - painting.lastTick > 2 { painting.painter.forget() }
            painting.lastTick = time
            let traits = TerminalTraits.of(descriptor)
            let frame = ProgressFrame(size: size, hasColor: traits.hasColor, isASCII: Self.isASCIITerminal)
            let snapshot = model.withLock { model in
                model.tick(at: time)
                return model
            }
            write(painting.painter.paint(frame.lines(of: snapshot), columns: size.columns), &painting)
        }
    }

    private func end() {
        painting.withLock { painting in
            var output = painting.painter.clear(columns: TerminalSize.of(descriptor).columns)
            if style == .lines {
                let lines = model.withLock { $0.takeLines(at: -.infinity) }
                output += lines.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] }
            }
            write(output, &painting)
        }
    }

    private func write(_ bytes: [UInt8], _ painting: inout Painting) {
        guard !bytes.isEmpty, !painting.isBroken else { return }
        do throws(TerminalError) {
            try OutputFile.write(bytes, to: descriptor)
        } catch {
            // A transfer must not fail because nobody watches it.
            painting.isBroken = true
        }
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The Linux console and locales that name another encoding get bars of `=`.
    private static let isASCIITerminal: Bool = {
        func value(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
        if value("TERM") == "linux" { return true }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(value).first { !$0.isEmpty } ?? "UTF-8"
        let encoding = locale.lowercased()
        return !encoding.hasSuffix("utf-8") && !encoding.hasSuffix("utf8")
    }()
}
