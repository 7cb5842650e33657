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
    /// Where the value of `manifests` lies; nil where there is none.
    private var manifests: Range<Int>?
    var rows: [Row] = []

    static let empty = Array(#"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[]}"#.utf8)

    /// The most bytes that are read: a quarter of a million images.
    static let maximumBytes = 256 << 20

    /// Throws `corrupt` for what is no OCI index.
    init(_ bytes: [UInt8]) throws(StoreError) {
        self.bytes = bytes
        do {
            try scan()
        } catch {
            throw StoreError(
                .corrupt, "index.json is damaged: \(error)", hint: "restore it from a copy, or remove it and pull again"
            )
        }
    }

    private mutating func scan() throws(JSONError) {
        let bytes = bytes
        var rows: [Row] = []
        // About what a row of one name takes.
        rows.reserveCapacity(bytes.count / 250)
        var manifests: Range<Int>?
        try bytes.withBytes { raw throws(JSONError) in
            var scanner = JSONScanner(raw)
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                guard key == "manifests" else {
                    try scanner.skipValue()
                    continue
                }
                rows.removeAll()
                let kind = try scanner.peek()
                let start = scanner.offset
                if kind == .array {
                    try scanner.beginArray()
                    while try scanner.nextElement() { rows.append(try IndexFile.row(&scanner, bytes)) }
                } else {
                    // Go writes an empty list as null.
                    try scanner.readNull()
                }
                manifests = start..<scanner.offset
            }
            try scanner.finish()
        }
        self.rows = rows
        self.manifests = manifests
    }

    private static func row(_ scanner: inout JSONScanner, _ bytes: [UInt8]) throws(JSONError) -> Row {
        let kind = try scanner.peek()
        let start = scanner.offset
        guard kind == .object else {
            try scanner.skipValue()
            return Row(raw: bytes[start..<scanner.offset])
        }
        var fields = RowFields()
        try fields.read(&scanner)
        return Row(raw: bytes[start..<scanner.offset], entry: fields.entry)
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
        if let manifests { return bytes[..<manifests.lowerBound] + list + bytes[manifests.upperBound...] }
        guard let brace = bytes.firstIndex(of: UInt8(ascii: "{")) else { return bytes }
        let rest = bytes[(brace + 1)...]
        let isEmpty = rest.first { $0 > 0x20 } == UInt8(ascii: "}")
        return bytes[...brace] + Array(#""manifests":"#.utf8) + list + Array((isEmpty ? "" : ",").utf8) + rest
    }
}

/// What is taken from a row while it is scanned.
private struct RowFields {
    var digest: String?
    var mediaType: String?
    var size: Int64?
    var name: String?
    var fullName: String?
    var lastPulled: String?

    mutating func read(_ scanner: inout JSONScanner) throws(JSONError) {
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "digest": digest = try RowFields.string(&scanner)
            case "mediaType": mediaType = try RowFields.string(&scanner)
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
                    case "org.opencontainers.image.ref.name": name = try RowFields.string(&scanner)
                    case "io.containerd.image.name": fullName = try RowFields.string(&scanner)
                    case "io.dsh.last-pulled": lastPulled = try RowFields.string(&scanner)
                    default: try scanner.skipValue()
                    }
                }
            default: try scanner.skipValue()
            }
        }
    }

    /// A string that is not empty; a value of another kind is passed over.
    private static func string(_ scanner: inout JSONScanner) throws(JSONError) -> String? {
        guard try scanner.peek() == .string else {
            try scanner.skipValue()
            return nil
        }
        let text = try scanner.readString()
        return text.isEmpty ? nil : text
    }

    var entry: StoreEntry? {
        guard let digest = digest.flatMap({ try? Digest($0) }), let size, size >= 0 else { return nil }
        return StoreEntry(
            digest: digest, mediaType: MediaType(rawValue: mediaType ?? ""), size: size, name: name,
            fullName: fullName, lastPulled: lastPulled)
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
