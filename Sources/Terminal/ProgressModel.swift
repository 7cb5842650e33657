import Units

/// Where every blob of a transfer stands, and what that looks like. Pure: the clock and the terminal's size are given.
package struct ProgressModel: Sendable {
    struct Entry: Sendable {
        var event: ProgressEvent
        /// Bytes that were there before this run.
        var before: Int64
    }

    private(set) var entries: [Entry] = []
    private var places: [String: Int] = [:]
    private var meter = RateMeter()
    /// Plain lines about what ended, not yet taken.
    private var finished: [String] = []
    private var lastSummary: Double?
    package static let summaryInterval = 5.0

    package init() {}

    /// Takes in an event; true where a blob came to its end by it.
    @discardableResult
    package mutating func apply(_ event: ProgressEvent) -> Bool {
        guard let place = places[event.id] else {
            places[event.id] = entries.count
            let before = event.state == .resumed || event.state == .exists ? event.bytes : 0
            entries.append(Entry(event: event, before: before))
            return note(event)
        }
        let old = entries[place].event
        // Late news from another thread never brings back what has ended.
        if old.state.isFinal && event.state != .retrying { return false }
        var new = event
        if new.total == nil { new.total = old.total }
        if new.label.isEmpty { new.label = old.label }
        if new.state == .done, let total = new.total { new.bytes = total }
        if new.state == .resumed && old.state != .resumed { entries[place].before = new.bytes }
        if new.state == .exists { entries[place].before = new.bytes }
        entries[place].event = new
        return note(new)
    }

    private mutating func note(_ event: ProgressEvent) -> Bool {
        guard event.state.isFinal else { return false }
        let size = event.state == .done ? " " + HumanUnits.size(max(event.bytes, event.total ?? 0)) : ""
        finished.append("\(SafeText.line(event.label)): \(event.state.word)\(size)")
        return true
    }

    /// Feeds the rate; to be called at every tick before a frame is asked for. `time` in seconds.
    package mutating func tick(at time: Double) {
        let received = entries.reduce(Int64(0)) { $0 &+ max(0, $1.event.bytes &- $1.before) }
        meter.sample(bytes: received, at: time)
        if lastSummary == nil { lastSummary = time }
    }

    // MARK: - Plain lines

    /// Lines for an output that is no terminal: one for each blob that ended, and at most every five seconds one about
    /// the whole.
    package mutating func takeLines(at time: Double) -> [String] {
        var lines = finished
        finished.removeAll()
        if let last = lastSummary, time - last >= Self.summaryInterval, entries.contains(where: \.event.state.isActive)
        {
            lastSummary = time
            lines.append(summary(separator: ", "))
        }
        return lines
    }

    // MARK: - Frames

    var totals: (bytes: Int64, total: Int64?) {
        var bytes: Int64 = 0
        var total: Int64? = 0
        for entry in entries where entry.event.state != .exists {
            bytes &+= max(0, entry.event.bytes)
            if let known = total { total = entry.event.total.map { known &+ max(0, $0) } }
        }
        return (bytes, total)
    }

    var finishedCount: Int { entries.count { $0.event.state == .done || $0.event.state == .exists } }
    var rate: Double { meter.rate }

    /// Seconds to go at the present rate.
    var remaining: Int? {
        let (bytes, total) = totals
        guard let total, total > bytes, rate >= 1 else { return nil }
        let seconds = Double(total - bytes) / rate
        return seconds < 8_640_000 ? Int(seconds.rounded(.up)) : nil
    }

    /// `3/5 done, 124MB / 565MB, 45.2MB/s, 10s left`
    func summary(separator: String) -> String {
        let (bytes, total) = totals
        var parts = ["\(finishedCount)/\(entries.count) done"]
        if let total {
            parts.append("\(HumanUnits.size(bytes)) / \(HumanUnits.size(total))")
        } else if bytes > 0 {
            parts.append(HumanUnits.size(bytes))
        }
        if rate >= 1 { parts.append(HumanUnits.size(rate.rounded()) + "/s") }
        if let remaining { parts.append(HumanUnits.remaining(seconds: remaining) + " left") }
        return parts.joined(separator: separator)
    }
}
