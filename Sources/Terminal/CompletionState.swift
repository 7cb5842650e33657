/// What Tab does next: the first one inserts what is certain, a second one at the same place lists what is left.
struct CompletionState {
    enum Step: Hashable {
        case beep
        /// Put this where the result's range is.
        case insert(String)
        case list
    }

    private var lastText: String?
    private var lastCursor = 0

    mutating func reset() {
        lastText = nil
    }

    /// `replacing` is the result's range, as bytes of `text`, with the cursor in it or at its end.
    mutating func step(text: String, cursor: Int, replacing: Range<Int>, result: CompletionResult) -> Step {
        let isSecond = lastText == text && lastCursor == cursor
        lastText = text
        lastCursor = cursor
        guard let first = result.candidates.first else { return .beep }
        let present = String(decoding: text.utf8.dropFirst(replacing.lowerBound).prefix(replacing.count), as: UTF8.self)
        guard result.candidates.count > 1 else {
            let follows = text.utf8.dropFirst(replacing.upperBound).first
            let space = first.isFinal && follows != UInt8(ascii: " ") ? " " : ""
            let whole = first.text + space
            return whole == present ? .beep : .insert(whole)
        }
        if isSecond { return .list }
        let common = result.commonPrefix
        // A match that is not a prefix match (another case, a short form) must not eat what was typed.
        guard common.utf8.count > present.utf8.count || (common.utf8.count == present.utf8.count && common != present)
        else { return .beep }
        // The next Tab sees the longer text; it lists at once there, as the user asked twice.
        let before = String(decoding: text.utf8.prefix(replacing.lowerBound), as: UTF8.self)
        let after = String(decoding: text.utf8.dropFirst(replacing.upperBound), as: UTF8.self)
        lastText = before + common + after
        lastCursor = before.utf8.count + common.utf8.count
        return .insert(common)
    }
}
