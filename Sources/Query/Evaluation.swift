import CJq
import Glibc
import JSON

/// One run of a compiled program over one input.
struct Evaluation {
    private let state: JQState
    private let memoryLimit: Int
    private let isCancelled: () -> Bool
    private var buffer: [JSONValue] = []
    /// A large input, which is freed on another thread once nothing of the evaluation is left.
    private var kept: jv?

    private static let largestBatch = 512
    private static let longestDelay: Int = 50_000_000

    init(state: JQState, memoryLimit: Int, isCancelled: @escaping () -> Bool) {
        self.state = state
        self.memoryLimit = memoryLimit
        self.isCancelled = isCancelled
    }

    /// Consumes `input`; `keeping` it, it is not freed as soon as the filter is done with it, which takes milliseconds for a
    /// list of thousands, but by `finish`.
    mutating func start(_ input: jv, keeping: Bool) throws(FilterError) {
        if isCancelled() {
            jv_free(input)
            throw Self.interrupted
        }
        if keeping { kept = jv_copy(input) }
        try state.start(input)
    }

    /// Ends the evaluation; nobody waits for a large input to be freed.
    mutating func finish() {
        guard let value = kept.take(), !state.isLost else { return }
        // libjq counts references without locks: the state must not hold any when another thread gives up the last.
        guard (try? state.reset()) != nil else { return }
        let last = LastReference(value: value)
        if !startJQThread(stackSize: 8 << 20, { jv_free(last.value) }) { jv_free(value) }
    }

    private struct LastReference: @unchecked Sendable {  // There is no other.
        let value: jv
    }

    /// Emits every output. Whatever happens, nothing of the evaluation is left in the state.
    mutating func run(_ emit: (JSONValue) throws -> Void) throws {
        var isOver = false
        do {
            while !isOver {
                isOver = try fill()
                try flush(emit)
            }
        } catch {
            // Outputs before an error come first, unless it was `emit` that failed (which has emptied the buffer).
            if error is FilterError { try flush(emit) }
            if !state.isLost { try? state.reset() }
            throw error
        }
    }

    /// The same for an `emit` that may wait. `whenOver` is called before the last outputs are handed on: from then on the
    /// state is free for another evaluation, such as one that `emit` makes.
    mutating func stream(whenOver: () -> Void, _ emit: (JSONValue) async throws -> Void) async throws {
        var isOver = false
        do {
            while !isOver {
                isOver = try fill()
                if isOver {
                    finish()
                    whenOver()
                }
                for output in takeBuffer() { try await emit(output) }
            }
        } catch {
            if isOver { throw error }
            if error is FilterError { for output in takeBuffer() { try await emit(output) } }
            if !state.isLost { try? state.reset() }
            throw error
        }
    }

    private mutating func takeBuffer() -> [JSONValue] {
        defer { buffer.removeAll(keepingCapacity: false) }
        return buffer
    }

    private mutating func flush(_ emit: (JSONValue) throws -> Void) throws {
        for output in takeBuffer() { try emit(output) }
    }

    /// Fills the buffer; whether that was all. Watched only here: what `emit` does is not this filter's.
    private mutating func fill() throws -> Bool {
        let watch = FilterWatchdog.shared.begin(state.pointer, memoryLimit: memoryLimit, isCancelled: isCancelled)
        let result = Result { () throws(FilterError) in try step() }
        let reason = FilterWatchdog.shared.end(watch)
        switch (result, reason) {
        case (_, .cancelled?): throw Self.interrupted
        case (.success(.end), nil): return true
        case (.success(.more), nil): return false
        case (.failure(let error), nil): throw error
        case (_, .memory(let limit)?):
            if !state.isLost { try state.reset() }
            cjq_trim()
            throw FilterError(
                .filter, "the filter was stopped: it used more than \(limit >> 20) MB of memory")
        }
    }

    private enum Progress { case more, end }

    private mutating func step() throws(FilterError) -> Progress {
        let began = now()
        while true {
            switch try state.next() {
            case .end: return .end
            case .halted:
                let message = state.haltMessage()
                try state.reset()
                guard let message else { return .end }
                throw Self.error(message)
            case .error(let value):
                let converted = Result { () throws(FilterError) in try JSONValue(value) }
                try state.free(value)
                throw Self.error(try converted.get())
            case .output(let value):
                let converted = Result { () throws(FilterError) in try JSONValue(value) }
                try state.free(value)
                buffer.append(try converted.get())
                if buffer.count >= Self.largestBatch || now() - began > Self.longestDelay { return .more }
            }
        }
    }

    private func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    private static let interrupted = FilterError(.interrupted, "interrupted")

    /// What `error(value)` says: the text itself, the `message` of an object, else the value as JSON.
    private static func error(_ value: JSONValue) -> FilterError {
        let message = value.stringValue ?? value["message"]?.stringValue ?? "\(value.compact) (not a string)"
        return FilterError(.filter, message, value: value)
    }
}
