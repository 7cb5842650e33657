import Glibc
import HTTP
import Synchronization
import Threads

/// The logins of this user, in files and in credential helpers. Nothing is read and no helper is asked before a registry
/// asks for a login; a file that has changed is read again.
package final class Logins: Sendable {
    /// How long a helper's answer is taken for granted: each one costs a process, and some of them a question to a cloud.
    private static let freshness: Duration = .seconds(300)
    /// The same for a helper that failed.
    private static let patience: Duration = .seconds(30)

    private struct Question: Sendable, Hashable {
        let helper: String
        let server: String
    }

    private struct Answer: Sendable {
        let result: Result<Credentials?, RegistryError>
        let until: ContinuousClock.Instant
    }

    private struct State {
        var files: [String: (stamp: FileStamp?, file: LoginFile)] = [:]
        var answers: [Question: Answer] = [:]
        /// The last failure of a helper, by host.
        var failures: [String: RegistryError] = [:]
        var hasMissedNamed = false
    }

    let environment: [String: String]
    let paths: LoginPaths
    let warn: @Sendable (String) -> Void
    /// Instead of the files: for tests.
    private let fixed: [LoginFile]?
    /// What `credential-helpers` of registries.conf names; nil where it says nothing.
    private let order: [String]?
    /// How long a helper may take; nil for its own limit.
    private let helperSeconds: Double?
    private let state = Mutex(State())
    private let flights = SingleFlight<Question, Credentials?>()

    /// The name in `credential-helpers` that stands for files of logins.
    package static let filesName = "containers-auth.json"

    /// Those that the environment's files and helpers keep. What is damaged is told to `warn`, and done without.
    ///
    /// `helpers` is `credential-helpers` of registries.conf: credential helpers that are asked for every registry, and
    /// among them `containers-auth.json` for the place of the files; nil where it is not set: the files alone.
    package init(
        environment: [String: String], helpers: [String]? = nil,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        order = helpers
        helperSeconds = nil
        self.environment = environment
        self.warn = warn
        paths = LoginPaths(environment: environment)
        fixed = nil
    }

    /// Those of files already read; helpers are looked up in that environment, and may take so many seconds.
    package init(
        _ files: [LoginFile], environment: [String: String] = [:], helpers: [String]? = nil,
        helperSeconds: Double? = nil
    ) {
        order = helpers
        self.helperSeconds = helperSeconds
        self.environment = environment
        warn = { _ in }
        paths = LoginPaths(environment: [:])
        fixed = files
    }

    /// The credentials for a repository on a registry host: of the first file that has any, those of the longest path,
    /// then the host's; nil where there are none. A helper comes before what its file itself holds.
    ///
    /// A helper that fails is like one that has none: see `failure`.
    func credentials(registry: String, path: String) async -> Credentials? {
        await stored(registry: registry, path: path)?.credentials
    }

    /// The same, with where they are kept.
    func stored(registry: String, path: String) async -> StoredLogin? {
        let candidates = LoginKey.candidates(registry: registry, path: path)
        for source in sources() {
            let found =
                switch source {
                case .file(let file): await stored(candidates, in: file)
                case .helper(let name): await stored(candidates, inHelper: name)
                }
            if let found { return found }
        }
        return nil
    }

    private func stored(_ candidates: [LoginKey], in file: LoginFile) async -> StoredLogin? {
        for key in candidates {
            if let (helper, server) = file.helper(for: key),
                let found = await ask(Question(helper: helper, server: server), host: key.host)
            {
                return StoredLogin(credentials: found, storage: .helper(helper))
            }
            if let found = file.entries[key]?.credentials {
                return StoredLogin(credentials: found, storage: .file(file.path))
            }
        }
        return nil
    }

    /// Helpers for everything know registries only (containers-registries.conf(5)).
    private func stored(_ candidates: [LoginKey], inHelper name: String) async -> StoredLogin? {
        guard let key = candidates.last else { return nil }
        for server in key.helperServers {
            if let found = await ask(Question(helper: name, server: server), host: key.host) {
                return StoredLogin(credentials: found, storage: .helper(name))
            }
        }
        return nil
    }

    /// Why a helper could not be asked for a registry's login, nil where none failed.
    func failure(registry: String) -> RegistryError? {
        let host = LoginKey.candidates(registry: registry, path: "").first?.host ?? registry
        return state.withLock { $0.failures[host] }
    }

    /// Forgets what helpers answered, so that they are asked again.
    func forget() {
        state.withLock { state in
            state.answers = [:]
            state.failures = [:]
        }
    }

    /// Forgets what helpers answered a while ago; whether there was any of it.
    func forgetOld() -> Bool {
        let soon = ContinuousClock.now + (Logins.freshness - Logins.patience)
        return state.withLock { state in
            let count = state.answers.count
            state.answers = state.answers.filter { $0.value.until > soon }
            return state.answers.count < count
        }
    }

    /// A helper to be run in this environment.
    func helper(_ name: String) -> CredentialHelper {
        var helper = CredentialHelper(name: name, environment: environment)
        if let helperSeconds { helper.seconds = helperSeconds }
        return helper
    }

    private func ask(_ question: Question, host: String) async -> Credentials? {
        if let answer = state.withLock({ $0.answers[question] }), answer.until > .now {
            return (try? answer.result.get()) ?? nil
        }
        let helper = helper(question.helper)
        let result = await flights.value(question, registry: host) {
            // A helper may take its time, and blocks.
            await withCancellationFlag { flag in
                await onOwnThread {
                    Result { () throws(RegistryError) in try helper.get(question.server, cancellation: flag) }
                }
            }
        }
        state.withLock { state in
            switch result {
            case .failure(let error) where error.reason == .interrupted: return
            case .failure(let error): state.failures[host] = error
            case .success: state.failures[host] = nil
            }
            let isKnown = (try? result.get()) != nil
            state.answers[question] = Answer(
                result: result, until: .now + (isKnown ? Logins.freshness : Logins.patience))
        }
        return (try? result.get()) ?? nil
    }

    /// Everything that is looked into, in order.
    func sources() -> [LoginSource] {
        guard let order else { return files().map { .file($0) } }
        return order.flatMap { name -> [LoginSource] in
            name == Logins.filesName ? files().map { .file($0) } : [.helper(name)]
        }
    }

    /// The files as they are now, in order. Those that are not there are empty.
    func files() -> [LoginFile] {
        if let fixed { return fixed }
        return paths.files.map { path in
            let stamp = FileStamp(path)
            if let known = state.withLock({ $0.files[path] }), known.stamp == stamp { return known.file }
            let file = read(path)
            state.withLock { state in
                state.files[path] = (stamp, file)
                state.answers = [:]
            }
            return file
        }
    }

    private func read(_ path: String) -> LoginFile {
        do throws(RegistryError) {
            if let bytes = try ConfigurationFile.read(path) { return LoginFile(bytes: bytes, path: path, warn: warn) }
            let isMissed = state.withLock { state in
                defer { state.hasMissedNamed = true }
                return path == paths.named && !state.hasMissedNamed
            }
            if isMissed { warn("REGISTRY_AUTH_FILE names \(path), which does not exist: no logins are used") }
        } catch {
            warn("no logins are used: \(error.message)")
            return LoginFile(path: path, problem: error.message)
        }
        return LoginFile(path: path)
    }
}

/// A login with the place that it was found in.
struct StoredLogin: Sendable {
    let credentials: Credentials
    let storage: LoginRecord.Storage

    /// `the login of me (from /home/me/.docker/config.json)`
    var name: String {
        let place =
            switch storage {
            case .file(let path): escaped(path, limit: 300)
            case .helper(let name): "the credential helper \(escaped(name, limit: 60))"
            }
        let whose = credentials.username.map { "the login of \(escaped($0, limit: 100))" } ?? "the stored login"
        return "\(whose) (from \(place))"
    }
}

/// One thing that logins are looked for in.
enum LoginSource: Sendable {
    case file(LoginFile)
    /// A credential helper that is asked for every registry.
    case helper(String)
}

extension LoginFile {
    /// The helper to ask for a key, and what to call it there; nil where the file itself would hold the login.
    func helper(for key: LoginKey) -> (name: String, server: String)? {
        let entry = entries[key]
        if let name = helpers[key] { return (name, entry?.stored ?? key.stored) }
        // The store is asked for registries; for a namespace only where the file says that there is a login for it.
        guard let store, key.path.isEmpty || entry != nil, entry?.credentials == nil else { return nil }
        return (store, entry?.stored ?? key.stored)
    }
}

/// What changes when a file does.
private struct FileStamp: Equatable {
    let inode: UInt64
    let size: Int64
    let seconds: Int
    let nanoseconds: Int

    /// nil where there is no such file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}
