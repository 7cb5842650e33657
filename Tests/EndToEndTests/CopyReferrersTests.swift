import Fixtures
import Foundation
import JSON
import Testing

/// `copy --referrers`: signatures, SBOMs and attestations come along.
@Suite struct CopyReferrersTests {
    private let sandbox = Sandbox()

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
        let rows =
            try JSONValue.parse(readFile(sandbox.work + "/signed/index.json") ?? [])["manifests"]?.arrayValue ?? []
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

    /// A bundle that refers to an image, and lists what has a signature of its own.
    @Test func whatRefersToThePartsOfAReferrerComesAlong() throws {
        let stub = StubRegistry()
        defer { stub.stop() }
        let image = StandardImages.named("library/alpine", "3.19")
        stub.add(image, "team/bundled", tags: ["1"])
        let listed = stub.addSignature(of: image.root.digest, "team/bundled", note: "listed")
        let bundle = stub.addBundle(of: [listed], about: image.root.digest, "team/bundled")
        let second = stub.addSignature(of: listed, "team/bundled", note: "of what is listed")
        let copied = value(sandbox.dsh("copy -q --referrers \(stub.host)/team/bundled:1 oci:bundled"))
        #expect(copied["Status"] == "copied", "\(copied)")
        for digest in [bundle, listed, second] {
            #expect(readFile("\(sandbox.work)/bundled/blobs/sha256/\(digest.dropFirst(7))") != nil, "\(digest)")
        }
        try #require(sandbox.dsh("copy -q --referrers oci:bundled oci-archive:bundled.tar").code == 0)
        let sources = [
            ("one", "\(stub.host)/team/bundled:1"), ("two", "oci:bundled"), ("three", "oci-archive:bundled.tar"),
        ]
        for (name, source) in sources {
            let place = "\(RegistryServer.shared.host)/bundled/\(name)"
            let result = sandbox.dsh("copy -q --referrers \(source) \(place):1")
            try #require(result.code == 0, "\(result)")
            for (subject, referrer) in [(image.root.digest, bundle), (listed, second)] {
                let found = value(sandbox.dsh("referrers \(place)@\(subject) | .Digest | collect"))
                #expect(found.arrayValue?.contains(.string(referrer)) == true, "\(found)")
            }
        }
    }

    /// Who refers to an image may be anybody.
    @Test func aChainOfReferrersHasAnEnd() {
        let stub = StubRegistry()
        defer { stub.stop() }
        let image = StandardImages.named("library/alpine", "3.19")
        stub.add(image, "team/chain", tags: ["1"])
        var subject = image.root.digest
        for number in 0..<8 { subject = stub.addSignature(of: subject, "team/chain", note: "\(number)") }
        let whole = value(sandbox.dsh("copy -q --referrers \(stub.host)/team/chain:1 oci:whole"))
        #expect(whole["Status"] == "copied" && whole["Manifests"] == 9, "\(whole)")
        subject = stub.addSignature(of: subject, "team/chain", note: "one more")
        let result = sandbox.dsh("copy -q --referrers \(stub.host)/team/chain:1 oci:chain")
        expectFailure(result, code: "unsupported")
        #expect(result.errors.contains("a chain of more than 8"), "\(result)")
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
        list(digest, size: signature.count, kind: "manifest", about: subject, repository)
        return digest
    }

    /// Adds an index of manifests that refers to another; returns its digest.
    fileprivate func addBundle(of listed: [String], about subject: String, _ repository: String) -> String {
        let manifest = "application/vnd.oci.image.manifest.v1+json"
        let rows = listed.map { digest in
            #"{"mediaType":"\#(manifest)","digest":"\#(digest)","size":\#(self.manifest(repository, digest)?.count ?? 0)}"#
        }
        let size = self.manifest(repository, subject)?.count ?? 0
        let bundle = Array(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","artifactType":"application/x.bundle",\
            "manifests":[\(rows.joined(separator: ","))],\
            "subject":{"mediaType":"\(manifest)","digest":"\(subject)","size":\(size)}}
            """.utf8)
        let digest = addManifest(repository, tags: [], bundle, mediaType: "application/vnd.oci.image.index.v1+json")
        list(digest, size: bundle.count, kind: "index", about: subject, repository)
        return digest
    }

    /// Makes it the only one under the referrers tag of its subject.
    private func list(_ digest: String, size: Int, kind: String, about subject: String, _ repository: String) {
        let index = Array(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":\
            "application/vnd.oci.image.\(kind).v1+json","digest":"\(digest)","size":\(size),\
            "artifactType":"application/x.signature"}]}
            """.utf8)
        addManifest(
            repository, tags: [subject.replacingOccurrences(of: ":", with: "-")], index,
            mediaType: "application/vnd.oci.image.index.v1+json")
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
