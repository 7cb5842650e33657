import Shell
import Synchronization
import Testing

@Suite struct SideBySideTests {
    private final class Counter: Sendable {
        private let state = Mutex((now: 0, most: 0, next: 0))
        func enter() {
            state.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
        }
        func leave() { state.withLock { $0.now -= 1 } }
        func next() -> Int {
            state.withLock {
                $0.next += 1
                return $0.next
            }
        }
        var most: Int { state.withLock { $0.most } }
        var begun: Int { state.withLock { $0.next } }
    }

    @Test(arguments: [1, 3, 16]) func resultsComeInOrderAndNoMoreThanSoManyAtOnce(_ width: Int) async throws {
        let counter = Counter()
        var taken: [Int] = []
        try await SideBySide(width: width).run(
            next: {
                let number = counter.next()
                return number <= 60 ? number : nil
            },
            work: { number in
                counter.enter()
                try await Task.sleep(for: .milliseconds(number % 3))
                counter.leave()
                return number * 2
            }, take: { taken.append($0) })
        #expect(taken == (1...60).map { $0 * 2 })
        #expect(counter.most <= width)
    }

    /// While the first is not there the others wait, and no more than a few are begun.
    @Test func whatWaitsIsBounded() async throws {
        let counter = Counter()
        let isFirst = Mutex(true)
        try await SideBySide(width: 2).run(
            next: {
                let number = counter.next()
                return number <= 1000 ? number : nil
            },
            work: { number in
                if number == 1 { try await Task.sleep(for: .milliseconds(100)) }
                return number
            },
            take: { _ in
                if isFirst.withLock({ first in
                    defer { first = false }
                    return first
                }) {
                    #expect(counter.begun <= 10)
                }
            })
    }

    private struct Failure: Error {}

    /// The stages before may fail at their end: what they gave counts all the same.
    @Test func whatCameBeforeAFailingReaderIsDone() async {
        let counter = Counter()
        let taken = Mutex<[Int]>([])
        await #expect(throws: Failure.self) {
            try await SideBySide(width: 3).run(
                next: {
                    let number = counter.next()
                    if number > 5 { throw Failure() }
                    return number
                },
                work: { number in
                    try await Task.sleep(for: .milliseconds(20))
                    return number
                }, take: { (number: Int) in taken.withLock { $0.append(number) } })
        }
        #expect(taken.withLock { $0 } == [1, 2, 3, 4, 5])
    }

    @Test func aFailureEndsTheOthersAndWakesTheReader() async {
        let stopped = Mutex(false)
        let counter = Counter()
        await #expect(throws: Failure.self) {
            try await SideBySide(width: 4).run(
                next: {
                    let number = counter.next()
                    if number > 2 { while !stopped.withLock({ $0 }) { await Task.yield() } }
                    return number
                }, stop: { stopped.withLock { $0 = true } },
                work: { number in
                    if number == 1 { throw Failure() }
                    try await Task.sleep(for: .seconds(60))
                    return number
                }, take: { (_: Int) in })
        }
        await #expect(throws: Failure.self) {
            try await SideBySide(width: 2).run(
                next: { counter.next() }, work: { $0 }, take: { (_: Int) in throw Failure() })
        }
    }

    // MARK: To the end

    @Test func resultsOfLastingWorkComeAsItIsDone() async throws {
        let counter = Counter()
        let first = Mutex(false)
        var taken: [Int] = []
        try await SideBySide(width: 3).runToEnd(
            next: {
                let number = counter.next()
                return number <= 30 ? number : nil
            },
            work: { number in
                counter.enter()
                // The first is done last.
                while number == 1, !first.withLock({ $0 }) { await Task.yield() }
                counter.leave()
                return number
            },
            take: { number in
                taken.append(number)
                if taken.count == 29 { first.withLock { $0 = true } }
            })
        #expect(taken.sorted() == Array(1...30) && taken.last == 1)
        #expect(counter.most <= 3)
    }

    /// Whatever has begun is taken, after a failure of the taker, an end of the values that is none, or a cancellation.
    @Test(arguments: ["take", "next", "cancel"]) func nothingThatWasBegunIsLost(_ end: String) async {
        let counter = Counter()
        let begun = Mutex<Set<Int>>([])
        let taken = Mutex<Set<Int>>([])
        let stops = Mutex(0)
        let task = Task {
            try await SideBySide(width: 4).runToEnd(
                next: {
                    let number = counter.next()
                    if end == "next", number == 10 { throw Failure() }
                    return number
                }, stop: { stops.withLock { $0 += 1 } },
                work: { number in
                    begun.withLock { _ = $0.insert(number) }
                    for _ in 0..<number % 5 * 20 { await Task.yield() }
                    return number
                },
                take: { (number: Int) in
                    taken.withLock { _ = $0.insert(number) }
                    if end == "take", number >= 10 { throw Failure() }
                })
        }
        if end == "cancel" {
            while counter.begun < 20 { await Task.yield() }
            task.cancel()
        }
        let outcome = await task.result
        #expect(throws: (any Error).self) { try outcome.get() }
        if case .failure(let error) = outcome { #expect((error is Failure) == (end != "cancel")) }
        #expect(begun.withLock { $0 } == taken.withLock { $0 } && taken.withLock { $0.count } >= 9)
        #expect(stops.withLock { $0 } == (end == "next" ? 0 : 1))
    }
}

@Suite struct PartialFailuresTests {
    @Test func whatEndsACommandComesBeforeThem() throws {
        let failures = PartialFailures()
        try failures.add(ShellError(.notFound, "one"), about: "a")
        let joined = failures.joined(to: ShellError(.usage, "no word")) as? ShellError
        #expect(joined?.code == .usage && joined?.others.map(\.message) == ["one"])
        #expect((failures.joined(to: ShellError(.interrupted, "interrupted")) as? ShellError)?.others.isEmpty == true)
        #expect(failures.joined(to: CancellationError()) is CancellationError)
        let error = #expect(throws: ShellError.self) { try failures.throwAny(and: [ShellError(.io, "two")]) }
        #expect(error?.message == "one" && error?.others.map(\.message) == ["two"])
    }

    @Test func theyComeTogether() throws {
        let failures = PartialFailures()
        try failures.throwAny()
        try failures.add(ShellError(.notFound, "one"), about: "a")
        failures.succeeded()
        try failures.add(ShellError(.io, "two"), about: "b")
        let error = try #require(throws: ShellError.self) { try failures.throwAny() }
        #expect(error.message == "one" && error.argument == "a")
        #expect(error.others.map(\.message) == ["two"] && error.others.first?.argument == "b")
    }

    @Test func anInterruptionIsNoneOfThem() {
        #expect(throws: ShellError.self) {
            try PartialFailures().add(ShellError(.interrupted, "interrupted"), about: "a")
        }
        #expect(throws: CancellationError.self) { try PartialFailures().add(CancellationError(), about: "a") }
    }

    @Test func nothingButFailuresIsTheEnd() throws {
        let failures = PartialFailures()
        for round in 0..<3 {
            for _ in 0..<99 { try failures.add(ShellError(.io, "no"), about: "a") }
            if round < 2 { failures.succeeded() }
        }
        let error = #expect(throws: ShellError.self) { try failures.add(ShellError(.io, "no"), about: "a") }
        #expect(error?.others.count == 297)
    }
}
