import Units

/// Draws a `ProgressModel` as the lines of one frame.
package struct ProgressFrame {
    package var size: TerminalSize
    package var hasColor: Bool
    /// Bars of `=` and `>` for a terminal that cannot show others.
    package var isASCII: Bool

    package init(size: TerminalSize, hasColor: Bool, isASCII: Bool) {
        self.size = size
        self.hasColor = hasColor
        self.isASCII = isASCII
    }

    private static let widestBar = 40
    private static let narrowestBar = 8
    private static let stateWidth = 11

    /// One line a layer and one for the whole; none as wide as the terminal, and fewer than it has rows. Layers that
    /// are done give way first, then those that wait.
    package func lines(of model: ProgressModel) -> [String] {
        let room = max(1, size.rows - 2)
        let entries = model.entries.map(\.event)
        var shown = Array(entries.indices)
        var hidden: [String] = []
        func hide(_ word: String, where isHidden: (ProgressEvent.State) -> Bool) {
            guard shown.count + min(1, hidden.count) > room else { return }
            let excess = shown.count + 1 - room
            // What was done first goes first; of what waits, what comes next stays.
            let matching = shown.filter { isHidden(entries[$0].state) }
            let hiding = word == "done" ? matching.prefix(max(0, excess)) : matching.suffix(max(0, excess))
            guard !hiding.isEmpty else { return }
            shown.removeAll { hiding.contains($0) }
            hidden.append("\(hiding.count) \(word)")
        }
        hide("done") { $0 == .done || $0 == .exists }
        hide("waiting") { $0 == .waiting }
        hide("more") { _ in true }
        let labels = shown.map { SafeText.line(entries[$0].label) }
        let widestLabel = min(labels.map(TextWidth.of).max() ?? 0, max(8, size.columns / 3))
        var lines = zip(shown, labels).map { line(entries[$0], label: $1, labelWidth: widestLabel) }
        if !hidden.isEmpty {
            lines.append(styled(Style.dim, clipped((isASCII ? "... " : "… ") + hidden.joined(separator: ", "))))
        }
        lines.append(clipped(model.summary(separator: "  ")))
        return lines
    }

    private func line(_ event: ProgressEvent, label: String, labelWidth: Int) -> String {
        let name = padded(TextWidth.clipped(label, to: labelWidth), to: labelWidth)
        let state = padded(event.state.word, to: Self.stateWidth)
        let numbers = numbers(of: event)
        // 17 columns hold `999MB / 999MB` and nearly all else, so that bars stay as long as they are.
        let fixed = labelWidth + 2 + Self.stateWidth + 2 + 17
        let barWidth = min(Self.widestBar, size.columns - 1 - fixed - 2)
        guard barWidth >= Self.narrowestBar, let total = event.total, total > 0, event.state.isActive else {
            let gap = barWidth >= Self.narrowestBar ? String(repeating: " ", count: barWidth + 2) : ""
            let text = clipped(trimmed("\(name)  \(state)  \(gap)\(numbers)"))
            return event.state.isActive ? text : styled(event.state == .failed ? Style.red : Style.dim, text)
        }
        let bar = bar(Double(max(0, event.bytes)) / Double(total), width: barWidth)
        return "\(name)  \(state)  \(bar)  \(numbers)"
    }

    /// `10MB / 100MB`, or what a narrow terminal has room for.
    private func numbers(of event: ProgressEvent) -> String {
        let isNarrow = size.columns < 48
        switch event.state {
        case .waiting, .exists: return isNarrow ? "" : event.total.map { HumanUnits.size($0) } ?? ""
        case .done: return isNarrow ? "" : HumanUnits.size(max(event.bytes, event.total ?? 0))
        default:
            let bytes = max(0, event.bytes)
            guard let total = event.total, total > 0 else { return HumanUnits.size(bytes) }
            if isNarrow { return "\(Int(100 * min(1, Double(bytes) / Double(total))))%" }
            return "\(HumanUnits.size(bytes)) / \(HumanUnits.size(total))"
        }
    }

    private func bar(_ fraction: Double, width: Int) -> String {
        let full = max(0, min(width, Int(Double(width) * min(1, fraction))))
        let rest = width - full
        if isASCII {
            let head =
                rest > 0 && full > 0
                ? String(repeating: "=", count: full - 1) + ">" : String(repeating: "=", count: full)
            return head + String(repeating: "-", count: rest)
        }
        let done = String(repeating: "━", count: full)
        let left = String(repeating: "─", count: rest)
        return styled(Style.cyan, done) + styled(Style.dim, left)
    }

    private func styled(_ style: String, _ text: String) -> String {
        hasColor && !text.isEmpty ? style + text + Style.reset : text
    }

    private func clipped(_ text: String) -> String { TextWidth.clipped(text, to: max(1, size.columns - 1)) }

    private func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - TextWidth.of(text)))
    }

    private func trimmed(_ text: String) -> String {
        String(
            decoding: text.utf8.prefix(text.utf8.count - text.utf8.reversed().prefix { $0 == 0x20 }.count),
            as: UTF8.self)
    }
}
