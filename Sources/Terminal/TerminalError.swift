import Glibc

/// What can go wrong between dsh and the terminal or file that it writes to.
package enum TerminalError: Error, Hashable, Sendable {
    /// Nobody reads any more (`dsh … | head`): the caller ends quietly.
    case brokenPipe
    /// A signal came while the reader took nothing.
    case interrupted
    /// The device of the output is full.
    case noSpace
    /// Another failure of the system; `operation` says what was tried.
    case system(operation: String, errno: Int32)
    /// The line editor is not to be had on this machine or terminal.
    case unsupported(String)

    /// A stable word, as every error of dsh has.
    package var code: String {
        switch self {
        case .brokenPipe, .system: "io"
        case .interrupted: "interrupted"
        case .noSpace: "no_space"
        case .unsupported: "unsupported"
        }
    }

    package var message: String {
        switch self {
        case .brokenPipe: "the reader of the output has gone away"
        case .interrupted: "interrupted"
        case .noSpace: "no space left where the output goes"
        case .system(let operation, let number): "\(operation): \(Self.describe(number))"
        case .unsupported(let reason): "no line editor: \(reason)"
        }
    }

    package var hint: String? {
        switch self {
        case .noSpace: "free some space, or write the output elsewhere"
        case .unsupported: "install libedit (Debian: libedit2), or use dsh -c and scripts"
        case .brokenPipe, .interrupted, .system: nil
        }
    }

    static func write(errno number: Int32) -> TerminalError {
        switch number {
        case EPIPE: .brokenPipe
        case ENOSPC, EDQUOT: .noSpace
        default: .system(operation: "cannot write", errno: number)
        }
    }

    private static func describe(_ number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
