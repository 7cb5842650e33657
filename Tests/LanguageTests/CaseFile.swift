import Foundation
import Testing

/// Cases in one text: the script, a line `=>`, what it becomes, a line `----`.
struct Case: Sendable, CustomTestStringConvertible {
    var input: String
    var expected: String

    var testDescription: String { input }

    static func all(in text: String) -> [Case] {
        text.components(separatedBy: "\n----\n").map { piece in
            let sides = piece.components(separatedBy: "\n=>\n")
            return Case(input: sides[0], expected: sides.count > 1 ? sides[1] : "")
        }
    }
}
