import CLinux

/// Tells how much of the thread's stack is left, so that nesting ends in an error on any thread, large or small.
struct StackGuard {
    /// Frames of the deepest nesting that is checked nowhere else, generously, in a debug build.
    private static let reserve: UInt = 160 << 10
    private let lowest: UInt

    init() {
        var address: UInt = 0
        var size = 0
        guard dsh_stack(&address, &size) == 0 else {
            lowest = UInt.max
            return
        }
        lowest = address &+ min(Self.reserve, UInt(size / 2))
    }

    var isExhausted: Bool {
        var marker: UInt8 = 0
        return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) } < lowest
    }
}
