import OCI
import Store

/// One row of the store's index with the image that it stands for here.
struct ImageRow: Sendable {
    let entry: StoreEntry
    /// The config's digest.
    let id: Digest

    /// The name as users read it; for a row of another tool its raw name; nil for a dangling image.
    var name: String? { entry.reference?.familiar ?? entry.name }

    /// What to say to the store for this very row.
    var selector: EntrySelector {
        if let reference = entry.reference { return .reference(reference) }
        if let name = entry.name { return .name(name) }
        return .dangling(entry.digest)
    }
}

/// What a name that the user typed means among the rows.
struct ImageMatch: Sendable {
    let id: Digest
    /// The row that bears the name, or the dangling one with that digest; nil where the image was named by its Id.
    let named: ImageRow?
    /// Every row of the image.
    let rows: [ImageRow]

    init(id: Digest, named: ImageRow?, rows: [ImageRow]) {
        self.id = id
        self.named = named
        self.rows = rows
    }

    /// Finds `text`: a reference first, then an Id or manifest digest, whole or its beginning, as Docker does.
    ///
    /// Throws `not_found` in Docker's words, `invalid_reference` for what can be no name, `conflict` where a beginning
    /// fits several images.
    init(_ text: String, in rows: [ImageRow]) throws(BackendError) {
        if let match = ImageMatch.row(named: text, in: rows) {
            id = match.id
            named = match
            self.rows = rows.filter { $0.id == match.id }
            return
        }
        // Of a dangling image the manifest's digest is the only name, and its Id may be a named image's, too.
        if let row = rows.first(where: { $0.name == nil && $0.entry.digest.description == text }),
            !rows.contains(where: { $0.id == row.entry.digest })
        {
            id = row.id
            named = row
            self.rows = rows.filter { $0.id == row.id }
            return
        }
        var ids: Set<Digest> = []
        let hex = ImageMatch.beginningOfId(text) ?? ""
        if !hex.isEmpty {
            for row in rows where row.id.hex.hasPrefix(hex) || row.entry.digest.hex == hex { ids.insert(row.id) }
        }
        guard let found = ids.first else { throw ImageMatch.missing(text).about(text) }
        guard ids.count == 1 else {
            throw BackendError(
                .conflict, "\(text) is the beginning of \(ids.count) Ids",
                hint:
                    "give more of it: \(ids.sorted().prefix(4).map { String($0.hex.prefix(max(12, hex.count + 4))) }.joined(separator: ", "))"
            )
        }
        id = found
        named = nil
        self.rows = rows.filter { $0.id == found }
    }

    private static func row(named text: String, in rows: [ImageRow]) -> ImageRow? {
        if let reference = try? Reference(text) {
            let wanted = reference.taggedDefault.canonical
            if let row = rows.first(where: { $0.entry.reference?.canonical == wanted }) { return row }
            // `name@digest` also means the tag that was pulled with that digest.
            if let digest = reference.digest {
                return rows.first {
                    $0.entry.digest == digest && $0.entry.reference?.repository == reference.repository
                        && (reference.tag == nil || $0.entry.reference?.tag == reference.tag)
                }
            }
        }
        return rows.first { $0.entry.reference == nil && $0.entry.name == text }
    }

    /// The hexadecimal digits of what may be an Id or its beginning; nil for anything else.
    static func beginningOfId(_ text: String) -> String? {
        let hex = text.hasPrefix("sha256:") ? String(text.dropFirst("sha256:".count)) : text
        let isHex = hex.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return !hex.isEmpty && hex.utf8.count <= 64 && isHex ? hex : nil
    }

    private static func missing(_ text: String) -> BackendError {
        let name: String
        do throws(ReferenceError) {
            name = try Reference(text).taggedDefault.familiar
        } catch {
            guard beginningOfId(text) != nil else { return BackendError(error) }
            name = text
        }
        return BackendError(
            .notFound, "no such image: \(name)", hint: "`images` lists what is here; `pull \(text)` fetches it")
    }
}
