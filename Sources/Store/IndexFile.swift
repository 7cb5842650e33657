import JSON
import Layers
import OCI

/// `index.json`, read with a scanner and written back with every byte kept that was not changed: fields and rows of
/// other tools that dsh does not know stay as they are.
struct IndexFile: Sendable {
    /// A row as it stands in the file, and what dsh makes of it: nil where it is no descriptor that dsh understands.
    struct Row: Sendable {
        var raw: ArraySlice<UInt8>
        var entry: StoreEntry?
    }

    private let bytes: [UInt8]
    /// Where the value of `manifests` lies.
    private let manifests: Range<Int>
    var rows: [Row] = []

    static let empty = Array(#"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[]}"#.utf8)

    /// The most bytes that are read: a quarter of a million images.
    static let maximumBytes = 256 << 20

    /// Throws `corrupt` for what is no OCI index.
    init(_ bytes: [UInt8]) throws(StoreError) {
        self.bytes = bytes
        var rows: [Row] = []
        manifests = try IndexFile.scan(bytes) { place, entry in
            guard let place else { return rows.removeAll() }
            rows.append(Row(raw: bytes[place], entry: entry))
        }
        self.rows = rows
    }

    /// Only the entries: for readers, who are many and in a hurry. `onUnknown` gets the rows that are no descriptors that
    /// dsh understands, with their positions.
    static func entries(
        _ bytes: [UInt8], onUnknown: (Int, ArraySlice<UInt8>) -> Void = { _, _ in }
    ) throws(StoreError) -> [StoreEntry] {
        var entries: [StoreEntry] = []
        var unknown = 0
        // About what a row of one name takes.
        entries.reserveCapacity(bytes.count / 280)
        _ = try scan(bytes) { place, entry in
            guard let place else { return entries.removeAll(keepingCapacity: true) }
            if let entry { return entries.append(entry) }
            onUnknown(entries.count + unknown, bytes[place])
            unknown += 1
        }
        return entries
    }

    /// Hands out each row's place and entry, and nil before the first; returns where the list lies. Throws `corrupt` for
    /// what is no OCI index (image-spec `image-index.md`): `{}` may be the rest of one, and must not pass for an empty store.
    private static func scan(
        _ bytes: [UInt8], each: (Range<Int>?, StoreEntry?) -> Void
    ) throws(StoreError) -> Range<Int> {
        let (version, manifests) = try fields(bytes, each: each)
        guard version == 2 else { throw damaged("it has no schemaVersion 2") }
        guard let manifests else { throw damaged("it has no list of manifests") }
        return manifests
    }

    private static func damaged(_ why: String) -> StoreError {
        StoreError(
            .corrupt, "index.json is damaged: \(why)",
            hint: "restore it from a copy, or move the store's directory away and pull again")
    }

    private static func fields(
        _ bytes: [UInt8], each: (Range<Int>?, StoreEntry?) -> Void
    ) throws(StoreError) -> (version: Int64?, manifests: Range<Int>?) {
        do {
            return try bytes.withBytes { raw throws(JSONError) in
                var version: Int64?
                var manifests: Range<Int>?
                var types = TypeMemory()
                var scanner = JSONScanner(raw)
                try scanner.beginObject()
                while let key = try scanner.nextKey() {
                    if key == "schemaVersion", try scanner.peek() == .number {
                        version = Int64(exactly: try scanner.readNumber())
                        continue
                    }
                    guard key == "manifests" else {
                        try scanner.skipValue()
                        continue
                    }
                    each(nil, nil)
                    let kind = try scanner.peek()
                    let start = scanner.offset
                    if kind == .array {
                        try scanner.beginArray()
                        while try scanner.nextElement() {
                            let isObject = try scanner.peek() == .object
                            let start = scanner.offset
                            var fields = RowFields()
                            if isObject { try fields.read(&scanner) } else { try scanner.skipValue() }
                            each(start..<scanner.offset, fields.entry(&types))
                        }
                    } else {
                        // Go writes an empty list as null.
                        try scanner.readNull()
                    }
                    manifests = start..<scanner.offset
                }
                try scanner.finish()
                return (version, manifests)
            }
        } catch { throw damaged("\(error)") }
    }

    /// The file with the rows as they are now.
    func encoded() -> [UInt8] {
        var list: [UInt8] = [UInt8(ascii: "[")]
        list.reserveCapacity(rows.reduce(bytes.count) { $0 + $1.raw.count })
        for (index, row) in rows.enumerated() {
            if index > 0 { list.append(UInt8(ascii: ",")) }
            list.append(UInt8(ascii: "\n"))
            list += row.raw
        }
        list += Array((rows.isEmpty ? "]" : "\n]").utf8)
        return bytes[..<manifests.lowerBound] + list + bytes[manifests.upperBound...]
    }
}

/// Media types as they were made last: ten thousand rows have three of them.
private struct TypeMemory {
    private var types: [(bytes: [UInt8], type: MediaType)] = []

    mutating func type(_ text: JSONScanner.Text?) -> MediaType {
        guard let text else { return MediaType(rawValue: "") }
        for known in types where known.bytes.withBytes({ $0.hasSameBytes(as: text.bytes) }) { return known.type }
        let type = MediaType(rawValue: text.string)
        if types.count < 4, !text.isEscaped { types.append((Array(text.bytes), type)) }
        return type
    }
}

/// What is taken from a row while it is scanned; texts are made only once the row is whole.
private struct RowFields {
    private var digest: JSONScanner.Text?
    private var mediaType: JSONScanner.Text?
    private var size: Int64?
    private var name: JSONScanner.Text?
    private var fullName: JSONScanner.Text?
    private var lastPulled: JSONScanner.Text?

    mutating func read(_ scanner: inout JSONScanner) throws(JSONError) {
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "digest": digest = try RowFields.text(&scanner)
            case "mediaType": mediaType = try RowFields.text(&scanner)
            case "size" where try scanner.peek() == .number:
                let before = scanner
                do { size = try scanner.readInt64() } catch {
                    scanner = before
                    try scanner.skipValue()
                }
            case "annotations" where try scanner.peek() == .object:
                try scanner.beginObject()
                while let annotation = try scanner.nextKey() {
                    switch annotation {
                    case "org.opencontainers.image.ref.name": name = try RowFields.text(&scanner)
                    case "io.containerd.image.name": fullName = try RowFields.text(&scanner)
                    case "io.dsh.last-pulled": lastPulled = try RowFields.text(&scanner)
                    default: try scanner.skipValue()
                    }
                }
            default: try scanner.skipValue()
            }
        }
    }

    /// A string that is not empty; a value of another kind is passed over.
    private static func text(_ scanner: inout JSONScanner) throws(JSONError) -> JSONScanner.Text? {
        guard try scanner.peek() == .string else {
            try scanner.skipValue()
            return nil
        }
        let text = try scanner.readText()
        return text.bytes.isEmpty ? nil : text
    }

    func entry(_ types: inout TypeMemory) -> StoreEntry? {
        guard let text = digest, let size, size >= 0,
            let digest = text.isEscaped ? try? Digest(text.string) : Digest(utf8: text.bytes)
        else { return nil }
        return StoreEntry(
            digest: digest, mediaType: types.type(mediaType), size: size, name: name?.string,
            fullName: fullName?.string, lastPulled: lastPulled?.string)
    }
}

extension IndexFile.Row {
    /// A row of our own making.
    init(_ descriptor: Descriptor, name: String?, lastPulled: String?) {
        var descriptor = descriptor
        descriptor.annotations[StoreEntry.nameKey] = name
        descriptor.annotations[StoreEntry.fullNameKey] = nil
        descriptor.annotations[StoreEntry.lastPulledKey] = lastPulled
        self.init(
            raw: Array(descriptor.json.compact.utf8)[...],
            entry: StoreEntry(
                digest: descriptor.digest, mediaType: descriptor.mediaType, size: descriptor.size, name: name,
                lastPulled: lastPulled))
    }

    /// The row with another name (none makes it dangling), all else of it kept.
    func renamed(_ name: String?, lastPulled: String?) -> IndexFile.Row {
        guard let entry, case .object(var object)? = try? JSONValue.parse(Array(raw)) else { return self }
        var annotations = object["annotations"]?.objectValue ?? JSONObject()
        annotations[StoreEntry.nameKey] = name.map(JSONValue.string)
        annotations[StoreEntry.fullNameKey] = nil
        annotations[StoreEntry.lastPulledKey] = lastPulled.map(JSONValue.string)
        object["annotations"] = annotations.isEmpty ? nil : .object(annotations)
        return IndexFile.Row(
            raw: Array(JSONValue.object(object).compact.utf8)[...],
            entry: StoreEntry(
                digest: entry.digest, mediaType: entry.mediaType, size: entry.size, name: name, lastPulled: lastPulled))
    }
}
