import CJq
package import JSON

/// One libjq state: a compiled program and the evaluation that it is in. Used by one thread at a time.
final class JQState: @unchecked Sendable {  // A pool hands it to one user at a time.
    let pointer: OpaquePointer
    /// Nothing may touch the state again: libjq failed in the midst of something. Its memory is leaked.
    private(set) var isLost = false
    private let listener = Listener()

    /// nil where there is no memory.
    init?() {
        guard let pointer = jq_init() else { return nil }
        self.pointer = pointer
        cjq_prepare(pointer)
        // Without a search path `import` fails an assertion.
        jq_set_attr(pointer, jv_string("JQ_LIBRARY_PATH"), jv_array())
        jq_set_attr(pointer, jv_string("JQ_ORIGIN"), jv_string("/nonexistent"))
        jq_set_attr(pointer, jv_string("PROGRAM_ORIGIN"), jv_string("/nonexistent"))
        let context = Unmanaged.passUnretained(listener).toOpaque()
        jq_set_error_cb(
            pointer,
            { context, message in
                defer { jv_free(message) }
                guard let context, jv_get_kind(message) == JV_KIND_STRING else { return }
                Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue().messages.append(textOf(message))
            }, context)
        jq_set_debug_cb(
            pointer,
            { context, value in
                defer { jv_free(value) }
                guard let context else { return }
                Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue().hear(value)
            }, context)
    }

    deinit {
        guard !isLost else { return }
        var failure = cjq_failure()
        _ = cjq_teardown(pointer, &failure)
    }

    /// What the callbacks of libjq write to.
    private final class Listener {
        var messages: [String] = []
        var onTrace: (FilterTrace) -> Void = { _ in }

        func hear(_ value: jv) {
            guard let value = try? JSONValue(value) else { return }
            if case .array(let pair) = value, pair.count == 2, pair[0] == .string(FilterGuards.standardErrorMark) {
                onTrace(.standardError(pair[1]))
            } else {
                onTrace(.debug(value))
            }
        }
    }

    func onTrace(_ sink: @escaping (FilterTrace) -> Void) { listener.onTrace = sink }

    /// Compiles `text`; libjq's messages as they are, none where it compiled.
    func compile(_ text: String) -> [String] {
        listener.messages = []
        var failure = cjq_failure()
        var compiled: Int32 = 0
        guard cjq_compile(pointer, text, &compiled, &failure) == CJQ_DONE else {
            isLost = true
            return ["jq: error: " + reason(of: failure)]
        }
        if compiled == 0, listener.messages.isEmpty { return ["jq: error: the filter does not compile"] }
        return compiled == 0 ? listener.messages : []
    }

    /// Starts to evaluate `input`, which is consumed.
    func start(_ input: jv) throws(FilterError) {
        var failure = cjq_failure()
        if cjq_start(pointer, input, &failure) != CJQ_DONE { throw lost(failure) }
    }

    enum Step {
        case output(jv)
        /// An error's value, owned by the caller.
        case error(jv)
        case end
        /// `halt`, `halt_error` or `cjq_halt`.
        case halted
    }

    /// The next output of what was started, owned by the caller. After anything but an output there is no next.
    func next() throws(FilterError) -> Step {
        var failure = cjq_failure()
        var output = jv_invalid()
        guard cjq_next(pointer, &output, &failure) == CJQ_DONE else { throw lost(failure) }
        if jv_get_kind(output) != JV_KIND_INVALID { return .output(output) }
        if jq_halted(pointer) != 0 {
            jv_free(output)
            return .halted
        }
        guard jv_invalid_has_msg(jv_copy(output)) != 0 else {
            jv_free(output)
            return .end
        }
        return .error(jv_invalid_get_msg(output))
    }

    /// The message of `halt_error`; nil after `halt`.
    func haltMessage() -> JSONValue? {
        let message = jq_get_error_message(pointer)
        defer { jv_free(message) }
        guard jv_get_kind(message) != JV_KIND_INVALID else { return nil }
        return try? JSONValue(message)
    }

    /// Forgets the evaluation, wherever it is.
    func reset() throws(FilterError) {
        try start(jv_null())
        // 1.6 frees the message of a halt_error at every reset; halting once more puts nothing in its place.
        cjq_halt(pointer)
    }

    /// Frees a value that may be nested so deeply that freeing it takes more stack than there is.
    func free(_ value: jv) throws(FilterError) {
        var failure = cjq_failure()
        if cjq_free(value, &failure) != CJQ_DONE { throw lost(failure) }
    }

    private func lost(_ failure: cjq_failure) -> FilterError {
        isLost = true
        return FilterError(.filter, reason(of: failure))
    }

    private func reason(of failure: cjq_failure) -> String {
        switch failure.outcome {
        case CJQ_NO_MEMORY: return "jq ran out of memory"
        case CJQ_ARITHMETIC: return "the remainder of numbers this large cannot be taken"
        case CJQ_STACK: return "the filter made a value nested too deeply for jq"
        default:
            let text = withUnsafeBytes(of: failure.reason) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            return "jq met a bug of its own (\(text))"
        }
    }
}

/// What `debug` and `stderr` in a filter say.
package enum FilterTrace: Sendable, Equatable {
    case debug(JSONValue)
    case standardError(JSONValue)
}
