import Fixtures
import Foundation
import JSON
import Testing

/// `copy --format`: media types there and back, and what has no place in the other format.
@Suite struct CopyFormatTests {
    private let sandbox = Sandbox()

    private func types(_ layout: String, _ name: String) -> Set<String> {
        let raw = sandbox.dsh("copy -q \(layout):\(name) oci:types:\(name)").code == 0 ? "types" : ""
        var types: Set<String> = []
        func walk(_ path: String) {
            guard let json = try? JSONValue.parse(readFile(path) ?? []) else { return }
            if let type = json["mediaType"]?.stringValue { types.insert(type) }
            for key in ["manifests", "layers"] {
                for entry in json[key]?.arrayValue ?? [] {
                    types.insert(entry["mediaType"]?.stringValue ?? "")
                    if key == "manifests" {
                        walk(
                            sandbox.work + "/\(raw)/blobs/sha256/" + (entry["digest"]?.stringValue?.dropFirst(7) ?? ""))
                    }
                }
            }
            if let type = json["config"]?["mediaType"]?.stringValue { types.insert(type) }
        }
        let rows =
            (try? JSONValue.parse(readFile(sandbox.work + "/\(raw)/index.json") ?? []))?["manifests"]?.arrayValue ?? []
        for row in rows where row["annotations"]?["org.opencontainers.image.ref.name"]?.stringValue == name {
            walk(sandbox.work + "/\(raw)/blobs/sha256/" + (row["digest"]?.stringValue?.dropFirst(7) ?? ""))
        }
        return types
    }

    private static let oci: Set<String> = Set(
        ["manifest.v1+json", "index.v1+json", "config.v1+json", "layer.v1.tar+gzip", "layer.v1.tar"].map {
            "application/vnd.oci.image." + $0
        })
    private static let docker: Set<String> = [
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.docker.container.image.v1+json",
        "application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.docker.image.rootfs.diff.tar",
    ]

    @Test(arguments: ["nginx:1.27", "node:20", "nginx:alpine", "lab/plain:1"])
    func theFormatIsConvertedThereAndBack(reference: String) throws {
        let registry = "\(RegistryServer.shared.host)/converted/\(reference.split(separator: ":")[0])"
        let docker = value(sandbox.dsh("copy -q --format docker \(reference) oci:docker:one"))
        #expect(types("oci:docker", "one").subtracting(Self.docker) == [], "\(docker)")
        let oci = value(sandbox.dsh("copy -q --format oci oci:docker:one oci:oci:two"))
        #expect(types("oci:oci", "two").subtracting(Self.oci) == [], "\(oci)")
        #expect(docker["Digest"] != oci["Digest"] && oci["Dropped"] == [])
        for layout in ["docker", "oci"] { expectValidStore(sandbox.work + "/" + layout) }
        // The plan says the same, another time there is nothing to do, and no layer is changed.
        let again = value(sandbox.dsh("copy -q --format docker oci:oci oci:docker:one"))
        #expect(again["Status"] == "up_to_date" && again["Digest"] == docker["Digest"], "\(again)")
        let planned = value(sandbox.dsh("copy -q --dry-run --format docker \(reference) \(registry):x"))
        #expect(planned["Digest"] == docker["Digest"] && planned["Dropped"] == docker["Dropped"])
        // A real registry and skopeo take both.
        for (from, tag) in [("oci:docker:one", "d"), ("oci:oci:two", "o")] {
            try #require(sandbox.dsh("copy -q \(from) \(registry):\(tag)").code == 0)
            let read = sandbox.tool(
                "skopeo", "copy", "-q", "--all", "--preserve-digests", "--src-tls-verify=false",
                "docker://\(registry):\(tag)", "dir:\(tag)")
            #expect(read.code == 0, "\(read)")
        }
        let converted = sandbox.tool(
            "skopeo", "--override-arch", "amd64", "copy", "-q", "--format", "oci", "oci:docker", "oci:theirs:t")
        #expect(converted.code == 0, "\(converted)")
        #expect(types("oci:theirs", "t").subtracting(Self.oci) == [])
    }

    @Test func whatDockersFormatHasNoPlaceForIsToldOrRefused() throws {
        let nginx = value(sandbox.dsh("copy -q --format docker nginx:1.27 oci:l"))
        let dropped = nginx["Dropped"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(dropped.contains { $0.contains("attestation") }, "\(dropped)")
        let zstd = sandbox.dsh("copy -q --format docker lab/zstd:1 oci:z")
        expectFailure(zstd, code: "unsupported")
        #expect(zstd.errors.contains("zstd") && !sandbox.files("").contains("z"), "\(zstd)")
        // What is of that format already keeps its bytes.
        let same = value(sandbox.dsh("copy -q --format docker node:20 oci:l:same"))
        #expect(same["Digest"]?.stringValue == standardDigest("library/node", "20") && same["Dropped"] == [])
        expectFailure(sandbox.dsh("copy --format v1 alpine oci:l"), code: "usage", exit: 2)
    }
}
