import Fixtures
import Foundation
import JSON
import Testing

/// `multiarch` and `annotate` in a real registry.
@Suite struct MultiarchTests {
    private let registry = RegistryServer(
        [
            ("team/app", ["1-amd64"], StandardImages.alpine(label: "one").build()),
            ("team/app", ["1-arm64"], StandardImages.alpine(architecture: "arm64", variant: "v8").build()),
            ("other/app", ["2-amd64"], StandardImages.alpine(label: "two").build()),
            ("other/app", ["1-386"], StandardImages.alpine(architecture: "386").build()),
        ])
    private let sandbox = Sandbox(registry: nil)
    private var app: String { "\(registry.host)/team/app" }

    private func platforms(_ record: JSONValue) -> [String] {
        (record["Manifests"]?.arrayValue ?? []).compactMap { $0["Platform"]?.stringValue }
    }

    @Test func anIndexIsMadeAndChanged() throws {
        let plan = value(sandbox.dsh("multiarch create --dry-run \(app):1 \(app):1-amd64 \(app):1-arm64"))
        #expect(plan["Status"] == "planned")
        expectFailure(sandbox.dsh("resolve \(app):1"), code: "manifest_unknown")
        let made = value(sandbox.dsh("multiarch create \(app):1 \(app):1-amd64 \(app):1-arm64"))
        #expect(made["Digest"] == plan["Digest"])
        #expect(made["Previous"] == .null)
        #expect(platforms(made) == ["linux/amd64", "linux/arm64/v8"])
        // An image of another repository comes along.
        let more = value(sandbox.dsh("multiarch add \(app):1 \(registry.host)/other/app:1-386"))
        #expect(platforms(more) == ["linux/amd64", "linux/arm64/v8", "linux/386"])
        #expect(more["Previous"] == made["Digest"])
        let raw = runTool("skopeo", "inspect", "--raw", "--tls-verify=false", "docker://\(app):1")
        #expect(value(raw)["manifests"]?.arrayValue?.count == 3)
        for architecture in ["amd64", "arm64", "386"] {
            let pulled = sandbox.dsh("pull -q --platform linux/\(architecture) \(app):1 | .Platform")
            #expect(value(pulled).stringValue?.contains(architecture) == true, "\(pulled)")
        }
        let less = value(sandbox.dsh("multiarch remove \(app):1 --platform linux/arm64"))
        #expect(platforms(less) == ["linux/amd64", "linux/386"])
        expectFailure(sandbox.dsh("multiarch remove \(app):1 --platform linux/s390x"), code: "no_matching_platform")
        let noted = value(sandbox.dsh("multiarch annotate \(app):1 --platform linux/386 --annotation stage=old"))
        #expect(noted["Manifests"]?[1]?["Annotations"] == ["stage": "old"])
        #expect(value(sandbox.dsh("multiarch inspect \(app):1"))["Digest"] == noted["Digest"])
        expectFailure(sandbox.dsh("multiarch add \(app):1-amd64 \(app):1-arm64"), code: "unsupported")
        for line in [
            "inspect \(app):1-amd64", "annotate \(app):1-amd64 --annotation a=1",
            "annotate \(app):1-amd64 --platform linux/amd64 --annotation a=1",
            "remove \(app):1-amd64 --platform linux/amd64",
        ] {
            let single = sandbox.dsh("multiarch \(line)")
            expectFailure(single, code: "unsupported")
            #expect(
                single.errors.contains("1-amd64 is a single image") && single.errors.contains("`annotate "), "\(single)"
            )
        }
        expectFailure(sandbox.dsh("multiarch frob \(app):1"), code: "usage", exit: 2)
    }

    @Test func oneImageForAPlatformAndNeverNone() throws {
        let both = sandbox.dsh("multiarch create \(app):two \(app):1-amd64 \(registry.host)/other/app:2-amd64")
        expectFailure(both, code: "conflict")
        #expect(
            both.errors.contains("\(app):1-amd64 and \(registry.host)/other/app:2-amd64 are both for linux/amd64"),
            "\(both)")
        expectFailure(sandbox.dsh("resolve \(app):two"), code: "manifest_unknown")
        // The same twice is one, and `add` puts one in another's place.
        let made = value(sandbox.dsh("multiarch create \(app):two \(app):1-amd64 \(app):1-amd64"))
        #expect(platforms(made) == ["linux/amd64"])
        let added = value(sandbox.dsh("multiarch add \(app):two \(registry.host)/other/app:2-amd64"))
        #expect(platforms(added) == ["linux/amd64"] && added["Digest"] != made["Digest"])
        let last = sandbox.dsh("multiarch remove \(app):two --platform linux/amd64")
        expectFailure(last, code: "conflict")
        #expect(last.errors.contains("rmi --remote \(app):two"), "\(last)")
        #expect(value(sandbox.dsh("resolve \(app):two"))["Digest"] == added["Digest"])
    }

    @Test func annotationsMakeANewDigest() throws {
        let before = value(sandbox.dsh("resolve \(app):1-amd64"))
        let noted = value(sandbox.dsh("annotate \(app):1-amd64 a=1 b=2 --as \(app):noted"))
        #expect(noted["Digest"] != before["Digest"])
        #expect(value(sandbox.dsh("manifest \(app):noted | .annotations")) == ["a": "1", "b": "2"])
        let less = value(sandbox.dsh("annotate \(app):noted a= b=3"))
        #expect(less["Previous"] == noted["Digest"])
        #expect(value(sandbox.dsh("manifest \(app):noted | .annotations")) == ["b": "3"])
        #expect(value(sandbox.dsh("annotate \(app):noted b="))["Digest"] == before["Digest"])
        #expect(sandbox.dsh("pull -q \(app):noted").code == 0)
        expectFailure(sandbox.dsh("annotate \(app):noted nonsense"), code: "usage", exit: 2)
    }
}
