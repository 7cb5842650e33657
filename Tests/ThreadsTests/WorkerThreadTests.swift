import Glibc
import Synchronization
import Testing

@testable import Threads

@Suite struct WorkerThreadTests {
    private final class Report: Sendable {
        let values = Mutex<[String]>([])
        func add(_ text: String) { values.withLock { $0.append(text) } }
        var all: [String] { values.withLock { $0 } }
    }

    @Test func joiningWaitsForTheEnd() {
        let report = Report()
        let thread = WorkerThread {
            usleep(20_000)
            report.add("done")
        }
        guard let thread else {
            Issue.record("no thread to be had")
            return
        }
        thread.join()
        #expect(report.all == ["done"])
    }

    @Test func signalsFromOutsideAreForOtherThreads() {
        let report = Report()
        // The pool's threads block signals of their own accord.
        var none = sigset_t()
        sigemptyset(&none)
        var before = sigset_t()
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let thread = WorkerThread {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            for signal in [SIGINT, SIGTERM, SIGSEGV, SIGABRT] {
                report.add("\(signal) \(sigismember(&mask, signal))")
            }
        }
        guard let thread else {
            Issue.record("no thread to be had")
            return
        }
        thread.join()
        #expect(report.all == ["\(SIGINT) 1", "\(SIGTERM) 1", "\(SIGSEGV) 0", "\(SIGABRT) 0"])
        var own = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &own)
        #expect(sigismember(&own, SIGTERM) == 0)
    }

    @Test func aStackLargerThanTheAddressSpaceIsRefused() {
        #expect(!WorkerThread.startDetached(stackSize: 1 << 60) {})
    }

    private struct Refusal: Error {}

    @Test func whatTheBodyThrowsIsThrown() async {
        await #expect(throws: Refusal.self) {
            try await onOwnThread { () throws(Refusal) -> Int in throw Refusal() }
        }
        #expect(await onOwnThread { 41 + 1 } == 42)
    }

    @Test func aSignalIsWaitedForAtMostSoLong() {
        let signal = Signal()
        let start = ContinuousClock.now
        #expect(!signal.wait(for: .milliseconds(30)))
        #expect(ContinuousClock.now - start >= .milliseconds(29))
        #expect(!signal.wait(for: .seconds(-5)))
        signal.set()
        #expect(signal.wait(for: .seconds(Int64.max)))
        signal.wait()
    }
}
