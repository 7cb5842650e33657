import Glibc
package import OCI

/// What `registries.conf` says about registries (containers-registries.conf(5), version 2).
package struct RegistriesConfiguration: Sendable, Hashable {
    /// A `[[registry]]` table.
    package struct Entry: Sendable, Hashable {
        /// `docker.io`, `example.com/team`, `*.example.com`.
        package var prefix: String
        /// What takes the prefix's place; empty keeps the name.
        package var location: String
        /// nil where the file does not say.
        package var insecure: Bool?
        package var blocked: Bool
        package var mirrors: [Mirror]
    }

    package struct Mirror: Sendable, Hashable {
        package enum Use: String, Sendable {
            case all
            case digestOnly = "digest-only"
            case tagOnly = "tag-only"
        }

        package var location: String
        package var insecure: Bool?
        package var use: Use
    }

    /// By prefix; a later file's entry replaces an earlier one's.
    package private(set) var entries: [Entry] = []
    /// `credential-helpers`: what is looked into for logins, in order; nil where no file says so.
    package private(set) var credentialHelpers: [String]?

    package init() {}

    /// Adds what a later file says.
    mutating func add(_ more: RegistriesFile) {
        credentialHelpers = more.credentialHelpers ?? credentialHelpers
        for entry in more.entries {
            entries.removeAll { $0.prefix == entry.prefix }
            entries.append(entry)
        }
    }

    /// What `CONTAINERS_REGISTRIES_CONF` names, else the user's file, else the system's, each with the `*.conf` files
    /// of the directory beside it (`registries.conf.d`), in order of name; the user's drop-ins count either way
    /// (containers-registries.conf.d(5)).
    /// Nothing where there is none of them.
    ///
    /// Throws `configuration` for a file that cannot be read or understood, and for a named one that is missing.
    package static func load(
        environment: [String: String], system: String = "/etc/containers/registries.conf"
    ) throws(RegistryError) -> RegistriesConfiguration {
        func set(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        var configuration = RegistriesConfiguration()
        if let path = set("CONTAINERS_REGISTRIES_CONF") {
            guard try configuration.read(path) else {
                throw RegistryError(
                    .configuration, "CONTAINERS_REGISTRIES_CONF names \(path), which does not exist", registry: "")
            }
            return configuration
        }
        let directory = set("XDG_CONFIG_HOME") ?? set("HOME").map { $0 + "/.config" }
        let user = directory.map { $0 + "/containers/registries.conf" }
        // The user's drop-ins come last, also where the system's file is the main one.
        if user.map({ access($0, F_OK) != 0 }) ?? true { _ = try configuration.read(system) }
        if let user { _ = try configuration.read(user) }
        return configuration
    }

    /// Adds a file and the drop-ins beside it; returns whether there is such a file.
    private mutating func read(_ path: String) throws(RegistryError) -> Bool {
        let main = try ConfigurationFile.read(path)
        if let main { add(try RegistriesParser.parse(main, path: path)) }
        for extra in ConfigurationFile.list(path + ".d") {
            if let bytes = try ConfigurationFile.read(extra) { add(try RegistriesParser.parse(bytes, path: extra)) }
        }
        return main != nil
    }

    /// The entry of the longest prefix that matches a name like `docker.io/library/nginx`, and what of the name matched.
    func match(_ name: String) -> (entry: Entry, matched: String)? {
        var best: (entry: Entry, matched: String)?
        for entry in entries {
            guard let matched = RegistriesConfiguration.matched(name, prefix: entry.prefix) else { continue }
            if let best, best.entry.prefix.utf8.count >= entry.prefix.utf8.count { continue }
            best = (entry, matched)
        }
        return best
    }

    /// The part of `name` that the prefix stands for. A prefix ends where a path component ends; `*.example.com` is
    /// every host below that domain, of any depth.
    private static func matched(_ name: String, prefix: String) -> String? {
        guard prefix.hasPrefix("*.") else {
            return name == prefix || name.hasPrefix(prefix + "/") ? prefix : nil
        }
        let slash = prefix.firstIndex(of: "/") ?? prefix.endIndex
        let domain = prefix[prefix.index(after: prefix.startIndex)..<slash]
        let host = name.prefix { $0 != "/" }
        guard host.hasSuffix(domain), host.count > domain.count else { return nil }
        let whole = String(host) + String(prefix[slash...])
        return name == whole || name.hasPrefix(whole + "/") ? whole : nil
    }

    /// Where a repository is asked for, in order: mirrors, then the registry itself.
    ///
    /// Throws `blocked`, or `configuration` where a location leaves no repository name.
    package func endpoints(for repository: Repository, byDigest: Bool) throws(RegistryError) -> [RegistryEndpoint] {
        let name = repository.canonical
        guard let (entry, matched) = match(name) else {
            return [
                RegistryEndpoint(registry: repository.registry, path: repository.path, insecure: nil, isMirror: false)
            ]
        }
        if entry.blocked {
            throw RegistryError(
                .blocked, "registries.conf blocks \(entry.prefix)", hint: "remove `blocked = true` for it",
                registry: repository.registry)
        }
        let rest = name.dropFirst(matched.count)
        func endpoint(_ location: String, _ insecure: Bool?, isMirror: Bool) throws(RegistryError) -> RegistryEndpoint {
            let place = (location.isEmpty ? matched : location) + rest
            guard let slash = place.firstIndex(of: "/"), place.index(after: slash) < place.endIndex else {
                throw RegistryError(
                    .configuration, "registries.conf turns \(name) into \"\(place)\", which names no repository",
                    registry: repository.registry)
            }
            return RegistryEndpoint(
                registry: String(place[..<slash]), path: String(place[place.index(after: slash)...]),
                insecure: insecure, isMirror: isMirror)
        }
        var found: [RegistryEndpoint] = []
        for mirror in entry.mirrors where mirror.use == .all || (mirror.use == .digestOnly) == byDigest {
            found.append(try endpoint(mirror.location, mirror.insecure, isMirror: true))
        }
        found.append(try endpoint(entry.location, entry.insecure, isMirror: false))
        return found
    }
}
