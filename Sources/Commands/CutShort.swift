import Shell

extension CommandContext {
    /// What to throw where work that changes something was ended by `error` with some of it undone; `told` says what was
    /// done and what was not. Where nobody takes the records any more that is an error of its own, `incomplete`: the stages
    /// behind have not failed, and nobody else would say so. After Ctrl-C it is a note, and `error` is what is thrown.
    func cutShort(by error: any Error, _ told: String) -> any Error {
        guard isUnread else {
            session.note(told)
            return error
        }
        return ShellError(
            .incomplete, "\(told): nobody takes the records any more",
            hint: "the same line again goes on; a stage behind that reads all records lets it come to its end")
    }

    /// Whether work that was broken off was so because nobody takes its records, and not by Ctrl-C.
    var isUnread: Bool { !Task.isCancelled || isLeftBehind }
}
