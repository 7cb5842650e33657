import Testing

@testable import Commands

@Suite struct SyncTests {
    @Test(arguments: [1, 2, 3, 8, 100]) func everyNameIsInOneShard(count: Int) throws {
        let shards = try (1...count).map { try Shard("\($0)/\(count)") }
        var sizes = [Int](repeating: 0, count: count)
        for number in 0..<2000 {
            let name = "registry.example.com/team/app:\(number)"
            let places = shards.indices.filter { shards[$0].contains(name) }
            #expect(places.count == 1)
            if let place = places.first { sizes[place] += 1 }
        }
        // None of them has it all to do.
        #expect(sizes.max() ?? 0 < 2000 / count * 2 + 20)
    }

    /// Machines with other versions of dsh must agree: these never change.
    @Test(arguments: [("docker.io/library/nginx:1.25", "4/8"), ("ghcr.io/owner/app:v1", "4/8")])
    func aNameStaysInItsShard(name: String, shard: String) throws { #expect(try Shard(shard).contains(name)) }

    static let lines: [Line] = [
        Line("sync nginx", error: "usage: sync takes what is to be copied, and where to"),
        Line("sync --shard 0/3 nginx localhost:1/x", error: "usage: --shard takes K/N with K from 1 to N, not 0/3"),
        Line("sync --shard 4/3 nginx localhost:1/x", error: "usage: --shard takes K/N with K from 1 to N, not 4/3"),
        Line("sync --match '[' nginx localhost:1/x", error: "usage: --match takes a pattern, and [ is none"),
        Line(
            "sync --delete nginx:1 alpine@sha256:\(String(repeating: "a", count: 64)) localhost:1",
            error: "usage: --delete takes whole repositories, and nginx:1 is one image"),
        Line("sync -j 0 nginx localhost:1/x", error: "usage: --jobs takes 1 to 32, not 0"),
        Line("sync nginx oci:x", error: "unsupported: sync takes no oci:"),
        Line("sync store:a/b:1 localhost:1/x", error: "unsupported: sync takes no store:"),
        Line("sync oci:x:1 nginx localhost:1/x", error: "unsupported: sync takes no oci:"),
        Line(
            "{Source: \"oci:x\", Target: \"localhost:1/x\"} | sync -q",
            error: "unsupported: oci:x -> localhost:1/x: sync takes no oci:"),
        Line("copy nginx oci-archive:-", error: "usage: oci-archive: needs a file: copy writes to no stream"),
        Line("copy oci-archive:-:1 x", error: "usage: oci-archive: needs a file: copy reads from no stream"),
        Line("copy docker-archive:- x", error: "usage: docker-archive: needs a file: copy reads from no stream"),
        Line("copy nginx oci:-", error: "usage: oci: needs a directory, and - would be a stream"),
        Line("copy oci:-:1 x", error: "usage: oci: needs a directory, and - would be a stream"),
        Line("\"nginx\" | sync", error: "usage: sync is not told where to copy nginx"),
        Line("copy nginx", error: "usage: copy takes what is to be copied, and where to"),
        Line("copy oci: x", error: "usage: oci: needs a directory"),
        Line("copy docker-archive: x", error: "usage: docker-archive: needs a file"),
        Line("copy oci-archive::name x", error: "usage: oci-archive: needs a file"),
        Line("copy dir:a x", error: "unsupported: copy does not read dir:"),
        Line("copy nginx dir:x", error: "unsupported: copy does not write to dir:"),
        Line("copy nginx oci:", error: "usage: oci: needs a directory"),
        Line("copy nginx docker-archive::x", error: "usage: docker-archive: needs a file"),
        Line("copy nginx docker-archive:/:x", error: "io: cannot write /: Is a directory"),
        Line(
            "copy nginx docker-archive:x:A",
            error: "invalid_reference: invalid reference format: repository name (library/A) must be lowercase: \"A\""),
        Line(
            "copy --format oci --referrers nginx oci:x",
            error: "usage: --format and --referrers cannot be used together"),
        Line("push", error: "usage: push needs at least one image"),
        Line("multiarch create x", error: "usage: multiarch create needs at least one image"),
        Line("annotate x", error: "usage: annotate needs an image and at least one annotation"),
        Line("annotate x y", error: "usage: an annotation is key=value, not y"),
    ]

    @Test(arguments: lines) func line(_ line: Line) async {
        let outcome = await run(line.text)
        #expect(outcome.values == line.values, "\(outcome)")
        #expect(outcome.error == line.error)
    }
}
