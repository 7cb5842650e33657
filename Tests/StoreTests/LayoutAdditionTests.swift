import Foundation
import JSON
import Layers
import OCI
import Testing
import Threads

@testable import Store

/// Additions to a layout that others may own: whole or not at all, whoever else is at it.
@Suite struct LayoutAdditionTests {
    private let directory: String

    init() {
        var template = Array("/tmp/dsh-layout-XXXXXX".utf8CString)
        directory = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
    }

    private var layout: String { directory + "/layout" }

    private struct Image {
        let layer: [UInt8]
        let config: [UInt8]
        let manifest: [UInt8]
        let descriptors: [Descriptor]
        var root: Descriptor { descriptors[2] }

        init(_ text: String) {
            layer = StoreFixture.layer(text)
            config = StoreFixture.config([layer], label: text)
            let parts = [
                StoreFixture.descriptor(layer, .ociLayer), StoreFixture.descriptor(config, .ociConfig),
            ]
            manifest = StoreFixture.manifest(parts[1], [parts[0]])
            descriptors = parts + [StoreFixture.descriptor(manifest, .ociManifest)]
        }

        var parts: [([UInt8], Descriptor)] { Array(zip([layer, config, manifest], descriptors)) }
    }

    private func begin(_ image: Image) throws -> LayoutAddition {
        let addition = try LayoutAddition(path: layout)
        try addition.begin(needing: image.descriptors.map(\.digest), cancelled: { false })
        return addition
    }

    private func place(_ image: Image, _ name: LayoutName, _ addition: LayoutAddition) throws -> LayoutAddition.Placing
    {
        try addition.place(image.root, as: name, needing: image.descriptors, cancelled: { false })
    }

    private func add(_ image: Image, _ name: LayoutName) throws -> LayoutAddition.Placing {
        let addition = try begin(image)
        defer { addition.finish() }
        for (bytes, descriptor) in image.parts { try addition.write(bytes, descriptor) }
        return try place(image, name, addition)
    }

    private func names(_ path: String = "") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory + "/" + path)) ?? []).sorted()
    }

    private func rows() throws -> [StoreEntry] { try Store(path: layout).entries() }

    @Test func onlyWhatTheSpecificationNamesIsThere() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let image = Image("one")
        #expect(try add(image, LayoutName(name: "1")) == .changed)
        #expect(names("layout") == ["blobs", "index.json", "oci-layout"])
        #expect(names("layout/blobs/sha256") == image.descriptors.map(\.digest.hex).sorted())
        #expect(try add(image, LayoutName(name: "1")) == .unchanged)
        #expect(try rows().map(\.name) == ["1"])
    }

    @Test func whatIsThereCountsByItsDigest() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let image = Image("one")
        let layer = image.descriptors[0]
        _ = try add(image, LayoutName(name: "1"))
        let addition = try begin(image)
        defer { addition.finish() }
        let path = directory + "/layout/blobs/sha256/" + layer.digest.hex
        #expect(try addition.holds(layer, cancelled: { false }) && addition.holdsDocument(image.root.digest))
        #expect(try !addition.write(image.layer, layer))
        for bytes in [image.layer.map { $0 ^ 1 }, image.layer.dropLast(), image.layer + [0], []] {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            #expect(try !addition.holds(layer, cancelled: { false }) && !addition.holdsDocument(layer.digest))
            #expect(try addition.write(image.layer, layer))
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(image.layer))
        }
        let error = #expect(throws: StoreError.self) { try addition.holds(layer, cancelled: { true }) }
        #expect(error?.code == .interrupted)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(try !addition.holds(layer, cancelled: { false }))
    }

    /// Rows as `name|full name`, `+` before what is another image.
    static let moves: [(rows: [LayoutName], new: LayoutName, result: [String])] = [
        ([LayoutName(name: "a")], LayoutName(name: "a"), ["-|-", "a|-"]),
        ([LayoutName(name: "a")], LayoutName(name: "b"), ["a|-", "b|-"]),
        ([LayoutName()], LayoutName(), ["-|-", "-|-"]),
        ([LayoutName(name: "1", fullName: "x/a:1")], LayoutName(name: "1", fullName: "x/b:1"), ["1|x/a:1", "1|x/b:1"]),
        ([LayoutName(name: "1", fullName: "x/a:1")], LayoutName(name: "1", fullName: "x/a:1"), ["-|-", "1|x/a:1"]),
        ([LayoutName(name: "1", fullName: "x/a:1")], LayoutName(name: "1"), ["-|-", "1|-"]),
        ([LayoutName(name: "x/a:1")], LayoutName(name: "1", fullName: "x/a:1"), ["-|-", "1|x/a:1"]),
        ([LayoutName(name: "1")], LayoutName(name: "1", fullName: "x/a:1"), ["-|-", "1|x/a:1"]),
    ]

    @Test(arguments: moves.indices) func aNameMoves(position: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let move = Self.moves[position]
        for (number, name) in move.rows.enumerated() { _ = try add(Image("old \(number)"), name) }
        #expect(try add(Image("new"), move.new) == .changed)
        #expect(try rows().map { "\($0.name ?? "-")|\($0.fullName ?? "-")" } == move.result)
    }

    @Test func theSameImageUnderAnotherNameIsNotDanglingAnyMore() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let image = Image("one")
        _ = try add(image, LayoutName())
        #expect(try add(image, LayoutName(name: "a")) == .changed)
        #expect(try rows().map(\.name) == ["a"])
        #expect(try add(image, LayoutName()) == .unchanged)
        #expect(try add(image, LayoutName(name: "b")) == .changed)
        #expect(try rows().map(\.name) == ["a", "b"])
    }

    @Test func nothingIsListedThatIsNotThere() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let image = Image("one")
        let addition = try begin(image)
        try addition.write(image.config, image.descriptors[1])
        #expect(
            try place(image, LayoutName(name: "a"), addition)
                == .missing([image.descriptors[0].digest, image.root.digest]))
        #expect(try rows().isEmpty)
        addition.discard()
        #expect(names() == [])
    }

    @Test func whatFailsTakesOnlyItsOwnAway() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (kept, failed) = (Image("kept"), Image("failed"))
        _ = try add(kept, LayoutName(name: "kept"))
        let before = names("layout/blobs/sha256")
        let addition = try begin(failed)
        for (bytes, descriptor) in failed.parts { try addition.write(bytes, descriptor) }
        #expect(names("layout/blobs/sha256").count == before.count + 3)
        addition.discard()
        #expect(names("layout/blobs/sha256") == before)
        #expect(try rows().map(\.name) == ["kept"])
        // A second one that took the blobs for there finds out, and neither takes what the other named.
        let (first, second) = (try begin(failed), try begin(failed))
        for (bytes, descriptor) in failed.parts { try first.write(bytes, descriptor) }
        for (bytes, descriptor) in failed.parts { try second.write(bytes, descriptor) }
        first.discard()
        guard case .missing(let digests) = try place(failed, LayoutName(name: "b"), second) else {
            Issue.record("it was taken for there")
            return
        }
        #expect(Set(digests) == Set(failed.descriptors.map(\.digest)))
        for (bytes, descriptor) in failed.parts { try second.write(bytes, descriptor) }
        #expect(try place(failed, LayoutName(name: "b"), second) == .changed)
        second.discard()
        #expect(try rows().map(\.name) == ["kept", "b"])
        #expect(names("layout/blobs/sha256").count == before.count + 3)
    }

    /// What fails takes the layout that it made away under the hands of those who have nothing named in it yet.
    @Test(arguments: [0, 1, 3]) func aLayoutThatWasTakenAwayIsMadeAgain(started: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (image, other) = (Image("kept"), Image("other"))
        for succeeds in [false, true] {
            let failed = try begin(Image("failed"))
            let (good, third) = (try begin(image), try begin(other))
            // Of some the bytes are written already, without a name.
            let blobs = try image.parts.prefix(started).map { bytes, descriptor in
                let blob = try good.blob(descriptor)
                try bytes.withBytes { raw throws(StoreError) in try blob.append(raw) }
                return blob
            }
            failed.discard()
            #expect(names() == [])
            for (blob, part) in zip(blobs, image.parts) { try good.end(blob, part.1.digest) }
            for (bytes, descriptor) in image.parts.dropFirst(started).prefix(1) { try good.write(bytes, descriptor) }
            #expect(names("layout") == ["blobs", "index.json", "oci-layout"])
            // Nobody meets blobs without an index meanwhile: whoever comes now, or was there before.
            #expect(try rows() == [])
            try begin(Image("late")).discard()
            for (bytes, descriptor) in other.parts { try third.write(bytes, descriptor) }
            third.discard()
            for (bytes, descriptor) in image.parts.dropFirst(started) { try good.write(bytes, descriptor) }
            guard succeeds else {
                good.discard()
                #expect(names() == [])
                continue
            }
            #expect(try place(image, LayoutName(name: "kept"), good) == .changed)
            good.finish()
            #expect(try rows().map(\.name) == ["kept"])
            #expect(names("layout/blobs/sha256") == image.descriptors.map(\.digest.hex).sorted())
        }
    }

    /// In whatever order they fail; and what was there before, empty as it may be, stays.
    @Test func ofSeveralThatFailNothingIsLeft() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (image, other) = (Image("one"), Image("other"))
        for hadRoot in [false, true] {
            for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 1, 0]] {
                if hadRoot {
                    try FileManager.default.createDirectory(atPath: layout, withIntermediateDirectories: false)
                }
                let additions = try (0..<3).map { _ in try begin(image) }
                try additions[1].write(image.layer, image.descriptors[0])
                try additions[2].write(other.layer, other.descriptors[0])
                for position in order { additions[position].discard() }
                #expect(hadRoot ? names("layout") == [] && names() == ["layout"] : names() == [], "\(order)")
                try? FileManager.default.removeItem(atPath: layout)
            }
        }
        for empty in [IndexFile.empty, IndexFile.empty + [0x0A]] {
            try FileManager.default.createDirectory(atPath: layout, withIntermediateDirectories: false)
            try Data(empty).write(to: URL(fileURLWithPath: layout + "/index.json"))
            try Data(Store.layoutBytes).write(to: URL(fileURLWithPath: layout + "/oci-layout"))
            let addition = try begin(image)
            try addition.write(image.layer, image.descriptors[0])
            addition.discard()
            #expect(FileManager.default.contents(atPath: layout + "/index.json") == Data(empty))
            try FileManager.default.removeItem(atPath: layout)
        }
        // With its first row nothing is left of how it was made.
        _ = try add(image, LayoutName(name: "a"))
        #expect(FileManager.default.contents(atPath: layout + "/index.json")?.last == UInt8(ascii: "}"))
    }

    /// Whoever keeps the lock does not keep what was interrupted.
    @Test func whatFailsDoesNotWaitForTheLock() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        _ = try add(Image("kept"), LayoutName(name: "kept"))
        let before = names("layout/blobs/sha256")
        let (empty, full, failed) = (try begin(Image("empty")), try begin(Image("full")), Image("full"))
        for (bytes, descriptor) in failed.parts { try full.write(bytes, descriptor) }
        let lock = try FileLock.acquire(layout + "/oci-layout", seconds: 5)
        let late = try LayoutAddition(path: layout)
        let error = #expect(throws: StoreError.self) { try late.begin(needing: [], cancelled: { true }) }
        #expect(error?.code == .interrupted)
        let start = Clock.now
        // They have nothing to wait for, however long they might.
        late.discard(within: 600)
        empty.discard(within: 600)
        full.discard(within: 0.2)
        #expect(Clock.now - start < 20)
        _ = consume lock
        // What stays is in nobody's way.
        #expect(names("layout/blobs/sha256").count == before.count + 3)
        #expect(try add(failed, LayoutName(name: "full")) == .changed)
        #expect(try rows().map(\.name) == ["kept", "full"])
    }

    @Test func blobsAreWhatTheyAreCalled() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let image = Image("one")
        let addition = try begin(image)
        let layer = image.descriptors[0]
        func write(_ bytes: [UInt8]) -> StoreError.Code? {
            code {
                let blob = try addition.blob(layer)
                try bytes.withBytes { raw throws(StoreError) in try blob.append(raw) }
                try addition.end(blob, layer.digest)
            }
        }
        #expect(write(Array(image.layer.dropLast())) == .corrupt)
        #expect(write(image.layer + [0]) == .corrupt)
        #expect(write(image.layer.dropLast() + [1]) == .digestMismatch)
        #expect(names("layout/blobs/sha256") == [])
        // What is there under the name and is something else is replaced.
        let path = layout + "/blobs/sha256/" + layer.digest.hex
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/passwd")
        #expect(write(image.layer) == nil)
        #expect(FileManager.default.contents(atPath: path) == Data(image.layer))
        #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == nil)
        // A directory, too, with all that is in it; where links there lead stays.
        let mine = directory + "/mine"
        try FileManager.default.createDirectory(atPath: mine, withIntermediateDirectories: false)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: mine + "/notes"))
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path + "/a/b", withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(fileURLWithPath: path + "/a/b/c"))
        try FileManager.default.createSymbolicLink(atPath: path + "/a/out", withDestinationPath: mine)
        #expect(mkfifo(path + "/a/pipe", 0o600) == 0)
        #expect(write(image.layer) == nil)
        #expect(FileManager.default.contents(atPath: path) == Data(image.layer))
        #expect(names("layout/blobs/sha256") == [layer.digest.hex] && names("mine") == ["notes"])
    }

    static let refused: [(file: String, text: String, code: StoreError.Code)] = [
        ("notes.txt", "mine", .usage),
        ("oci-layout", "{}", .corrupt),
        ("oci-layout", #"{"imageLayoutVersion":"2.0.0"}"#, .unsupported),
        ("index.json", "[]", .corrupt),
        ("index.json", #"{"schemaVersion":2,"manifests":{"a":1}}"#, .corrupt),
        ("index.json", String(repeating: "[", count: 100_000), .corrupt),
    ]

    @Test(arguments: refused.indices) func whatIsNoLayoutStaysAsItIs(position: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (file, text, wanted) = Self.refused[position]
        try FileManager.default.createDirectory(atPath: layout, withIntermediateDirectories: true)
        try text.write(toFile: layout + "/" + file, atomically: true, encoding: .utf8)
        #expect(code { _ = try add(Image("one"), LayoutName(name: "a")) } == wanted)
        #expect(try String(contentsOfFile: layout + "/" + file, encoding: .utf8) == text)
    }

    @Test func foreignRowsAndFieldsStay() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: layout, withIntermediateDirectories: true)
        let row = #"{"mediaType":"x","digest":"sha256:../../../../etc/passwd","size":3}"#
        try #"{"schemaVersion":2,"annotations":{"k":"v"},"manifests":[\#(row), null, 1e999]}"#
            .write(toFile: layout + "/index.json", atomically: true, encoding: .utf8)
        _ = try add(Image("one"), LayoutName(name: "../../../etc/passwd"))
        let text = try String(contentsOfFile: layout + "/index.json", encoding: .utf8)
        #expect(text.contains(row) && text.contains("null") && text.contains("1e999") && text.contains(#"{"k":"v"}"#))
        #expect(names("layout") == ["blobs", "index.json", "oci-layout"] && names() == ["layout"])
    }

    /// Threads that add images to one layout, half of which give up: what stays is whole, and all of it.
    @Test func manyWritersOfOneLayout() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let failures = LockedTexts()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<24 {
                group.addTask {
                    await onOwnThread {
                        // Several have the same content.
                        let image = Image("image \(number % 8)")
                        do {
                            if number.isMultiple(of: 2) {
                                for attempt in 0..<40 {
                                    let placing = try add(image, LayoutName(name: "n\(number)"))
                                    guard case .missing = placing else { return }
                                    if attempt == 39 { failures.add("\(number) never had all that it needs") }
                                }
                            } else {
                                let addition = try begin(image)
                                for (bytes, descriptor) in image.parts { try addition.write(bytes, descriptor) }
                                addition.discard(within: 30)
                            }
                        } catch { failures.add("\(number): \(error)") }
                    }
                }
            }
        }
        #expect(failures.all == [])
        let store = try Store(path: layout)
        let entries = try store.entries()
        #expect(Set(entries.compactMap(\.name)) == Set((0..<24).filter { $0.isMultiple(of: 2) }.map { "n\($0)" }))
        for entry in entries {
            let manifest = try Manifest(bytes: try store.readBlob(entry.digest))
            for blob in [manifest.config] + manifest.layers {
                #expect(Digest.of(try store.readBlob(blob.digest)) == blob.digest)
            }
        }
        #expect(Set(names("layout/blobs/sha256")).count == 4 * 3)
    }
}
