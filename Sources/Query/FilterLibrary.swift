import Glibc
import Synchronization

/// Filters that are known before they run, such as a script's: compiled in batches, on other threads if wanted.
///
/// A filter that is asked for before its batch is done waits for that batch only; where nobody has begun it, the asking thread
/// compiles it. A filter that does not compile spoils no other.
package final class FilterLibrary: Sendable {
    private struct Units {
        /// The unit that takes further filters with its definitions.
        var open: FilterUnit?
        /// Those that no background thread has come to.
        var waiting: [FilterUnit] = []
        var threads = 0
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

    /// Compiles what was added, on threads of its own, which end when all is done; call it again after adding more. A thread
    /// for each batch, as far as there are processors: libjq's states share nothing.
    package func compileInBackground() {
        let starting = units.withLock { units in
            let wanted = max(0, min(units.waiting.count, Self.maximumThreads) - units.threads)
            units.threads += wanted
            return wanted
        }
        // A thread keeps the library alive; deeply nested programs take some stack.
        for _ in 0..<starting where !startJQThread(stackSize: 64 << 20, { self.compileAll() }) {
            units.withLock { $0.threads -= 1 }
        }
    }

    private static let maximumThreads = min(4, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    private func compileAll() {
        while true {
            let unit = units.withLock { units -> FilterUnit? in
                if units.waiting.isEmpty {
                    units.threads -= 1
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
