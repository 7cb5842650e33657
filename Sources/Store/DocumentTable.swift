import CSQLite
import Glibc
import Layers
import OCI

/// One connection to the SQLite database that `DocumentCache` keeps documents in. Any number of processes read and write it at
/// once; one that is killed leaves it whole. It has a rollback journal and not a log of changes (WAL): that would need a file
/// that all of them map into memory, which network file systems do not have, and a shortened one ends the process.
///
/// Belongs to one thread at a time. What fails is not done, and is no error: a cache may forget.
final class DocumentTable {
    /// The file is no database of this kind, or a damaged one: it is of no more use.
    private(set) var isDamaged = false
    /// How often another process had the file for so long that nothing came of it.
    private(set) var refusals = 0
    private let database: OpaquePointer
    private var statements: [String: OpaquePointer] = [:]

    /// Milliseconds. Another process writes a document at a time, in much less than this.
    private static let patience: Int32 = 10
    private static let patienceAtFirst: Int32 = 200
    private static let pageSize: Int64 = 4096
    /// What `file` calls such a file, and which tables it has (`PRAGMA application_id` and `user_version`).
    private static let application: Int64 = 0x6473_6864
    private static let version: Int64 = 1

    /// Opens the database at `path`, or makes one if `creating`, which is never larger than `maximumBytes`. nil where it cannot
    /// be had, or has nothing to read.
    init?(_ path: String, creating: Bool, maximumBytes: Int64) {
        // SQLite follows links, and waits for what is no file.
        if let status = try? FileStatus(path: path) {
            guard status.isRegular else { return nil }
        } else if !creating {
            return nil
        }
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (creating ? SQLITE_OPEN_CREATE : 0)
        guard sqlite3_open_v2(path, &opened, flags, nil) == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            return nil
        }
        database = opened
        sqlite3_busy_timeout(database, DocumentTable.patienceAtFirst)
        // No more than a document is ever read from a file that others may have written.
        sqlite3_limit(database, SQLITE_LIMIT_LENGTH, Int32(DocumentCache.largest) + 4096)
        guard let version = number("PRAGMA user_version"), let application = number("PRAGMA application_id"),
            let tables = number("SELECT count(*) FROM sqlite_master")
        else {
            if isDamaged { return }
            return nil
        }
        if version != 0 || application != 0 || tables != 0 {
            isDamaged = version != DocumentTable.version || application != DocumentTable.application
            if isDamaged { return }
        } else if !creating || !make() {
            return nil
        }
        // Nothing has to survive a power failure: every document is digested when it is read.
        for setting in [
            "journal_mode = PERSIST", "synchronous = OFF", "cache_size = -512", "temp_store = MEMORY",
            "max_page_count = \(max(16, maximumBytes / DocumentTable.pageSize))",
        ] {
            run("PRAGMA \(setting)")
        }
        sqlite3_busy_timeout(database, DocumentTable.patience)
        refusals = 0
    }

    private func make() -> Bool {
        for change in [
            "PRAGMA page_size = \(DocumentTable.pageSize)", "PRAGMA synchronous = OFF", "BEGIN IMMEDIATE",
            // Another process may have been faster.
            "CREATE TABLE IF NOT EXISTS documents (digest TEXT PRIMARY KEY, used INTEGER NOT NULL, bytes BLOB NOT NULL)",
            "CREATE INDEX IF NOT EXISTS by_use ON documents (used)",
            "PRAGMA application_id = \(DocumentTable.application)", "PRAGMA user_version = \(DocumentTable.version)",
            "COMMIT",
        ] where !run(change) {
            return false
        }
        return true
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(database)
    }

    /// A document and when it was last used, in seconds since 1970.
    func document(_ digest: Digest) -> (bytes: [UInt8], used: Int64)? {
        var found: (bytes: [UInt8], used: Int64)?
        with("SELECT bytes, used FROM documents WHERE digest = ?", digest) { statement in
            guard step(statement) else { return }
            let count = Int(sqlite3_column_bytes(statement, 0))
            guard count <= DocumentCache.largest else { return }
            let bytes = UnsafeRawBufferPointer(start: sqlite3_column_blob(statement, 0), count: count)
            found = (Array(bytes), sqlite3_column_int64(statement, 1))
        }
        return found
    }

    /// Keeps a document, unless it is there.
    func insert(_ bytes: [UInt8], _ digest: Digest, used: Int64) {
        with("INSERT OR IGNORE INTO documents (digest, used, bytes) VALUES (?, ?, ?)", digest) { statement in
            sqlite3_bind_int64(statement, 2, used)
            bytes.withUnsafeBytes { bytes in
                // Bound where it is: the statement is done with it before this ends. No address would mean NULL.
                _ = sqlite3_bind_blob(
                    statement, 3, bytes.baseAddress ?? UnsafeRawPointer(database), Int32(bytes.count), nil)
                step(statement)
                sqlite3_clear_bindings(statement)
            }
        }
    }

    func markUsed(_ digest: Digest, _ time: Int64) {
        with("UPDATE documents SET used = ?2 WHERE digest = ?1", digest) { statement in
            sqlite3_bind_int64(statement, 2, time)
            step(statement)
        }
    }

    func remove(_ digest: Digest) {
        with("DELETE FROM documents WHERE digest = ?", digest) { step($0) }
    }

    /// Bytes of the file that hold something.
    var size: Int64 {
        guard let pages = number("PRAGMA page_count"), let free = number("PRAGMA freelist_count") else { return 0 }
        return (pages - free) * DocumentTable.pageSize
    }

    /// Removes some of the documents, those that were used longest ago; whether there were any.
    func removeOldest() -> Bool {
        guard let count = number("SELECT count(*) FROM documents"), count > 0 else { return false }
        let most = count / 32 + 1
        return run(
            "DELETE FROM documents WHERE rowid IN (SELECT rowid FROM documents ORDER BY used, rowid LIMIT \(most))")
    }

    // MARK: Statements

    private func with(_ text: String, _ digest: Digest, _ body: (OpaquePointer) -> Void) {
        guard let statement = statement(text) else { return }
        var name = digest.description
        name.withUTF8 { name in
            _ = sqlite3_bind_text(
                statement, 1, UnsafeRawPointer(name.baseAddress)?.assumingMemoryBound(to: CChar.self),
                Int32(name.count), nil)
            body(statement)
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
    }

    private func statement(_ text: String) -> OpaquePointer? {
        if let known = statements[text] { return known }
        var made: OpaquePointer?
        guard check(sqlite3_prepare_v2(database, text, -1, &made, nil)), let made else { return nil }
        statements[text] = made
        return made
    }

    /// Whether there is a row.
    @discardableResult
    private func step(_ statement: OpaquePointer) -> Bool {
        let code = sqlite3_step(statement)
        check(code)
        return code == SQLITE_ROW
    }

    @discardableResult
    private func run(_ text: String) -> Bool { check(sqlite3_exec(database, text, nil, nil, nil)) }

    /// What a query of one number answers; nil where it fails.
    private func number(_ text: String) -> Int64? {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard check(sqlite3_prepare_v2(database, text, -1, &statement, nil)), let statement, step(statement) else {
            return nil
        }
        return sqlite3_column_int64(statement, 0)
    }

    @discardableResult
    private func check(_ code: Int32) -> Bool {
        switch code & 0xff {
        case SQLITE_OK, SQLITE_ROW, SQLITE_DONE: return true
        // Of statements that never change: the tables are not those that they were made for.
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR: isDamaged = true
        case SQLITE_BUSY, SQLITE_LOCKED: refusals += 1
        default: break
        }
        return false
    }
}
