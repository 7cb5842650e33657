import HTTP
import JSON

/// What was asked of a registry: for messages.
struct RegistrySubject: Sendable {
    enum Kind: Sendable {
        case manifest, blob, tags, catalog, referrers, ping, token, search
        /// What changes the registry.
        case upload, put, delete
    }

    let kind: Kind
    /// `nginx:1.25`, `sha256:…`, or empty.
    let name: String

    /// With the repository that a blob is of: a digest alone says nothing to somebody who looks for what to log in to.
    func placed(in endpoint: RegistryEndpoint) -> RegistrySubject {
        guard kind == .blob || kind == .upload, !endpoint.path.isEmpty else { return self }
        return RegistrySubject(kind: kind, name: "\(name) of \(endpoint.registry)/\(endpoint.path)")
    }
}

/// The first of the errors in a registry's answer (distribution-spec, "Error Codes").
struct RegistryProblem {
    let code: String
    let message: String

    /// nil where the body is not of that form. `sent` is the `Authorization` value that it answers.
    init?(_ body: [UInt8], sent: Secret? = nil) {
        let said = ServerText(sent: sent)
        guard let json = try? JSONValue.parse(body) else { return nil }
        if let first = json["errors"]?.arrayValue?.first {
            code = first["code"]?.stringValue?.uppercased() ?? ""
            let text = first["message"]?.stringValue ?? ""
            let detail = first["detail"]?.stringValue ?? ""
            message = escaped(said.struck(detail.isEmpty || detail == text ? text : "\(text): \(detail)"))
        } else if let text = json["details"]?.stringValue ?? json["message"]?.stringValue
            ?? json["error_description"]?.stringValue ?? json["error"]?.stringValue
        {
            // Docker's token server, GitLab and others.
            code = ""
            message = escaped(said.struck(text))
        } else {
            return nil
        }
    }
}

extension RegistryError {
    /// The error that a response of status 400 and above is. `sent` is the `Authorization` value of its request, which is
    /// not told even where the server repeats it.
    init(
        _ response: HTTPResponse, body: [UInt8], registry: String, subject: RegistrySubject, sent: Secret? = nil
    ) {
        let problem = RegistryProblem(body, sent: sent)
        let said = problem.map { $0.message.isEmpty ? "" : " (\($0.message))" } ?? ""
        let what = subject.name.isEmpty ? "" : " \(subject.name)"
        let wait = response.headers["Retry-After"].flatMap { RetryAfter.parse($0) }
        func error(_ reason: Reason, _ text: String, hint: String? = nil, retry: Bool = false) -> RegistryError {
            var error = RegistryError(
                reason, text, hint: hint, status: response.status, registry: registry, isRetryable: retry,
                retryAfter: wait)
            error.told = problem.flatMap { $0.message.isEmpty ? nil : $0.message }
            return error
        }
        if let writing = RegistryError.writing(response, problem, registry: registry, subject: subject) {
            self = writing
            return
        }
        switch (response.status, problem?.code ?? "") {
        case (429, _), (_, "TOOMANYREQUESTS"):
            let when = wait.map { ", for \($0.components.seconds) s more" } ?? ""
            self = error(
                .rateLimited, "\(registry) limits how often you may ask\(when)\(said)",
                hint: "wait a while, or log in: limits for accounts are higher (login \(registry))", retry: true)
        case (401, "DENIED"), (403, _):
            self = error(
                .denied, "\(registry) denies access to\(what.isEmpty ? " it" : what)\(said)",
                hint: "it may not exist, or needs an account that may read it (login \(registry))")
        case (401, _):
            self = error(
                .unauthorized, "\(registry) wants a login for\(what.isEmpty ? " this" : what)\(said)",
                hint: "check the name: it may not exist; else log in (login \(registry))")
        case (404, _) where subject.kind == .search:
            self = error(
                .unsupported, "\(registry) has no search\(said)",
                hint: "search is Docker Hub's and that of a few registries; name another one: `search HOST/TERM`")
        case (404, let code) where subject.kind == .manifest && code != "NAME_UNKNOWN":
            self = error(
                .manifestUnknown, "\(registry) has no\(what)\(said)",
                hint: "check the tag; another one of the same repository may exist")
        case (404, _):
            self = error(.notFound, "\(registry) has no\(what)\(said)", hint: "check the repository's name")
        case (408, _), (500, _), (502, _), (503, _), (504, _):
            self = error(
                .network, "\(registry) answered \(response.status)\(what.isEmpty ? "" : " for" + what)\(said)",
                hint: "the registry has a problem; try again later", retry: true)
        default:
            // More than is told: a token that is cut off is not found.
            let text = ServerText(sent: sent).struck(String(decoding: body.prefix(16 << 10), as: UTF8.self))
            // In Go's words and in nginx's.
            let wantsTLS =
                response.status == 400
                && (text.contains("HTTP request to an HTTPS server") || text.contains("HTTP request was sent to HTTPS"))
            let quote = said.isEmpty && !text.isEmpty ? " (\(escaped(text, limit: 120)))" : said
            self = error(
                .malformed, "\(registry) answered \(response.status)\(what.isEmpty ? "" : " for" + what)\(quote)",
                hint: wantsTLS
                    ? "it speaks TLS: say --insecure, or for it in registries.conf `insecure = false` (its certificate "
                        + "is verified) or `true`" : nil)
        }
    }
}
