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
}

@Suite struct PartialFailuresTests {
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
