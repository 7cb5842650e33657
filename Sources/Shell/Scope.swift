package import JSON
import Language
import Synchronization

/// The variables of a block and, through its parent, of the blocks around it.
package final class Scope: Sendable {
    private let parent: Scope?
    private let values = Mutex<[String: JSONValue]>([:])
    private let definitions = Mutex<[String: UserCommand]>([:])

    /// Assignments from inside do not go further out: the body of a `def`, or of one turn of a parallel loop.
    private let isBoundary: Bool

    package init(parent: Scope? = nil, isBoundary: Bool = false) {
        self.parent = parent
        self.isBoundary = isBoundary
    }

    package func value(_ name: String) -> JSONValue? {
        var scope: Scope? = self
        while let current = scope {
            if let value = current.values.withLock({ $0[name] }) { return value }
            scope = current.parent
        }
        return nil
    }

    /// Declares a variable of this block; one of the same name further out is hidden, not changed.
    package func declare(_ name: String, _ value: JSONValue) { values.withLock { $0[name] = value } }

    /// `let`: gives the nearest variable of that name a new value, else declares it here. So a loop's body can count,
    /// while nothing outside a `def` changes unseen.
    package func assign(_ name: String, _ value: JSONValue) {
        var scope: Scope? = self
        while let current = scope {
            let found = current.values.withLock { values in
                if values[name] == nil { return false }
                values[name] = value
                return true
            }
            if found { return }
            scope = current.isBoundary ? nil : current.parent
        }
        declare(name, value)
    }

    package func command(_ name: String) -> UserCommand? {
        var scope: Scope? = self
        while let current = scope {
            if let command = current.definitions.withLock({ $0[name] }) { return command }
            scope = current.parent
        }
        return nil
    }

    func define(_ command: UserCommand) {
        definitions.withLock { $0[command.definition.name.text] = command }
    }

    /// Every variable that can be seen here, nearest block first.
    package var names: [String] {
        var names: [String] = []
        var scope: Scope? = self
        while let current = scope {
            names += current.values.withLock { $0.keys.sorted() }.filter { !names.contains($0) }
            scope = current.parent
        }
        return names
    }

    package var commandNames: [String] {
        (parent?.commandNames ?? []) + definitions.withLock { $0.keys.sorted() }
    }
}
