import JSON
import Synchronization

/// What the tasks of one parallel loop share: the values that wait for a turn, and a lane for the output of each turn,
/// in the order of the values.
final class ParallelTurns: Sendable {
    /// A value of a turn, with the shape of the command that gave it.
    struct Given: Sendable {
        let value: JSONValue
        let shape: ResultShape?
    }

    /// One turn's output, and its place in the order.
    struct Lane: Sendable {
        let number: Int
        /// A turn whose time has not come goes on until it has given so many.
        fileprivate let channel = Channel<Given>(capacity: 1024)
    }

    private struct State {
        /// Lanes whose turns go on, or whose output was not taken.
        var open: [Int: Lane] = [:]
        var count = 0
        var failure: (any Error)?
        var collected: [(number: Int, error: ShellError)] = []
    }

    private let keepsGoing: Bool
    private let values = Channel<JSONValue>()
    /// So many turns may be done before the time of the first has come.
    private let lanes = Channel<Lane>(capacity: 256)
    private let state = Mutex(State())

    init(keepsGoing: Bool) { self.keepsGoing = keepsGoing }

    var hasFailed: Bool { state.withLock { $0.failure != nil } }

    /// Throws what ended the loop: the first error, or with `--keep-going` all of them as one.
    func outcome() throws {
        let (failure, collected) = state.withLock { ($0.failure, $0.collected) }
        if let failure { throw failure }
        let errors = collected.sorted { $0.number < $1.number }.map(\.error)
        guard var first = errors.first else { return }
        for error in errors.dropFirst() { first.others.append(error) }
        throw first
    }

    // MARK: Values

    /// Runs what makes the values.
    func gather(_ make: (@escaping Emit) async throws -> Void) async {
        await watched(number: .max) {
            do {
                try await make { [values] value in
                    if await values.send(value) == false { throw StageStopped() }
                }
            } catch is StageStopped {}
        }
        values.finish(.success(()))
    }

    /// The next value to have a turn; nil where there is none, or no turn is to be begun any more.
    func nextValue() async -> JSONValue? { hasFailed ? nil : try? await values.next() }

    // MARK: Output

    /// The lane of the next turn; nil where nobody takes output any more.
    func addLane() async -> Lane? {
        let lane = state.withLock { state in
            let lane = Lane(number: state.count)
            state.count += 1
            state.open[lane.number] = lane
            // It would not be told of a failure that came before.
            if let failure = state.failure { lane.channel.finish(.failure(failure)) }
            return lane
        }
        return await lanes.send(lane) ? lane : nil
    }

    func noMoreLanes() {
        values.close()
        lanes.finish(.success(()))
    }

    /// Runs one turn, whose output goes to the lane.
    func run(in lane: Lane, _ turn: (@escaping Interpreter.Output) async throws -> Void) async {
        await watched(number: lane.number) {
            do {
                try await turn { value, shape in
                    if await lane.channel.send(Given(value: value, shape: shape)) == false { throw StageStopped() }
                }
            } catch is StageStopped {}
        }
        lane.channel.finish(.success(()))
    }

    /// Takes the lanes' values in order, to the end or to the first turn that did not come to its own.
    func handOn(to output: Interpreter.Output) async {
        do {
            while let lane = try await lanes.next() {
                while let given = try await lane.channel.next() { try await output(given.value, given.shape) }
                state.withLock { _ = $0.open.removeValue(forKey: lane.number) }
            }
        } catch {
            fail(error)
        }
        lanes.close()
        for lane in state.withLock({ Array($0.open.values) }) { lane.channel.close() }
    }

    // MARK: Failure

    /// Runs `work`; what it throws is kept for the end with `--keep-going`, and else is the end.
    private func watched(number: Int, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch let error as ShellError where keepsGoing && error.isCatchable && !Task.isCancelled {
            state.withLock { $0.collected.append((number, error)) }
        } catch {
            fail(error)
        }
    }

    /// The first failure is the loop's: no further turn begins, and turns that are not done have failed with it.
    private func fail(_ error: any Error) {
        let open = state.withLock { state in
            guard state.failure == nil else { return [Lane]() }
            state.failure = error
            return Array(state.open.values)
        }
        for lane in open { lane.channel.finish(.failure(error)) }
        values.close()
    }
}
