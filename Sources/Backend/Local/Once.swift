import Registry
import Synchronization

/// A value that is made when it is first asked for.
final class Once<Value: Sendable>: Sendable {
    private let make: @Sendable () throws(RegistryError) -> Value
    private let made = Mutex<Value?>(nil)

    init(_ make: @escaping @Sendable () throws(RegistryError) -> Value) { self.make = make }

    /// Throws what making it threw; the next call tries again.
    func value() throws(BackendError) -> Value {
        let outcome = made.withLock { value -> Result<Value, RegistryError> in
            if let value { return .success(value) }
            do throws(RegistryError) {
                let new = try make()
                value = new
                return .success(new)
            } catch { return .failure(error) }
        }
        do { return try outcome.get() } catch { throw BackendError(error) }
    }
}
