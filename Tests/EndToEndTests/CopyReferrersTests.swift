import Fixtures
import Foundation
import JSON
import Testing

/// `copy --referrers`: signatures, SBOMs and attestations come along.
@Suite struct CopyReferrersTests {
    private let sandbox = Sandbox()
    private var work: String { sandbox.directory.path + "/work" }

    @Test func referrersComeIntoALayoutAndOutOfIt() throws {
        let stub = StubRegistry()
        defer { stub.stop() }
        let signature = stub.addSigned(StandardImages.named("library/alpine", "3.19"), "team/signed")
        for (target, back) in [("oci:signed", "oci:signed"), ("oci-archive:signed.tar", "oci-archive:signed.tar")] {
            let copied = value(sandbox.dsh("copy -q --referrers \(stub.host)/team/signed:1 \(target)"))
            #expect(copied["Manifests"] == 2, "\(copied)")
            let registry = "\(RegistryServer.shared.host)/signed-\(target.count)/app"
            let pushed = value(sandbox.dsh("copy -q --referrers \(back) \(registry)"))
            #expect(pushed["Reference"]?.stringValue == registry + ":1", "\(pushed)")
            let referrers = value(sandbox.dsh("referrers \(registry):1 | collect")).arrayValue ?? []
            #expect(referrers.map { $0["Digest"]?.stringValue } == [signature], "\(referrers)")
        }
        let rows = try JSONValue.parse(readFile(work + "/signed/index.json") ?? [])["manifests"]?.arrayValue ?? []
        #expect(rows.map { $0["artifactType"]?.stringValue } == [nil, "application/x.signature"], "\(rows)")
        #expect(rows[1]["annotations"]?["org.opencontainers.image.ref.name"] == nil)
        let again = value(sandbox.dsh("copy -q --referrers \(stub.host)/team/signed:1 oci:signed"))
        #expect(again["Status"] == "up_to_date", "\(again)")
    }

    /// Builders sign each platform, and not the index alone; and signatures are signed.
    @Test func whatRefersToTheImagesOfAnIndexComesAlong() throws {
        let stub = StubRegistry()
        defer { stub.stop() }
        let image = StandardImages.named("library/nginx", "1.27")
        stub.add(image, "team/signed", tags: ["1"])
        let children = image.manifests.map(\.digest)
        let signatures = ([image.root.digest] + children).enumerated().map { number, subject in
            stub.addSignature(of: subject, "team/signed", note: "\(number)")
        }
        let second = stub.addSignature(of: signatures[1], "team/signed", note: "of a signature")
        let all = Set(signatures + [second])
        func held(_ place: String, _ subject: String) -> [String] {
            value(sandbox.dsh("referrers \(place)@\(subject) | .Digest | collect")).arrayValue?.compactMap(
                \.stringValue)
                ?? []
        }
        for name in ["one", "layout"] {
            let place = "\(RegistryServer.shared.host)/index-signed/\(name)"
            if name == "layout" {
                let copied = value(sandbox.dsh("copy -q --referrers \(stub.host)/team/signed:1 oci:signed"))
                #expect(copied["Manifests"]?.intValue == 1 + children.count + all.count, "\(copied)")
            }
            let from = name == "layout" ? "oci:signed" : "\(stub.host)/team/signed:1"
            let copied = value(sandbox.dsh("copy -q --referrers \(from) \(place):1"))
            #expect(copied["Manifests"]?.intValue == 1 + children.count + all.count, "\(copied)")
            let found = ([image.root.digest] + children + [signatures[1]]).flatMap { held(place, $0) }
            #expect(Set(found) == all && found.count == all.count, "\(found)")
            // Once more: the image is there, and so is what refers to it.
            let again = value(sandbox.dsh("copy -q --referrers \(from) \(place):1"))
            #expect(
                again["Status"] == "up_to_date" && again["Manifests"] == .null && again["Size"] == .null, "\(again)")
        }
        // Of one platform alone comes what refers to that.
        let one = value(sandbox.dsh("copy -q --referrers --platform linux/arm64 \(stub.host)/team/signed:1 oci:arm"))
        #expect(one["Manifests"]?.intValue ?? 0 >= 2 && one["Manifests"]?.intValue ?? 9 <= 3, "\(one)")
    }

    /// Who refers to an image may be anybody.
    @Test func aChainOfReferrersHasAnEnd() {
        let stub = StubRegistry()
        defer { stub.stop() }
        let image = StandardImages.named("library/alpine", "3.19")
        stub.add(image, "team/chain", tags: ["1"])
        var subject = image.root.digest
        for number in 0..<20 { subject = stub.addSignature(of: subject, "team/chain", note: "\(number)") }
        let result = sandbox.dsh("copy -q --referrers \(stub.host)/team/chain:1 oci:chain")
        expectFailure(result, code: "corrupt")
        #expect(result.errors.contains("deep"), "\(result)")
    }
}

extension StubRegistry {
    /// Adds a signature of a manifest, under the referrers tag of that; returns its digest.
    fileprivate func addSignature(of subject: String, _ repository: String, note: String) -> String {
        let size = manifest(repository, subject)?.count ?? 0
        let signature = Array(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "config":{"mediaType":"application/x.signature","digest":"\(addBlob(Array("{}".utf8)))","size":2},"layers":[],\
            "subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\(subject)","size":\(size)},\
            "annotations":{"note":"\(note)"}}
            """.utf8)
        let digest = addManifest(repository, tags: [], signature)
        let index = Array(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":\
            "application/vnd.oci.image.manifest.v1+json","digest":"\(digest)","size":\(signature.count),\
            "artifactType":"application/x.signature"}]}
            """.utf8)
        addManifest(
            repository, tags: [subject.replacingOccurrences(of: ":", with: "-")], index,
            mediaType: "application/vnd.oci.image.index.v1+json")
        return digest
    }

    /// Adds an image as `repository:1` and a signature of it; returns the signature's digest.
    fileprivate func addSigned(_ image: BuiltImage, _ repository: String) -> String {
        add(image, repository, tags: ["1"])
        let signature = Array(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "config":{"mediaType":"application/x.signature","digest":"\(addBlob(Array("{}".utf8)))","size":2},"layers":[],\
            "subject":{"mediaType":"\(image.root.mediaType)","digest":"\(image.root.digest)","size":\(image.root.bytes.count)}}
            """.utf8)
        let digest = addManifest(repository, tags: [], signature)
        let index = Array(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":\
            "application/vnd.oci.image.manifest.v1+json","digest":"\(digest)","size":\(signature.count),\
            "artifactType":"application/x.signature"}]}
            """.utf8)
        addManifest(
            repository, tags: [image.root.digest.replacingOccurrences(of: ":", with: "-")], index,
            mediaType: "application/vnd.oci.image.index.v1+json")
        return digest
    }
}
