import Store

/// Runs work in an OCI image layout that is not the store. What is wrong there is said of that directory: the hints of the
/// store, `fsck` and `DSH_STORE` among them, would lead elsewhere.
func inLayout<Result: ~Copyable>(
    _ path: String, _ body: () throws(StoreError) -> Result
) throws(BackendError) -> Result {
    do throws(StoreError) { return try body() } catch {
        var failure = BackendError(error)
        switch error.code {
        case .corrupt:
            if !failure.message.contains(path) { failure.message = "\(path): \(failure.message)" }
            failure.hint = BackendError.hintOnLayout
        case .unsupported: failure.hint = "name another directory"
        case .io: failure.hint = nil
        default: break
        }
        throw failure
    }
}

extension BackendError {
    /// What to do about a damaged layout in a directory.
    static let hintOnLayout = "restore the directory from a copy, or copy the image into another one from where it came"
}
