import Glibc

/// A transfer rate, smoothed over a few seconds so that a reader can follow it.
struct RateMeter: Hashable {
    private static let smoothing = 3.0
    private var last: (bytes: Int64, time: Double)?
    /// Bytes a second.
    private(set) var rate = 0.0

    /// `time` in seconds on a clock that never goes back.
    mutating func sample(bytes: Int64, at time: Double) {
        guard let last else {
            self.last = (bytes, time)
            return
        }
        let elapsed = time - last.time
        guard elapsed >= 0.05 else { return }
        let current = Double(max(0, bytes - last.bytes)) / elapsed
        let weight = rate == 0 ? 1 : 1 - exp(-elapsed / Self.smoothing)
        rate += (current - rate) * weight
        self.last = (bytes, time)
    }

    static func == (left: RateMeter, right: RateMeter) -> Bool { left.rate == right.rate }
    func hash(into hasher: inout Hasher) { hasher.combine(rate) }
}
