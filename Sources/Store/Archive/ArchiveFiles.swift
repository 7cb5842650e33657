import Glibc
import Layers
import OCI

/// The files of an archive or a layout, by their paths in it.
protocol ArchiveFiles {
    /// The file at `path`, without a leading `./`; nil where there is none.
    func file(_ path: String) throws(StoreError) -> StagedFile?
    var stage: ArchiveStage { get }
}

extension ArchiveFiles {
    /// A file that something in the archive names. Throws `corrupt` where it is missing.
    func required(_ path: String) throws(StoreError) -> StagedFile {
        guard let file = try file(path) else {
            throw StoreError(
                .corrupt, "the archive has no file \(ArchiveStage.shown(path)), which it names",
                hint: "it is damaged or cut short; get it again")
        }
        return file
    }

    /// The blob that `descriptor` is of, out of the archive or, where that leaves it out, out of the store; nil where neither
    /// has it. Throws `corrupt` for one of another size.
    func blob(_ descriptor: Descriptor) throws(StoreError) -> StagedFile? {
        let digest = descriptor.digest
        guard let file = try file("blobs/\(digest.algorithm.rawValue)/\(digest.hex)") else {
            return try stage.stored(digest, size: descriptor.size)
        }
        guard file.size == descriptor.size else {
            throw StoreError(
                .corrupt,
                "the archive's blob \(digest) has \(file.size) bytes and its descriptor says \(descriptor.size)")
        }
        return file
    }
}

/// A tar archive's files, all read.
struct TarFiles: ArchiveFiles {
    let stage: ArchiveStage
    private let links: [String: String]

    /// Reads `input` to its end, whatever it is packed with.
    ///
    /// Throws `corrupt` for what is no tar archive, for paths and links that leave it, for devices and hard links, and
    /// for what unfolds beyond the limits; `digest_mismatch`, `no_space`, `io`, `interrupted`.
    init(
        _ input: borrowing ArchiveInput, stage: ArchiveStage,
        progress: (_ done: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws(StoreError) {
        self.stage = stage
        let total = input.size
        var done: Int64 = 0
        let intake = Intake(stage: stage)
        var walker = TarWalker(
            visitor: TarIntake(intake: intake), maximumEntries: stage.limits.entries, staysInside: true)
        var decompressor = Decompressor(limits: stage.limits.packing)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        do throws(LayerError) {
            while true {
                let piece: UnsafeRawBufferPointer
                do throws(StoreError) { piece = try input.next(buffer, cancelled: stage.cancelled) } catch {
                    intake.failure = error
                    throw LayerError(.io, error.message)
                }
                if piece.isEmpty { break }
                done += Int64(piece.count)
                progress(done, total)
                try decompressor.push(piece) { unpacked throws(LayerError) in try walker.push(unpacked) }
            }
            try decompressor.finish { unpacked throws(LayerError) in try walker.push(unpacked) }
            try walker.finish()
        } catch { throw intake.failure ?? StoreError(archive: error) }
        try stage.end()
        guard walker.entries > 0 else {
            throw StoreError(
                .corrupt, decompressor.bytesIn == 0 ? "the archive is empty" : "the archive has no entries",
                hint: "did the command that writes it fail?")
        }
        links = intake.links
    }

    func file(_ path: String) throws(StoreError) -> StagedFile? {
        guard let clean = TarFiles.joined(path, to: "") else {
            throw StoreError(.corrupt, "the archive names a file outside of it: \(ArchiveStage.shown(path))")
        }
        if let file = stage.files[clean] { return file }
        // Docker before 25 links a layer that is the same as another image's; a link to a link it never wrote.
        return links[clean].flatMap { stage.files[$0] }
    }

    /// `target` as seen from `directory`; nil where that is outside of the archive.
    fileprivate static func joined(_ target: String, to directory: String) -> String? {
        guard !target.hasPrefix("/") else { return nil }
        var parts = directory.split(separator: "/")
        for part in target.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": if parts.popLast() == nil { return nil }
            default: parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }

    private final class Intake {
        let stage: ArchiveStage
        var links: [String: String] = [:]
        var failure: StoreError?

        init(stage: ArchiveStage) { self.stage = stage }
    }

    private struct TarIntake: TarVisitor {
        let intake: Intake

        mutating func entry(_ entry: TarEntry) throws(LayerError) {
            try take { stage throws(StoreError) in
                let path = entry.pathText
                switch entry.kind {
                case .directory: try stage.end()
                case .regular: try stage.begin(path, size: entry.size)
                case .symbolicLink:
                    try stage.end()
                    let directory = path.split(separator: "/").dropLast().joined(separator: "/")
                    guard let target = TarFiles.joined(entry.linkText, to: directory) else {
                        throw StoreError(.corrupt, "the archive's link \(ArchiveStage.shown(path)) leads out of it")
                    }
                    guard intake.links.updateValue(target, forKey: path) == nil, stage.files[path] == nil else {
                        throw StoreError(.corrupt, "the archive has two files named \(ArchiveStage.shown(path))")
                    }
                case .hardLink, .characterDevice, .blockDevice, .fifo:
                    throw StoreError(
                        .corrupt,
                        "the archive's \(ArchiveStage.shown(path)) is a \(TarIntake.name(entry.kind)), which no image "
                            + "archive holds")
                }
            }
        }

        mutating func content(_ bytes: UnsafeRawBufferPointer) throws(LayerError) {
            try take { stage throws(StoreError) in try stage.append(bytes) }
        }

        private func take(_ body: (ArchiveStage) throws(StoreError) -> Void) throws(LayerError) {
            do throws(StoreError) { try body(intake.stage) } catch {
                intake.failure = error
                throw LayerError(.io, error.message)
            }
        }

        private static func name(_ kind: TarEntry.Kind) -> String {
            switch kind {
            case .hardLink: "hard link"
            case .fifo: "named pipe"
            default: "device"
            }
        }
    }
}

/// The files of an OCI image layout in a directory, read when they are asked for.
struct DirectoryFiles: ArchiveFiles {
    let stage: ArchiveStage
    let root: String

    func file(_ path: String) throws(StoreError) -> StagedFile? {
        if let file = stage.files[path] { return file }
        let file: OpenFile
        do {
            file = try OpenFile(root + "/" + path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            if error.isNotFound { return nil }
            throw StoreError(LayerError(error))
        }
        let status: FileStatus
        do { status = try file.status() } catch { throw StoreError(LayerError(error)) }
        guard status.isRegular else {
            throw StoreError(.corrupt, "\(root)/\(ArchiveStage.shown(path)) is no plain file")
        }
        try stage.begin(path, size: status.size)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        var left = status.size
        try file.readPieces(through: buffer, failure: StoreError.init(reading:)) { bytes throws(StoreError) in
            if stage.cancelled() { throw .interrupted }
            left -= Int64(bytes.count)
            guard left >= 0 else { throw StoreError(.corrupt, "\(root)/\(path) grew while it was read") }
            try stage.append(bytes)
        }
        try stage.end()
        return stage.files[path]
    }
}

extension StoreError {
    /// A file that is not the store's could not be read.
    fileprivate init(reading error: SystemError) { self.init(LayerError(error)) }

    /// What is wrong with the archive itself: the tar reader's words are made for layers, which it mostly reads.
    fileprivate init(archive error: LayerError) {
        let text = error.message
        let subject = "the layer"
        let message = text.hasPrefix(subject) ? "the archive" + text.dropFirst(subject.count) : text
        self.init(Code(rawValue: error.code.rawValue) ?? .corrupt, message, hint: error.hint)
    }
}
