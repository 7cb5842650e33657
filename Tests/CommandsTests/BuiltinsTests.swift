import Commands
import Shell
import Testing

@Suite struct BuiltinsTests {
    /// The list has each name once more, so that a start need not read every declaration.
    @Test func everyCommandStandsUnderTheNameItDeclares() {
        #expect(Builtins.table.names.count > 40)
        for name in Builtins.table.names { #expect(Builtins.table[name]?.declaration.name == name) }
    }
}
