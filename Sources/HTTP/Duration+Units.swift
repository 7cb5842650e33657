extension Duration {
    /// Whole nanoseconds, held within `Int64`.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, again) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return again ? (seconds < 0 ? .min : .max) : sum
    }

    /// Whole milliseconds, held within `Int`.
    var milliseconds: Int { Int(clamping: nanoseconds / 1_000_000) }
}
