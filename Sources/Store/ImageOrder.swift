import OCI

/// The order of lists: newest first, then by name; images without a name behind those with one, by Id.
enum ImageOrder {
    private struct Place {
        let seconds: Int64
        let nanoseconds: Int64
        let index: Int
    }

    /// The images in that order. Names and times are looked at once each.
    static func sorted(_ images: [StoredImage]) -> [StoredImage] {
        let names = images.map(\.entry.listName)
        var order: [Place] = []
        order.reserveCapacity(images.count)
        for (index, image) in images.enumerated() {
            let moment = image.record?.created.flatMap { Timestamp($0) }
            order.append(
                Place(seconds: moment?.seconds ?? .min, nanoseconds: Int64(moment?.nanoseconds ?? 0), index: index))
        }
        order.sort { left, right in
            if left.seconds != right.seconds { return left.seconds > right.seconds }
            if left.nanoseconds != right.nanoseconds { return left.nanoseconds > right.nanoseconds }
            let (leftName, rightName) = (names[left.index], names[right.index])
            if leftName != rightName {
                if leftName.isEmpty || rightName.isEmpty { return rightName.isEmpty }
                return leftName < rightName
            }
            return (images[left.index].record?.idText ?? "") < (images[right.index].record?.idText ?? "")
        }
        return order.map { images[$0.index] }
    }
}

extension StoreEntry {
    /// The familiar name, found without parsing: lists compare many of them.
    fileprivate var listName: Substring {
        let name = fullName ?? name ?? ""
        for prefix in ["docker.io/library/", "docker.io/"] where name.utf8.starts(with: prefix.utf8) {
            return Substring(name.utf8.dropFirst(prefix.utf8.count))
        }
        return name[...]
    }
}
