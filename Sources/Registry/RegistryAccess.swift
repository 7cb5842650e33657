/// What is to be done with a repository, and so what a token has to allow (distribution's `scope.md`).
struct RegistryAccess: Sendable, Hashable {
    /// As a scope has them: `pull,push`.
    let actions: String
    /// The path of a repository on the same registry that is read from as well: a mount needs both.
    private(set) var readsFrom: String?

    static let pull = RegistryAccess(actions: "pull")
    static let push = RegistryAccess(actions: "pull,push")
    static let delete = RegistryAccess(actions: "delete,pull")

    private init(actions: String) { self.actions = actions }

    /// The same, with leave to read another repository.
    func reading(from path: String) -> RegistryAccess {
        var access = self
        access.readsFrom = path
        return access
    }

    /// The scopes to ask a token server for, parted by spaces.
    func scope(of path: String) -> String {
        let own = "repository:\(path):\(actions)"
        guard let readsFrom, readsFrom != path else { return own }
        return own + " repository:\(readsFrom):pull"
    }

    /// Both lists of scopes in one, the actions of a resource that is in both together.
    static func union(_ one: String, _ other: String) -> String {
        var resources: [String] = []
        var actions: [String: [Substring]] = [:]
        for scope in one.split(separator: " ") + other.split(separator: " ") {
            // A host with a port may be in the name: the actions are behind the last colon.
            guard let colon = scope.lastIndex(of: ":") else { continue }
            let resource = String(scope[..<colon])
            if actions[resource] == nil { resources.append(resource) }
            for action in scope[scope.index(after: colon)...].split(separator: ",")
            where !actions[resource, default: []].contains(action) {
                actions[resource, default: []].append(action)
            }
        }
        return resources.map { "\($0):\(actions[$0, default: []].joined(separator: ","))" }.joined(separator: " ")
    }
}
