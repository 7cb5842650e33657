import HTTP
import JSON
import OCI

/// The logins of Docker's `config.json` (docker/cli `cli/config/configfile`) or of an `auth.json`
/// (containers-auth.json(5)), which have the same form.
package struct LoginFile: Sendable {
    struct Entry: Sendable {
        /// The key as it stands in the file.
        let stored: String
        /// nil where the entry holds nothing: a helper does, then.
        let credentials: Credentials?
    }

    let path: String
    /// Why what is in the file is not known; nil where it is.
    private(set) var problem: String?
    private(set) var entries: [LoginKey: Entry] = [:]
    /// Every key of `auths` as it stands there.
    private(set) var storedKeys: [String] = []
    /// The helper for everything that `helpers` does not name (`credsStore`).
    private(set) var store: String?
    /// The helpers for single registries (`credHelpers`).
    private(set) var helpers: [LoginKey: String] = [:]

    /// A file that is not there, or one that cannot be read.
    init(path: String, problem: String? = nil) {
        self.path = path
        self.problem = problem
    }

    /// Reads the file's bytes. What is not of that form is told to `warn` and left out: images that need no login can
    /// be had without it.
    package init(bytes: [UInt8], path: String, warn: (String) -> Void = { _ in }) {
        self.path = path
        let json: JSONValue
        do {
            json = try JSONValue.parse(bytes)
        } catch {
            problem = "\(path) is not JSON: \(error.message)"
            warn("no logins are used: \(path) is not JSON: \(error.message)")
            return
        }
        guard json.objectValue != nil else {
            problem = "\(path) is no JSON object"
            warn("no logins are used: \(path) is no JSON object")
            return
        }
        store = json["credsStore"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        for (key, name) in json["credHelpers"]?.objectValue ?? [:] {
            if let name = name.stringValue, !name.isEmpty { helpers[LoginKey(stored: key)] = name }
        }
        for (key, entry) in json["auths"]?.objectValue ?? [:] {
            storedKeys.append(key)
            do throws(EntryError) {
                let found = Entry(stored: key, credentials: try LoginFile.credentials(of: entry))
                // Of two spellings of one registry the one with a login counts.
                let place = LoginKey(stored: key)
                if entries[place]?.credentials == nil { entries[place] = found }
            } catch {
                let name = escaped(key, limit: 100)
                warn("\(path): the login for \(name) is not used: \(error.why); `login \(name)` makes it anew")
            }
        }
    }

    /// Why an entry cannot be used; nothing of it is in the text.
    private struct EntryError: Error {
        let why: String
    }

    private static func credentials(of entry: JSONValue) throws(EntryError) -> Credentials? {
        var username = entry["username"]?.stringValue ?? ""
        var password = entry["password"]?.stringValue ?? ""
        if let auth = entry["auth"]?.stringValue, !auth.isEmpty {
            guard let bytes = Base64.decode(auth), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
                throw EntryError(why: "its \"auth\" is not the base64 of name:password")
            }
            username = String(decoding: bytes[..<colon], as: UTF8.self)
            // Docker's own writer once padded with NULs.
            password = String(decoding: bytes[(colon + 1)...].filter { $0 != 0 }, as: UTF8.self)
        }
        if let token = entry["registrytoken"]?.stringValue, !token.isEmpty { return .registryToken(Secret(token)) }
        if let token = entry["identitytoken"]?.stringValue, !token.isEmpty {
            return .identityToken(username: username, token: Secret(token))
        }
        guard !username.isEmpty || !password.isEmpty else { return nil }
        return .basic(username: username, password: Secret(password))
    }
}

extension Credentials {
    /// The member of `auths` that holds them.
    var entry: JSONValue {
        switch self {
        case .basic(let username, let password):
            return ["auth": .string(Base64.encode(Array("\(username):\(password.reveal())".utf8)))]
        case .identityToken(let username, let token):
            var object: JSONObject = [:]
            if !username.isEmpty { object["auth"] = .string(Base64.encode(Array("\(username):".utf8))) }
            object["identitytoken"] = .string(token.reveal())
            return .object(object)
        case .registryToken(let token): return ["registrytoken": .string(token.reveal())]
        }
    }

    /// Who they are for, nil where they do not say.
    var username: String? {
        switch self {
        case .basic(let username, _), .identityToken(let username, _): username.isEmpty ? nil : username
        case .registryToken: nil
        }
    }
}
