package import JSON
import Synchronization

extension CommandContext {
    /// The words that a command was given: its arguments, then those from the pipe, each as soon as it comes.
    ///
    /// A usage error where there is no argument and no pipe.
    package func words(_ arguments: [String], command: String, of what: String = "image") throws(ShellError) -> Words {
        if arguments.isEmpty, input == nil {
            throw ShellError(
                .usage, "\(command) needs at least one \(what)",
                hint: "name one or pipe some in; `help \(command)` shows how")
        }
        return Words(arguments, input)
    }

    /// Arguments and piped values as one stream of words.
    package final class Words: Sendable {
        private let waiting: Mutex<ArraySlice<String>>
        private let input: ValueStream?

        init(_ arguments: [String], _ input: ValueStream?) {
            waiting = Mutex(arguments[...])
            self.input = input
        }

        /// The next word, nil at the end. One reader at a time. Throws what the stages before threw, and a usage error for
        /// a value that names nothing.
        package func next() async throws -> String? {
            while true {
                if let word = waiting.withLock({ $0.popFirst() }) { return word }
                guard let value = try await input?.next() else { return nil }
                var more: [String] = []
                try ArgumentText.append(value, to: &more)
                waiting.withLock { $0 = more[...] }
            }
        }

        /// No more words are wanted.
        package func stop() { input?.stop() }
    }

    /// Does `work` for every word, `width` at a time, and emits what it gives in the order of the words. A word whose
    /// work fails does not stop the others: the failures are thrown together at the end.
    package func forEachWord(
        of words: Words, width: Int, progress: any CountDisplay = NoCount(),
        work: @escaping @Sendable (String) async throws -> JSONValue
    ) async throws {
        try await forEachWordManyValues(of: words, width: width, progress: progress) { [try await work($0)] }
    }

    /// The same for work that gives any number of values.
    package func forEachWordManyValues(
        of words: Words, width: Int, progress: any CountDisplay = NoCount(),
        work: @escaping @Sendable (String) async throws -> [JSONValue]
    ) async throws {
        let failures = PartialFailures()
        defer { progress.finish() }
        do {
            try await SideBySide(width: width).run(
                next: words.next, stop: words.stop,
                work: { word in (word, await result { try await work(word) }) },
                take: { (word: String, result: Result<[JSONValue], any Error>) in
                    switch result {
                    case .success(let values):
                        failures.succeeded()
                        for value in values { try await emit(value) }
                    case .failure(let error): try failures.add(error, about: word)
                    }
                    progress.add(1)
                })
        } catch { throw failures.joined(to: error) }
        try failures.throwAny()
    }
}

/// What `body` gives or throws, as a value that goes from one task to another.
package func result<Value>(_ body: () async throws -> Value) async -> Result<Value, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
}

/// Shows how many of how many things are done.
package protocol CountDisplay: Sendable {
    /// So many more are done.
    func add(_ count: Int)
    /// So many more are to be done.
    func expect(_ count: Int)
    /// Takes the display away.
    func finish()
}

/// Shows nothing.
package struct NoCount: CountDisplay {
    package init() {}
    package func add(_ count: Int) {}
    package func expect(_ count: Int) {}
    package func finish() {}
}
