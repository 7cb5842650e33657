import Glibc
import Synchronization

/// One line on standard error that tells how far something is, repainted in place; lines of text go above it. Where
/// there is no terminal that can do that, only those lines are written.
package final class StatusLine: Sendable {
    private struct State {
        var isPainted = false
        var lastPaint: ContinuousClock.Instant?
        /// Nobody reads standard error any more.
        var isBroken = false
    }

    private let descriptor: Int32
    private let hasEscapes: Bool
    private let state = Mutex(State())
    private static let interval = Duration.milliseconds(100)
    private static let clear = "\r\u{1B}[K"

    package init(to descriptor: Int32 = STDERR_FILENO) {
        self.descriptor = descriptor
        hasEscapes = TerminalTraits.of(descriptor).hasEscapes
    }

    /// Shows a text, cut to the terminal's width; of those that follow each other too quickly only some.
    package func show(_ text: String) {
        guard hasEscapes else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastPaint, now - last < Self.interval { return }
            state.lastPaint = now
            let columns = TerminalSize.of(descriptor).columns
            write(Self.clear + TextWidth.clipped(SafeText.line(text), to: max(columns - 1, 1)), &state)
            state.isPainted = true
        }
    }

    /// Writes a line of text above.
    package func note(_ text: String) {
        state.withLock { state in
            write((state.isPainted ? Self.clear : "") + SafeText.line(text) + "\n", &state)
            state.isPainted = false
            state.lastPaint = nil
        }
    }

    /// Takes the line off the screen, until the next `show`.
    package func hide() {
        state.withLock { state in
            if state.isPainted { write(Self.clear, &state) }
            state.isPainted = false
        }
    }

    private func write(_ text: String, _ state: inout State) {
        guard !state.isBroken else { return }
        do throws(TerminalError) {
            try OutputFile.write(Array(text.utf8), to: descriptor)
        } catch {
            state.isBroken = true
        }
    }
}
