import Glibc

/// A transfer rate, smoothed over a few seconds so that a reader can follow it.
struct RateMeter: Hashable {
    private static let smoothing = 3.0
    private var last: (bytes: Int64, time: Double)?
    /// An average that begins at none, and how much of it is there by now: without the second, the first moments, in
    /// which what waited in buffers comes at once, would be believed for seconds.
    private var (average, share) = (0.0, 0.0)
    /// Bytes a second.
    var rate: Double { share > 0 ? average / share : 0 }

    /// `time` in seconds on a clock that never goes back.
    mutating func sample(bytes: Int64, at time: Double) {
        guard let last, bytes > 0 else {
            self.last = (bytes, time)
            return
        }
        let elapsed = time - last.time
        guard elapsed >= 0.05 else { return }
        let current = Double(max(0, bytes - last.bytes)) / elapsed
        let weight = 1 - exp(-elapsed / Self.smoothing)
        average += (current - average) * weight
        share += (1 - share) * weight
        self.last = (bytes, time)
    }

    static func == (left: RateMeter, right: RateMeter) -> Bool { left.rate == right.rate }
    func hash(into hasher: inout Hasher) { hasher.combine(rate) }
}
