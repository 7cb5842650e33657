import CLinux
import Glibc
import HTTP
import JSON
import Threads

extension Logins {
    /// Keeps a login: in the helper that registries.conf names first, or the first file names for it, else in that file,
    /// with mode 0600. Everything else in the file stays as it is, to the byte. With `dryRun` it only says where.
    ///
    /// Throws `helper` where the helper fails or the file cannot be written. Blocks: never call it from a task.
    func store(
        _ credentials: Credentials, for key: LoginKey, dryRun: Bool, cancellation: CancellationFlag
    ) throws(RegistryError) -> LoginRecord {
        for source in sources() {
            switch source {
            // Helpers for everything know registries only.
            case .helper(let name) where key.path.isEmpty:
                var record = LoginRecord(
                    key: key, username: credentials.username, storage: .helper(name), kind: credentials.kind)
                if dryRun { return record }
                try helper(name).store(key.registry, credentials, cancellation: cancellation)
                record.isChanged = true
                forget()
                return record
            case .helper: continue
            case .file(let file):
                return try store(credentials, for: key, in: file, dryRun: dryRun, cancellation: cancellation)
            }
        }
        throw RegistryError(
            .helper, "there is nowhere to keep a login", hint: "set HOME or DOCKER_CONFIG", registry: key.registry)
    }

    private func store(
        _ credentials: Credentials, for key: LoginKey, in file: LoginFile, dryRun: Bool,
        cancellation: CancellationFlag
    ) throws(RegistryError) -> LoginRecord {
        let helper = file.keeper(of: key)
        var record = LoginRecord(
            key: key, username: credentials.username, storage: helper.map { .helper($0) } ?? .file(file.path),
            kind: credentials.kind)
        if dryRun { return record }
        if let helper { try self.helper(helper).store(key.stored, credentials, cancellation: cancellation) }
        // As Docker has it: an empty entry says that there is a login, and that the helper has it.
        let entry = helper == nil ? credentials.entry : .object([:])
        record.isChanged = try LoginFileChange(path: file.path).run { edit, stored in
            for other in stored where other != key.stored && LoginKey(stored: other) == key {
                edit.remove(["auths", other])
            }
            edit.set(["auths", key.stored], to: entry)
        }
        forget()
        return record
    }

    /// Forgets a login wherever it is kept: the places that it was in, and why it could not be taken from others. With
    /// `dryRun` it only says which. Blocks.
    ///
    /// What stands unencrypted in a file goes first, so that no helper can keep it there.
    func erase(
        _ key: LoginKey, dryRun: Bool, cancellation: CancellationFlag
    ) -> (records: [LoginRecord], failures: [RegistryError]) {
        var records: [LoginRecord] = []
        var failures: [RegistryError] = []
        func attempt(_ body: () throws(RegistryError) -> [LoginRecord]) {
            do throws(RegistryError) { records += try body() } catch { failures.append(error) }
        }
        for source in sources() {
            switch source {
            case .helper(let name):
                guard key.path.isEmpty else { continue }
                attempt { () throws(RegistryError) in
                    try erase(key, as: key.helperServers, from: helper(name), dryRun, cancellation)
                }
            case .file(let file):
                attempt { () throws(RegistryError) in try eraseText(of: key, in: file, dryRun: dryRun) }
                guard let name = file.keeper(of: key) else { continue }
                attempt { () throws(RegistryError) in
                    let stored = file.storedKeys.filter { LoginKey(stored: $0) == key }
                    let erased = try erase(
                        key, as: stored.isEmpty ? [key.stored] : stored, from: helper(name), dryRun, cancellation)
                    // The empty entry that says that the helper has it.
                    if !dryRun, !stored.isEmpty { try removeEntries(of: key, in: file) }
                    return erased
                }
            }
        }
        forget()
        return (records, failures)
    }

    /// Takes a login out of a file that holds it itself.
    private func eraseText(
        of key: LoginKey, in file: LoginFile, dryRun: Bool
    ) throws(RegistryError) -> [LoginRecord] {
        if let problem = file.problem {
            throw RegistryError(
                .helper, "whether \(key.name) has a login there is not known: \(problem)",
                hint: "mend it, or move it away", registry: key.registry)
        }
        guard let kept = file.entries[key]?.credentials else {
            // An entry that cannot be read goes all the same, unless a helper is to be asked first.
            let isThere = file.storedKeys.contains { LoginKey(stored: $0) == key }
            if isThere, !dryRun, file.keeper(of: key) == nil { try removeEntries(of: key, in: file) }
            return []
        }
        if !dryRun { try removeEntries(of: key, in: file) }
        return [LoginRecord(key: key, username: kept.username, storage: .file(file.path), kind: kept.kind)]
    }

    private func removeEntries(of key: LoginKey, in file: LoginFile) throws(RegistryError) {
        _ = try LoginFileChange(path: file.path).run { edit, stored in
            for other in stored where LoginKey(stored: other) == key { edit.remove(["auths", other]) }
        }
    }

    private func erase(
        _ key: LoginKey, as servers: [String], from helper: CredentialHelper, _ dryRun: Bool,
        _ cancellation: CancellationFlag
    ) throws(RegistryError) -> [LoginRecord] {
        var records: [LoginRecord] = []
        for server in servers {
            guard let kept = try helper.get(server, cancellation: cancellation) else { continue }
            records.append(
                LoginRecord(key: key, username: kept.username, storage: .helper(helper.name), kind: kept.kind))
            if !dryRun { _ = try helper.erase(server, cancellation: cancellation) }
        }
        return records
    }

    /// Every login, in the order in which they are looked for. Blocks.
    ///
    /// Helpers that cannot be asked are told to `onFailure`; what the files say that they keep is listed nevertheless.
    func list(
        cancellation: CancellationFlag, onFailure: (RegistryError) -> Void
    ) throws(RegistryError) -> [LoginRecord] {
        var records: [LoginRecord] = []
        for source in sources() {
            switch source {
            case .file(let file):
                if let problem = file.problem {
                    onFailure(RegistryError(.helper, problem, hint: "mend it, or move it away", registry: ""))
                }
                records += try list(file, cancellation, onFailure)
            case .helper(let name):
                records += try servers(of: name, cancellation, onFailure).map { server, username in
                    record(LoginKey(stored: server), username, name)
                }
            }
        }
        return records
    }

    /// What a helper lists, in order of name; nothing where it cannot be asked.
    private func servers(
        of name: String, _ cancellation: CancellationFlag, _ onFailure: (RegistryError) -> Void
    ) throws(RegistryError) -> [(server: String, username: String)] {
        do throws(RegistryError) {
            return try helper(name).list(cancellation: cancellation).sorted { $0.server < $1.server }
        } catch {
            if error.reason == .interrupted { throw error }
            onFailure(error)
            return []
        }
    }

    private func list(
        _ file: LoginFile, _ cancellation: CancellationFlag, _ onFailure: (RegistryError) -> Void
    ) throws(RegistryError) -> [LoginRecord] {
        var records: [LoginRecord] = []
        var listed: Set<LoginKey> = []
        for name in Set([file.store].compactMap { $0 } + file.helpers.values).sorted() {
            let own = Set(file.helpers.filter { $0.value == name }.keys)
            for (server, username) in try servers(of: name, cancellation, onFailure) {
                let key = LoginKey(stored: server)
                // A helper for some registries only may know others, which are not asked of it.
                guard name == file.store || own.contains(key) else { continue }
                listed.insert(key)
                records.append(record(key, username, name))
            }
            for key in own.sorted(by: { $0.name < $1.name }) where listed.insert(key).inserted {
                records.append(LoginRecord(key: key, username: nil, storage: .helper(name), kind: nil))
            }
        }
        for (key, entry) in file.entries.sorted(by: { $0.key.name < $1.key.name }) {
            guard let kept = entry.credentials else { continue }
            records.append(
                LoginRecord(key: key, username: kept.username, storage: .file(file.path), kind: kept.kind))
        }
        return records
    }

    private func record(_ key: LoginKey, _ username: String, _ helper: String) -> LoginRecord {
        let isToken = username == "<token>"
        return LoginRecord(
            key: key, username: isToken || username.isEmpty ? nil : username, storage: .helper(helper),
            kind: isToken ? .identityToken : nil)
    }
}

extension LoginFile {
    /// The helper that keeps the logins of a registry and its namespaces, nil where the file does.
    func keeper(of key: LoginKey) -> String? { helpers[key] ?? helpers[key.registryKey] ?? store }
}

/// A change of a file of logins: read, changed and replaced at once, one program at a time.
struct LoginFileChange {
    let path: String

    /// `change` gets the document and the keys of its `auths`. A file that is not there is made, and its directory.
    /// Whether it changed anything.
    func run(_ change: (inout JSONEdit, [String]) -> Void) throws(RegistryError) -> Bool {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        makeDirectory(directory)
        // No lock file is left about: the directory itself can be locked.
        let lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if lock >= 0 { close(lock) } }
        if lock >= 0 { lockBriefly(lock) }
        let old = try ConfigurationFile.read(path) ?? []
        var edit: JSONEdit
        let stored: [String]
        do throws(JSONError) {
            edit = try JSONEdit(old)
            stored = try JSONValue.parse(edit.bytes)["auths"]?.objectValue?.keys ?? []
        } catch {
            throw RegistryError(
                .helper, "\(path) is not changed: it is no JSON object: \(error.message)",
                hint: "mend it, or move it away", registry: "")
        }
        change(&edit, stored)
        if edit.bytes == old { return false }
        try replace(edit.bytes)
        return true
    }

    private func lockBriefly(_ lock: Int32) {
        // Whoever holds it is done in milliseconds; a file system without locks has none to wait for.
        for _ in 0..<100 where dsh_flock(lock, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK else { return }
            usleep(20_000)
        }
    }

    private func makeDirectory(_ directory: String) {
        var made = ""
        for component in directory.split(separator: "/", omittingEmptySubsequences: true) {
            made += (made.isEmpty && !directory.hasPrefix("/") ? "" : "/") + component
            mkdir(made, 0o700)
        }
    }

    /// Through a link to the file that it names: people keep such files elsewhere.
    private func replace(_ bytes: [UInt8]) throws(RegistryError) {
        var target = path
        if let resolved = realpath(path, nil) {
            target = String(cString: resolved)
            free(resolved)
        }
        let temporary = "\(target).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure() }
        defer { close(file) }
        // Not what the umask makes of it: nobody else may read it, and its owner must.
        fchmod(file, 0o600)
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            start += count
        }
        guard start == bytes.count, fsync(file) == 0, rename(temporary, target) == 0 else {
            let error = failure()
            unlink(temporary)
            throw error
        }
    }

    private func failure() -> RegistryError {
        RegistryError(
            .helper, "cannot write \(path): \(String(cString: strerror(errno)))", hint: "the file is as it was",
            registry: "")
    }
}
