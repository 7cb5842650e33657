import HTTP
import TOMLKit

/// What one file says.
struct RegistriesFile: Sendable {
    let entries: [RegistriesConfiguration.Entry]
    let credentialHelpers: [String]?
}

/// Reads the text of `registries.conf`. `unqualified-search-registries`, `short-name-mode` and `[aliases]` are not
/// used: a name without registry is Docker Hub's, as in Docker.
struct RegistriesParser {
    private let path: String

    static func parse(_ bytes: [UInt8], path: String) throws(RegistryError) -> RegistriesFile {
        let parser = RegistriesParser(path: path)
        let text = String(decoding: bytes, as: UTF8.self)
        guard !bytes.contains(0) else { throw parser.error("has a NUL byte in it") }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let begin = error.source.begin
            throw RegistryError(
                .configuration, "\(path):\(begin.line):\(begin.column): \(escaped(error.description))", registry: "")
        } catch {
            throw parser.error("is not TOML: \(escaped("\(error)"))")
        }
        return RegistriesFile(entries: try parser.entries(table), credentialHelpers: try parser.helpers(table))
    }

    /// An empty list is as good as none: with it nobody could log in.
    private func helpers(_ table: TOMLTable) throws(RegistryError) -> [String]? {
        guard let value = table["credential-helpers"] else { return nil }
        guard let array = value.array, case let names = array.compactMap(\.string), names.count == array.count else {
            throw error("has credential-helpers that are no array of strings")
        }
        let used = names.filter { !$0.isEmpty }
        return used.isEmpty ? nil : used
    }

    private func error(_ why: String) -> RegistryError {
        RegistryError(.configuration, "\(path) \(why)", hint: "see containers-registries.conf(5)", registry: "")
    }

    private func entries(_ table: TOMLTable) throws(RegistryError) -> [RegistriesConfiguration.Entry] {
        if table["registries"]?.table != nil { return try versionOne(table) }
        return try tables(table, "registry").map(entry)
    }

    private func entry(_ table: TOMLTable) throws(RegistryError) -> RegistriesConfiguration.Entry {
        let location = try location(table, "location")
        let prefix = try self.location(table, "prefix")
        guard !prefix.isEmpty || !location.isEmpty else {
            throw error("has a [[registry]] without location and prefix")
        }
        guard !location.isEmpty || prefix.hasPrefix("*.") || table["location"] == nil else {
            throw error("has an empty location for \(escaped(prefix))")
        }
        if prefix.contains("*"), !prefix.hasPrefix("*.") || prefix.dropFirst().contains("*") {
            throw error("has the prefix \(escaped(prefix)): a wildcard is only *.example.com")
        }
        if location.contains("*") { throw error("has the location \(escaped(location)), with a wildcard") }
        let onlyDigests = try flag(table, "mirror-by-digest-only")
        let mirrors = try tables(table, "mirror").map { (table) throws(RegistryError) in
            try mirror(table, onlyDigests: onlyDigests)
        }
        return RegistriesConfiguration.Entry(
            prefix: prefix.isEmpty ? location : prefix, location: location, insecure: try flag(table, "insecure"),
            blocked: try flag(table, "blocked") ?? false, mirrors: mirrors)
    }

    private func mirror(
        _ table: TOMLTable, onlyDigests: Bool?
    ) throws(RegistryError) -> RegistriesConfiguration.Mirror {
        let location = try location(table, "location")
        guard !location.isEmpty else { throw error("has a mirror without location") }
        var use: RegistriesConfiguration.Mirror.Use = onlyDigests == true ? .digestOnly : .all
        if let text = try string(table, "pull-from-mirror"), !text.isEmpty {
            guard let known = RegistriesConfiguration.Mirror.Use(rawValue: text) else {
                throw error("has pull-from-mirror = \"\(escaped(text))\": it is all, digest-only or tag-only")
            }
            guard onlyDigests != true else {
                throw error("has pull-from-mirror beside mirror-by-digest-only, which says it for every mirror")
            }
            use = known
        }
        return RegistriesConfiguration.Mirror(location: location, insecure: try flag(table, "insecure"), use: use)
    }

    /// The old form: lists of hosts that are insecure or blocked.
    private func versionOne(_ table: TOMLTable) throws(RegistryError) -> [RegistriesConfiguration.Entry] {
        guard table["registry"] == nil else { throw error("mixes the forms of version 1 and 2") }
        func hosts(_ name: String) -> [String] {
            guard let list = table["registries"]?.table?[name]?.table?["registries"]?.array else { return [] }
            return list.compactMap(\.string).map(trimmed).filter { !$0.isEmpty }
        }
        let insecure = hosts("insecure")
        let blocked = hosts("block")
        return Set(insecure + blocked).sorted().map { host in
            RegistriesConfiguration.Entry(
                prefix: host, location: host, insecure: insecure.contains(host) ? true : nil,
                blocked: blocked.contains(host), mirrors: [])
        }
    }

    private func tables(_ table: TOMLTable, _ key: String) throws(RegistryError) -> [TOMLTable] {
        guard let value = table[key] else { return [] }
        guard let array = value.array else { throw error("has a \(key) that is no array of tables") }
        let tables = array.compactMap(\.table)
        guard tables.count == array.count else { throw error("has a \(key) that is no array of tables") }
        return tables
    }

    private func string(_ table: TOMLTable, _ key: String) throws(RegistryError) -> String? {
        guard let value = table[key] else { return nil }
        guard let text = value.string else { throw error("has a \(key) that is no string") }
        return text
    }

    private func flag(_ table: TOMLTable, _ key: String) throws(RegistryError) -> Bool? {
        guard let value = table[key] else { return nil }
        guard let flag = value.bool else { throw error("has a \(key) that is neither true nor false") }
        return flag
    }

    private func location(_ table: TOMLTable, _ key: String) throws(RegistryError) -> String {
        let text = trimmed(try string(table, key) ?? "")
        guard !text.contains("://") else {
            throw error("has the \(key) \"\(escaped(text))\": it is a host and path, without http:// or https://")
        }
        guard text.utf8.allSatisfy({ $0 > 32 && $0 < 127 && !"?#@\"\\".utf8.contains($0) }) else {
            throw error("has the \(key) \"\(escaped(text))\", which is no host and path")
        }
        return text
    }

    private func trimmed(_ text: String) -> String {
        var rest = text[...]
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        return String(rest)
    }
}
