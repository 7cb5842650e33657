import CSQLite
import Glibc
import OCI

/// One connection to the database that `DocumentCache` keeps documents in: SQLite in WAL mode, which any number of processes
/// read and write at once, and which a killed one leaves whole.
///
/// Belongs to one thread at a time. What fails is not done, and is no error: a cache may forget.
final class DocumentTable {
    /// The file is no database, or a damaged one: it is of no more use.
    private(set) var isDamaged = false
    private let database: OpaquePointer
    private var statements: [String: OpaquePointer] = [:]

    /// Another process writes a document at a time: a moment each.
    private static let patience: Int32 = 200
    /// Files of another layout are damaged files (`PRAGMA user_version`).
    private static let version: Int64 = 1

    /// Opens the database at `path`, or makes one if `creating`. nil where it cannot be had, or has nothing to read.
    init?(_ path: String, creating: Bool) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (creating ? SQLITE_OPEN_CREATE : 0)
        guard sqlite3_open_v2(path, &opened, flags, nil) == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            return nil
        }
        database = opened
        sqlite3_busy_timeout(database, DocumentTable.patience)
        // Nothing has to survive a power failure: every document is digested when it is read.
        for setting in ["journal_mode = WAL", "synchronous = OFF", "cache_size = -512", "temp_store = MEMORY"] {
            run("PRAGMA \(setting)")
        }
        let found = number("PRAGMA user_version")
        if found == DocumentTable.version || isDamaged { return }
        guard found == 0 else {
            isDamaged = true
            return
        }
        guard creating else { return nil }
        for change in [
            "BEGIN IMMEDIATE",
            "CREATE TABLE IF NOT EXISTS documents (digest TEXT PRIMARY KEY, used INTEGER NOT NULL, bytes BLOB NOT NULL)",
            "CREATE INDEX IF NOT EXISTS by_use ON documents (used)",
            "PRAGMA user_version = \(DocumentTable.version)", "COMMIT",
        ] where !run(change) {
            return nil
        }
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
        (number("PRAGMA page_count") - number("PRAGMA freelist_count")) * number("PRAGMA page_size")
    }

    /// Removes the quarter of the documents that was used longest ago; whether there were any.
    func removeOldest() -> Bool {
        let count = number("SELECT count(*) FROM documents")
        guard count > 0 else { return false }
        return run(
            "DELETE FROM documents WHERE rowid IN (SELECT rowid FROM documents ORDER BY used, rowid LIMIT \(count / 4 + 1))"
        )
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

    /// What a query of one number answers; 0 where it fails.
    private func number(_ text: String) -> Int64 {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard check(sqlite3_prepare_v2(database, text, -1, &statement, nil)), let statement, step(statement) else {
            return 0
        }
        return sqlite3_column_int64(statement, 0)
    }

    @discardableResult
    private func check(_ code: Int32) -> Bool {
        switch code & 0xff {
        case SQLITE_OK, SQLITE_ROW, SQLITE_DONE: return true
        case SQLITE_CORRUPT, SQLITE_NOTADB: isDamaged = true
        default: break
        }
        return false
    }
}
