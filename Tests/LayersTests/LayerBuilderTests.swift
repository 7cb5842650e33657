import Glibc
import OCI
import Testing

@testable import Layers

@Suite struct LayerBuilderTests {
    let directory = TemporaryDirectory()

    private func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws {
        let file = try OpenFile(directory.path + "/" + name, flags: O_WRONLY | O_CREAT)
        try file.write(bytes)
        chmod(directory.path + "/" + name, mode)
    }

    private func build(_ source: LayerBuilder.Source) throws -> (BuiltLayer, [UInt8]) {
        var blob: [UInt8] = []
        let built = try LayerBuilder.build(from: source) { blob += Array($0) }
        return (built, blob)
    }

    @Test func packsADirectory() throws {
        mkdir(directory.path + "/etc", 0o755)
        mkdir(directory.path + "/empty", 0o700)
        try write("etc/passwd", Array("root".utf8), mode: 0o600)
        try write("big", [UInt8](repeating: 7, count: 700_000), mode: 0o4755)
        link(directory.path + "/big", directory.path + "/etc/big")
        symlink("/etc/passwd", directory.path + "/etc/link")
        mkfifo(directory.path + "/pipe", 0o644)
        let socketPath = directory.path + "/socket"
        #expect(try makeSocket(socketPath))
        let (built, blob) = try build(.directory(directory.path))
        #expect(built.facts.digest == .of(blob) && built.facts.packedBytes == Int64(blob.count))
        let tar = try unpack(blob)
        #expect(built.facts.diffID == .of(tar) && built.facts.unpackedBytes == Int64(tar.count))
        #expect(built.facts.fileBytes == 700_004)
        let entries = try walk(tar).entries
        #expect(entries.map(\.pathText) == ["big", "empty", "etc", "etc/big", "etc/link", "etc/passwd", "pipe"])
        #expect(
            entries.map(\.kind) == [
                .regular, .directory, .directory, .hardLink, .symbolicLink, .regular, .fifo,
            ])
        #expect(entries.map(\.mode).prefix(2) == [0o4755, 0o700])
        #expect(entries[3].linkText == "big" && entries[4].linkText == "/etc/passwd")
        #expect(entries.allSatisfy { $0.uid == Int64(getuid()) && $0.gid == Int64(getgid()) })
        #expect(try build(.directory(directory.path)).1 == blob)
    }

    private func makeSocket(_ path: String) throws -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    @Test(arguments: LayerCompression.allCases)
    func keepsATarStreamsBytes(compression: LayerCompression) throws {
        let tar = TarWalkerTests.sample
        let given =
            switch compression {
            case .none: tar
            case .gzip: try TarFixture.gzip(tar)
            case .zstd: TarFixture.zstd(tar)
            case .bzip2: try TarFixture.packed(tar, by: "bzip2")
            case .xz: try TarFixture.packed(tar, by: "xz")
            }
        var offset = 0
        let (built, blob) = try build(
            .stream { buffer in
                let count = min(buffer.count, 333, given.count - offset)
                buffer.copyBytes(from: given[offset..<(offset + count)])
                offset += count
                return count
            })
        #expect(built.facts.diffID == .of(tar))
        #expect(try unpack(blob) == tar)
        #expect(built.facts.fileBytes == 708 && built.facts.entries == 7)
    }

    /// An empty tar is an empty image; no tar at all is a mistake, packed or not.
    @Test func nothingIsNoArchive() throws {
        for given in [[], try TarFixture.gzip([]), TarFixture.zstd([])] {
            var rest = given[...]
            #expect {
                try build(
                    .stream { buffer in
                        defer { rest = [] }
                        buffer.copyBytes(from: rest)
                        return rest.count
                    })
            } throws: { error in
                (error as? LayerError)?.code == .corrupt && (error as? LayerError)?.hint != nil
            }
        }
        var rest = TarWriter.end[...]
        let (built, _) = try build(
            .stream { buffer in
                defer { rest = [] }
                buffer.copyBytes(from: rest)
                return rest.count
            })
        #expect(built.facts.entries == 0)
    }

    @Test func refusesWhatIsNoTar() {
        var done = false
        #expect {
            try build(
                .stream { buffer in
                    defer { done = true }
                    buffer.copyBytes(from: [UInt8](repeating: 0x41, count: 600))
                    return done ? 0 : 600
                })
        } throws: { ($0 as? LayerError)?.code == .corrupt }
        #expect { try build(.directory("/nonexistent/directory")) } throws: { ($0 as? LayerError)?.code == .io }
    }

    /// Numbers and names that ustar cannot hold come back from the pax header.
    @Test func writesWhatUstarCannotHold() throws {
        let entry = TarEntry(
            kind: .symbolicLink, path: Array(String(repeating: "ü/", count: 100).utf8) + [0x78],
            linkName: Array(String(repeating: "l", count: 300).utf8), mode: 0o777, uid: 1 << 40, gid: 1 << 41,
            modified: -5)
        let stream = TarWriter.headers(entry, attributes: [(Array("user.a".utf8), [0, 10, 61])]) + TarWriter.end
        #expect(try walk(stream).entries == [entry])
    }
}
