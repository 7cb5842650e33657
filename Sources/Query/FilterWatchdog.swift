import CJq
import Glibc
import Synchronization
import Threads

/// Stops evaluations that were cancelled or use too much memory: one thread, which looks every 5 ms while there are any and
/// sleeps otherwise.
///
/// It is the only one to call `jq_halt`, at most once an evaluation, and never after `end` returned.
final class FilterWatchdog: Sendable {
    static let shared = FilterWatchdog()

    enum Reason: Sendable {
        case cancelled
        /// The limit, in bytes.
        case memory(Int)
    }

    private struct Watch: @unchecked Sendable {  // The state's pointer is only used between begin and end.
        let state: OpaquePointer
        let memoryLimit: Int
        let isCancelled: () -> Bool
        /// Resident bytes when the evaluation was first looked at.
        var baseline: Int?
        var reason: Reason?
    }

    private struct Table {
        var watches: [Int: Watch] = [:]
        var nextKey = 0
        var isRunning = false
    }

    private let table = Mutex(Table())
    /// How many looks without any evaluation before the thread ends; the next evaluation starts another.
    private static let idleLooks = 200
    private static let interval: UInt32 = 5000

    /// Watches the evaluation that `state` is about to run; `isCancelled` is asked from the watchdog's thread.
    func begin(_ state: OpaquePointer, memoryLimit: Int, isCancelled: @escaping () -> Bool) -> Int {
        let watch = Watch(state: state, memoryLimit: memoryLimit, isCancelled: isCancelled)
        let (key, hasToStart) = table.withLock { table in
            table.nextKey += 1
            table.watches[table.nextKey] = watch
            defer { table.isRunning = true }
            return (table.nextKey, !table.isRunning)
        }
        if hasToStart, !startThread() { table.withLock { $0.isRunning = false } }
        return key
    }

    /// Ends the watch; why the evaluation was stopped, nil where it was not.
    func end(_ key: Int) -> Reason? {
        table.withLock { $0.watches.removeValue(forKey: key)?.reason }
    }

    private func startThread() -> Bool {
        WorkerThread.startDetached(stackSize: 256 << 10) { self.watch() }
    }

    private func watch() {
        var idle = 0
        while true {
            usleep(Self.interval)
            let isOver = table.withLock { table in
                idle = table.watches.isEmpty ? idle + 1 : 0
                if idle > Self.idleLooks {
                    table.isRunning = false
                    return true
                }
                for key in table.watches.keys { look(at: &table.watches[key]) }
                return false
            }
            if isOver { return }
        }
    }

    private func look(at watch: inout Watch?) {
        guard var present = watch, present.reason == nil else { return }
        let resident = residentBytes()
        let baseline = present.baseline ?? resident
        present.baseline = baseline
        if present.isCancelled() {
            present.reason = .cancelled
        } else if resident - baseline > present.memoryLimit {
            present.reason = .memory(present.memoryLimit)
        }
        if present.reason != nil { cjq_halt(present.state) }
        watch = present
    }
}

/// Bytes of this process in memory; 0 where that cannot be read.
private func residentBytes() -> Int {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 128)
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return 0 }
    let fields = buffer[..<count].split(separator: UInt8(ascii: " "))
    guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
    return pages * sysconf(Int32(_SC_PAGESIZE))
}
