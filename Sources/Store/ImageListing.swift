import Layers

/// The images as lists show them, in their order, as bytes: a row is read where it lies, so that a list of ten thousand is
/// there at once. `Store.listing` keeps one in the cache; `ImageListingBuilder` makes them.
///
/// Layout, all numbers of fixed size little endian: a row's place (4 bytes) for each row, then the rows, texts and numbers as
/// `ByteWriter` writes them.
package struct ImageListing: Sendable {
    private let bytes: [UInt8]
    /// Where the places begin; the rows' places count from here.
    private let start: Int
    package let count: Int

    /// The listing that is `bytes` from `start` on. What does not fit gives empty texts, and never traps.
    init(_ bytes: [UInt8], from start: Int, count: Int) {
        self.bytes = bytes
        self.start = start
        self.count = max(0, min(count, (bytes.count - start) / 4))
    }

    /// Calls `body` with a row, whose texts last as long as the call. `row` is less than `count`.
    package func withRow<Result>(_ row: Int, _ body: (ImageListingRow) -> Result) -> Result {
        bytes.withBytes { bytes in
            let place = bytes.loadUnaligned(fromByteOffset: start + 4 * row, as: UInt32.self)
            var reader = ByteReader(bytes, at: start + Int(UInt32(littleEndian: place)))
            return body(ImageListingRow(&reader, in: bytes))
        }
    }
}

/// One row of a listing. Texts are UTF-8 in the listing's bytes; an empty one means that there is none.
package struct ImageListingRow {
    package let id: UnsafeRawBufferPointer
    package let digest: UnsafeRawBufferPointer
    /// `io.containerd.image.name` and `org.opencontainers.image.ref.name`.
    package let fullName: UnsafeRawBufferPointer
    package let name: UnsafeRawBufferPointer
    /// The first of them that is a reference, in familiar form; its repository and its tag.
    package let reference: UnsafeRawBufferPointer
    package let repository: UnsafeRawBufferPointer
    package let tag: UnsafeRawBufferPointer
    package let created: UnsafeRawBufferPointer
    package let platform: UnsafeRawBufferPointer
    package let lastPulled: UnsafeRawBufferPointer
    package let size: Int64?
    package let sharedSize: Int64?
    /// How many labels there are; `ImageListingRow.labels` reads them.
    private let labelCount: Int
    private let labelReader: ByteReader
    private let bytes: UnsafeRawBufferPointer

    fileprivate init(_ reader: inout ByteReader, in bytes: UnsafeRawBufferPointer) {
        func text() -> UnsafeRawBufferPointer { reader.textPlace().bytes(in: bytes) }
        func number() -> Int64? {
            let number = reader.number()
            return number == 0 ? nil : Int64(clamping: number - 1)
        }
        id = text()
        digest = text()
        fullName = text()
        name = text()
        reference = text()
        repository = text()
        tag = text()
        created = text()
        platform = text()
        lastPulled = text()
        size = number()
        sharedSize = number()
        labelCount = reader.count()
        labelReader = reader
        self.bytes = bytes
    }

    /// The labels in the config's order; their keys differ.
    package var labels: [(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)] {
        var reader = labelReader
        var labels: [(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)] = []
        labels.reserveCapacity(labelCount)
        for _ in 0..<labelCount where !reader.isBroken {
            let key = reader.textPlace().bytes(in: bytes)
            labels.append((key, reader.textPlace().bytes(in: bytes)))
        }
        return labels
    }
}

/// What a row of a listing is made of.
package struct ImageListingFields {
    package var id = ""
    package var digest = ""
    package var fullName: String?
    package var name: String?
    package var created: String?
    package var platform = ""
    package var lastPulled: String?
    package var size: Int64?
    package var sharedSize: Int64?
    package var labels: [(key: String, value: String)] = []

    package init() {}
}
