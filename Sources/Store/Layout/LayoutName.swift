import JSON
package import OCI

/// What a row of an OCI image layout's `index.json` is called (image-spec `annotations.md`).
package struct LayoutName: Sendable, Hashable {
    /// `org.opencontainers.image.ref.name`: most tools write a tag alone, dsh's store a whole reference.
    package var name: String?
    /// `io.containerd.image.name`: the whole reference where the other is only its tag.
    package var fullName: String?

    package init(name: String? = nil, fullName: String? = nil) {
        self.name = name
        self.fullName = fullName
    }

    /// A reference as `save` writes it: the tag alone for most tools, and all of it beside that. One without a tag gives no
    /// name: what it names is found by its digest.
    package init(_ reference: Reference) {
        name = reference.tag
        fullName = reference.tag.map { Reference(repository: reference.repository, tag: $0).canonical }
    }

    package var isEmpty: Bool { name == nil && fullName == nil }

    /// The tag that the name means: its own, or all of a name that is no more than a tag.
    package var tag: String? {
        if let tag = reference?.tag { return tag }
        return name.flatMap { Reference.isTag($0) ? $0 : nil }
    }

    /// The whole reference; nil where the name is only a tag, or nothing of the kind.
    package var reference: Reference? {
        for text in [fullName, name] {
            guard let text, !Reference.isTag(text), let reference = try? Reference(text) else { continue }
            return reference.taggedDefault
        }
        return nil
    }

    /// The descriptor as a row of `index.json` that is called so.
    package func descriptor(of descriptor: Descriptor) -> Descriptor {
        var named = descriptor
        named.annotations[StoreEntry.nameKey] = name
        named.annotations[StoreEntry.fullNameKey] = fullName
        return named
    }

    /// Whether a row that is called `other` has to give the name up.
    func isTaken(from other: LayoutName) -> Bool {
        guard let fullName else { return name != nil && (other.name == name || other.fullName == name) }
        // Of two repositories in one layout each may have a tag `latest`.
        return other.fullName == fullName || other.name == fullName || (other.fullName == nil && other.name == name)
    }
}

extension StoreEntry {
    /// The name as it stands in the row.
    package var layoutName: LayoutName { LayoutName(name: name, fullName: fullName) }
}

extension IndexFile {
    /// Makes a row for an image under a name. An image that had the name stays without one, as in a store; a row without a
    /// name of the same image gives way. Returns whether anything changed.
    mutating func place(_ descriptor: Descriptor, as name: LayoutName) -> Bool {
        if name.isEmpty {
            guard !rows.contains(where: { $0.entry?.digest == descriptor.digest }) else { return false }
            rows.append(Row(descriptor, as: name))
            return true
        }
        var kept: Row?
        var isChanged = false
        for position in rows.indices.reversed() {
            guard let entry = rows[position].entry else { continue }
            let isSame = entry.digest == descriptor.digest
            if isSame, kept == nil, entry.layoutName == name {
                kept = rows[position]
                continue
            }
            guard name.isTaken(from: entry.layoutName) || (isSame && entry.isDangling) else { continue }
            isChanged = true
            let row = rows.remove(at: position)
            if !isSame, !rows.contains(where: { $0.entry?.digest == entry.digest }) {
                rows.insert(row.renamed(nil, lastPulled: entry.lastPulled), at: position)
            }
        }
        guard kept == nil else { return isChanged }
        rows.append(Row(descriptor, as: name))
        return true
    }
}

extension IndexFile.Row {
    fileprivate init(_ descriptor: Descriptor, as name: LayoutName) {
        self.init(
            raw: Array(name.descriptor(of: descriptor).json.compact.utf8)[...],
            entry: StoreEntry(
                digest: descriptor.digest, mediaType: descriptor.mediaType, size: descriptor.size, name: name.name,
                fullName: name.fullName))
    }
}
