import Shell
import Terminal

/// Shows how far a plugin is, and what it says to people, on standard error.
struct PluginStatus: PluginDisplay {
    /// `set progress never`
    let showsProgress: Bool
    private let line = StatusLine()

    init(showsProgress: Bool) { self.showsProgress = showsProgress }

    func show(_ progress: PluginProgress) {
        guard showsProgress else { return }
        var text = progress.plugin + (progress.label.isEmpty ? "" : ": " + progress.label)
        if let done = progress.done {
            text += " " + PluginStatus.count(done) + (progress.total.map { "/" + PluginStatus.count($0) } ?? "")
            if let total = progress.total, total > 0, done <= total { text += " (\(Int(done / total * 100))%)" }
        }
        line.show(text)
    }

    func note(_ text: String) { line.note(text) }
    func hide() { line.hide() }

    private static func count(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? String(number)
    }
}
