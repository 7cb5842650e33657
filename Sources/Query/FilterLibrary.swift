import Synchronization

/// Filters that are known before they run, such as a script's: compiled in batches, on another thread if wanted.
///
/// A filter that is asked for before its batch is done waits for that batch only; where nobody has begun it, the asking thread
/// compiles it. A filter that does not compile spoils no other.
package final class FilterLibrary: Sendable {
    private struct Units {
        /// The unit that takes further filters with its definitions.
        var open: FilterUnit?
        /// Those that the background thread has not come to.
        var waiting: [FilterUnit] = []
        var hasThread = false
        var count = 0
    }

    private let settings: FilterSettings
    private let units = Mutex(Units())

    package init(settings: FilterSettings = .init()) {
        self.settings = settings
    }

    /// A filter of the library; compiled later. `definitions` are jq functions that it may use: filters with equal
    /// definitions share batches. Throws where the syntax of `text` is wrong, at bytes of it.
    package func add(
        _ text: String, variables: [String] = [], definitions: String = ""
    ) throws(FilterError) -> Filter {
        var hasRefused = false
        return try Filter(
            text, variables: variables, settings: settings,
            unit: {
                defer { hasRefused = true }
                return unit(definitions, isFull: hasRefused)
            }, limit: FilterUnit.capacity)
    }

    /// Compiles what was added, on a thread of its own, which ends when all is done; call it again after adding more.
    package func compileInBackground() {
        let hasToStart = units.withLock { units in
            guard !units.hasThread, !units.waiting.isEmpty else { return false }
            units.hasThread = true
            return true
        }
        // The thread keeps the library alive; deeply nested programs take some stack.
        if hasToStart, !startJQThread(stackSize: 64 << 20, { self.compileAll() }) {
            units.withLock { $0.hasThread = false }
        }
    }

    private func compileAll() {
        while true {
            let unit = units.withLock { units -> FilterUnit? in
                if units.waiting.isEmpty {
                    units.hasThread = false
                    return nil
                }
                return units.waiting.removeFirst()
            }
            guard let unit else { return }
            unit.compile()
        }
    }

    private func unit(_ definitions: String, isFull: Bool) -> FilterUnit {
        units.withLock { units in
            if !isFull, let open = units.open, open.definitions == definitions { return open }
            let unit = FilterUnit(definitions: definitions)
            units.open = unit
            units.waiting.append(unit)
            return unit
        }
    }
}
