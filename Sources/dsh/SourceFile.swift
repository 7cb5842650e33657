import Language
import Shell

/// Reads the script that dsh was started with.
enum SourceFile {
    /// Throws the system's error text.
    static func read(_ path: String) throws(UsageMistake) -> Source {
        do {
            return try ScriptFile.read(path)
        } catch {
            throw UsageMistake(error.message, hint: error.hint)
        }
    }
}
