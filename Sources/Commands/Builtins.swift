package import Shell

/// Every built-in command: the only list of them.
package enum Builtins {
    package static let table = CommandTable([
        Pull.self, Images.self, Inspect.self, History.self, Tag.self, Untag.self, Rmi.self, Import.self,
        Collect.self, Help.self, Version.self,
    ])
}
