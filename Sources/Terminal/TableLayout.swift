/// Which columns of a table are shown, and how wide each is.
struct TableLayout: Hashable {
    struct Slot: Hashable {
        /// Index into the table's columns.
        var column: Int
        var width: Int
    }

    var slots: [Slot]
    var gap: Int

    /// Cutting a column below this many characters says less than dropping one.
    private static let leastText = 12

    /// Fits columns of these natural widths into a line: first narrower gaps, then shorter texts (the longest first),
    /// then without the columns of the lowest priority.
    init(columns: [Column], natural: [Int], width: Int?) {
        var shown = Array(columns.indices)
        guard let width else {
            self.init(slots: shown.map { Slot(column: $0, width: natural[$0]) }, gap: 3)
            return
        }
        while true {
            let wide = Self.total(shown.map { natural[$0] }, gap: 3)
            if wide <= width {
                self.init(slots: shown.map { Slot(column: $0, width: natural[$0]) }, gap: 3)
                return
            }
            if let widths = Self.shrunk(shown, columns: columns, natural: natural, width: width) {
                self.init(slots: zip(shown, widths).map { Slot(column: $0, width: $1) }, gap: 2)
                return
            }
            guard shown.count > 1, let least = shown.map({ columns[$0].priority }).min(),
                let dropped = shown.lastIndex(where: { columns[$0].priority == least })
            else {
                self.init(slots: shown.map { Slot(column: $0, width: min(natural[$0], max(1, width))) }, gap: 2)
                return
            }
            shown.remove(at: dropped)
        }
    }

    private init(slots: [Slot], gap: Int) {
        self.slots = slots
        self.gap = gap
    }

    private static func total(_ widths: [Int], gap: Int) -> Int {
        widths.reduce(0, +) + gap * max(0, widths.count - 1)
    }

    /// The widths after shortening, or nil where that is not enough.
    private static func shrunk(_ shown: [Int], columns: [Column], natural: [Int], width: Int) -> [Int]? {
        var widths = shown.map { natural[$0] }
        let least = shown.map { index in
            columns[index].canShrink
                ? min(natural[index], max(leastText, TextWidth.of(columns[index].title))) : natural[index]
        }
        guard total(least, gap: 2) <= width else { return nil }
        var excess = total(widths, gap: 2) - width
        while excess > 0 {
            let open = widths.indices.filter { widths[$0] > least[$0] }
            guard let widest = open.map({ widths[$0] }).max() else { return nil }
            let level = open.filter { widths[$0] == widest }
            // Down to the next widest column or a column's least width, whichever comes first.
            let next = open.map { widths[$0] }.filter { $0 < widest }.max() ?? 0
            let floor = max(next, level.map { least[$0] }.max() ?? 0)
            let step = min(excess, (widest - floor) * level.count)
            for (position, index) in level.enumerated() {
                let share = step / level.count + (position < step % level.count ? 1 : 0)
                widths[index] -= share
            }
            excess -= step
        }
        return widths
    }
}
