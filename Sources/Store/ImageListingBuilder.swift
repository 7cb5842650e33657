import OCI

/// Makes a listing, row by row in the order that they are shown in.
package struct ImageListingBuilder {
    private var places: [UInt32] = []
    private var rows = ByteWriter()

    package init() {}

    package mutating func add(_ fields: ImageListingFields) {
        places.append(UInt32(clamping: rows.bytes.count))
        let reference = [fields.fullName, fields.name].lazy.compactMap { $0 }.compactMap { try? Reference($0) }.first?
            .taggedDefault
        rows.text(fields.id)
        rows.text(fields.digest)
        rows.text(fields.fullName ?? "")
        rows.text(fields.name ?? "")
        rows.text(reference?.familiar ?? "")
        rows.text(reference?.repository.familiar ?? "")
        rows.text(reference?.tag ?? "")
        rows.text(fields.created ?? "")
        rows.text(fields.platform)
        rows.text(fields.lastPulled ?? "")
        for number in [fields.size, fields.sharedSize] { rows.number(number.map { UInt64(max(0, $0)) + 1 } ?? 0) }
        var labels: [(key: String, value: String)] = []
        for label in fields.labels {
            // A key that a config has twice counts as JSON readers take it: the last value, at the first place.
            if let known = labels.firstIndex(where: { $0.key.utf8.elementsEqual(label.key.utf8) }) {
                labels[known].value = label.value
            } else {
                labels.append(label)
            }
        }
        rows.number(labels.count)
        for (key, value) in labels {
            rows.text(key)
            rows.text(value)
        }
    }

    package var count: Int { places.count }

    /// The listing's bytes, after `header`.
    func encoded(after header: [UInt8]) -> [UInt8] {
        var bytes = header
        bytes.reserveCapacity(header.count + 4 * places.count + rows.bytes.count)
        for place in places {
            let place = UInt32(clamping: Int(place) + 4 * places.count)
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: place >> shift)) }
        }
        bytes += rows.bytes
        return bytes
    }

    package var listing: ImageListing { ImageListing(encoded(after: []), from: 0, count: count) }
}
