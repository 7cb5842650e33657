package import JSON

extension Template {
    /// Runs the template on an object as `docker inspect --format` does: typed first and, where that fails, once more
    /// on the untyped JSON, where a missing key is an error.
    ///
    /// Throws: the untyped run's error, as Docker's client shows that one.
    package func inspect(
        _ object: JSONValue, as type: TemplateType, _ options: Options = Options()
    ) throws(TemplateError) -> [UInt8] {
        do throws(TemplateError) {
            return try bytes(TemplateValue(object, as: type), options)
        } catch {
            if error.phase == .limit { throw error }
            var untyped = options
            untyped.missingKey = .error
            return try bytes(TemplateValue.raw(object, numbers: .text), untyped)
        }
    }
}
