import JSON

/// A password or token. However it is printed, interpolated or reflected it says `<redacted>`.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The secret itself: for a header, and nothing else.
    package func reveal() -> String { text }

    package var isEmpty: Bool { text.isEmpty }
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

/// What proves to a registry who is asking.
package enum Credentials: Sendable, Hashable {
    case basic(username: String, password: Secret)
    /// An OAuth 2 refresh token, exchanged at the token server (distribution's `oauth.md`).
    case identityToken(username: String, token: Secret)
    /// A bearer token that is sent as it is.
    case registryToken(Secret)

    /// What a token server is sent, as an `Authorization` value has it.
    var sent: Secret {
        switch self {
        case .basic: basicHeader ?? Secret("")
        case .identityToken(_, let token), .registryToken(let token): Secret("Bearer " + token.reveal())
        }
    }

    /// The value of a basic `Authorization` header, nil where there is no password.
    var basicHeader: Secret? {
        guard case .basic(let username, let password) = self else { return nil }
        return Secret("Basic " + Base64.encode(Array("\(username):\(password.reveal())".utf8)))
    }
}
