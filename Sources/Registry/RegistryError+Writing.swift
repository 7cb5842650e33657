import HTTP

extension RegistryError {
    /// What a failed upload, manifest or deletion means where that is another thing than for what is only read; nil
    /// where it is not (distribution-spec, "Error Codes").
    static func writing(
        _ response: HTTPResponse, _ problem: RegistryProblem?, registry: String, subject: RegistrySubject
    ) -> RegistryError? {
        guard [.upload, .put, .delete].contains(subject.kind) else { return nil }
        let said = problem.map { $0.message.isEmpty ? "" : " (\($0.message))" } ?? ""
        func error(_ reason: Reason, _ text: String, hint: String? = nil, retry: Bool = false) -> RegistryError {
            RegistryError(
                reason, text, hint: hint, status: response.status, registry: registry, isRetryable: retry)
        }
        switch (response.status, problem?.code ?? "") {
        case (429, _), (_, "TOOMANYREQUESTS"), (401, _), (500..., _), (408, _): return nil
        case (405, _), (_, "UNSUPPORTED"):
            return error(
                .unsupported, "\(registry) does not let anybody \(subject.deed) \(subject.name)\(said)",
                hint: subject.kind == .delete
                    ? "deletion is switched off there (Docker's registry allows it with storage.delete.enabled), or it is read-only"
                    : "it is read-only, or a cache of another registry")
        case (403, _), (_, "DENIED"):
            return error(
                .denied, "\(registry) does not let this account \(subject.deed) \(subject.name)\(said)",
                hint: "it needs an account that may \(subject.kind == .delete ? "delete" : "push") there")
        case (413, _):
            return error(.refused, "\(registry) takes nothing as large as \(subject.name)\(said)")
        case (_, "DIGEST_INVALID") where subject.kind == .put:
            // The bytes were digested here: registries say so also while somebody else writes the same, or what it lists.
            return error(
                .digestMismatch, "\(registry) got another manifest than \(subject.name)\(said)",
                hint: "something on the way changes content, or the registry could not read what was written meanwhile",
                retry: true)
        case (_, "DIGEST_INVALID") where subject.kind == .upload:
            return error(
                .digestMismatch, "\(registry) got other content than \(subject.name)\(said)",
                hint: "the content is damaged where it came from, or on the way; for the store, `fsck` tells")
        case (_, let code) where subject.kind == .put && code.hasSuffix("BLOB_UNKNOWN"):
            return error(
                .refused, "\(registry) misses something that \(subject.name) is made of\(said)",
                hint: "what it had may have been removed meanwhile; try again")
        case (400, _) where subject.kind == .put:
            return error(.refused, "\(registry) does not take the manifest of \(subject.name)\(said)")
        case (404, "NAME_UNKNOWN") where subject.kind != .delete, (404, "") where subject.kind == .put:
            return error(
                .notFound, "\(registry) has no repository for \(subject.name)\(said)",
                hint: "some registries want a repository to be made before the first push")
        case (404, _) where subject.kind == .delete:
            return error(.manifestUnknown, "\(registry) has no \(subject.name)\(said)", hint: "it may be gone already")
        default: return nil
        }
    }
}

extension RegistrySubject {
    fileprivate var deed: String {
        switch kind {
        case .delete: "delete"
        case .put: "write"
        default: "upload"
        }
    }
}
