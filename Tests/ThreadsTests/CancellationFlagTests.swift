import Testing

@testable import Threads

@Suite struct CancellationFlagTests {
    @Test func tellsHandlersOnceAndWaiters() {
        let flag = CancellationFlag()
        let calls = CancellationFlag()
        let removed = CancellationFlag()
        _ = flag.onCancel { calls.cancel() }
        flag.removeHandler(flag.onCancel { removed.cancel() })
        #expect(!flag.wait(for: .milliseconds(5)))
        flag.cancel()
        flag.cancel()
        #expect(flag.isCancelled && calls.isCancelled && !removed.isCancelled)
        #expect(flag.wait(for: .seconds(60)))
        let late = CancellationFlag()
        _ = flag.onCancel { late.cancel() }
        #expect(late.isCancelled)
    }

    @Test func wakesAThreadThatWaits() async {
        let flag = CancellationFlag()
        let waiting = Signal()
        async let answer = onOwnThread { () -> Bool in
            waiting.set()
            return flag.wait(for: .seconds(600))
        }
        await onOwnThread { waiting.wait() }
        flag.cancel()
        #expect(await answer)
    }

    @Test func theTasksCancellationSetsIt() async {
        let began = Signal()
        let task = Task {
            await withCancellationFlag { flag in
                await onOwnThread { () -> Bool in
                    began.set()
                    return flag.wait(for: .seconds(600))
                }
            }
        }
        await onOwnThread { began.wait() }
        task.cancel()
        #expect(await task.value)
    }
}
