/// The few colours dsh uses, as SGR sequences; those of values are jq's.
package enum Style {
    package static let reset = "\u{1B}[0m"
    package static let bold = "\u{1B}[1m"
    package static let dim = "\u{1B}[2m"
    package static let green = "\u{1B}[32m"
    package static let cyan = "\u{1B}[36m"
    package static let red = "\u{1B}[31m"
    package static let yellow = "\u{1B}[33m"

    /// A prompt text in a style, marked up for `LineEditor.readLine`; plain where there is no colour. Ends with the
    /// visible space that keeps the colour from reaching what is typed.
    package static func prompt(_ text: String, style: String, hasColor: Bool) -> String {
        guard hasColor else { return text + " " }
        return "\u{1}\(style)\u{1}\(text)\u{1}\(reset)\u{1} "
    }
}
