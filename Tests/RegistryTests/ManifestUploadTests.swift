import Fixtures
import OCI
import Testing

@testable import Registry

/// Manifests and content management, as the distribution specification has them; each case is named with its section.
@Suite struct ManifestUploadTests {
    private let stub = StubRegistry()
    private let client: RegistryClient

    init() throws { client = try registryClient() }

    private func reference(_ suffix: String = ":1") throws -> Reference {
        try Reference("\(stub.host)/team/app\(suffix)")
    }

    private func manifest(annotation: String = "a", subject: Descriptor? = nil) -> [UInt8] {
        let config = Array("{}".utf8)
        let about =
            subject.map {
                ",\"subject\":{\"mediaType\":\"\($0.mediaType)\",\"digest\":\"\($0.digest)\",\"size\":\($0.size)}"
            } ?? ""
        return Array(
            """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)","config":{"mediaType":"application/x.test",\
            "digest":"\(stub.addBlob(config))","size":2},"layers":[],"annotations":{"k":"\(annotation)"}\(about)}
            """.utf8)
    }

    @Test("Pushing Manifests: by tag and by digest, the bytes as they are")
    func put() async throws {
        let bytes = manifest()
        let descriptor = try await client.putManifest(bytes, mediaType: .ociManifest, as: try reference())
        #expect(descriptor == Descriptor(mediaType: .ociManifest, digest: Digest.of(bytes), size: Int64(bytes.count)))
        #expect(stub.manifest("team/app", "1") == bytes)
        let sent = try #require(stub.requests("manifests/").first)
        #expect(sent.header("Content-Type") == MediaType.ociManifest.rawValue)
        let other = manifest(annotation: "b")
        _ = try await client.putManifest(
            other, mediaType: .ociManifest, as: try reference("@\(Digest.of(other))"))
        #expect(stub.manifest("team/app", sha256(other)) == other)
    }

    @Test("Pushing Manifests: a registry that stores something else is found out")
    func putChanged() async throws {
        stub.rule("manifests/", method: "PUT", .header("Docker-Content-Digest", sha256([1])))
        let place = try reference()
        await expectFailure(.digestMismatch) { () throws(RegistryError) in
            try await client.putManifest(manifest(), mediaType: .ociManifest, as: place)
        }
        let wrong = try reference("@\(Digest.of([1]))")
        await expectFailure(.digestMismatch) { () throws(RegistryError) in
            try await client.putManifest(manifest(), mediaType: .ociManifest, as: wrong)
        }
    }

    @Test(
        "Pushing Manifests: what is refused is said",
        arguments: [
            (405, "UNSUPPORTED", RegistryError.Reason.unsupported), (403, "DENIED", .denied),
            (404, "MANIFEST_BLOB_UNKNOWN", .refused), (400, "MANIFEST_INVALID", .refused), (413, "", .refused),
            (400, "DIGEST_INVALID", .digestMismatch), (404, "NAME_UNKNOWN", .notFound), (500, "", .network),
        ])
    func refused(status: Int, code: String, reason: RegistryError.Reason) async throws {
        stub.rule("manifests/", method: "PUT", .status(status, code, "no"))
        let place = try reference()
        await expectFailure(reason) { () throws(RegistryError) in
            try await client.putManifest(manifest(), mediaType: .ociManifest, as: place)
        }
    }

    @Test("Pushing Manifests with Subject: OCI-Subject means that the registry keeps the referrers")
    func subject() async throws {
        let image = try await client.putManifest(manifest(), mediaType: .ociManifest, as: try reference())
        let signature = manifest(annotation: "signature", subject: image)
        _ = try await client.putManifest(
            signature, mediaType: .ociManifest, as: try reference("@\(Digest.of(signature))"))
        #expect(stub.manifest("team/app", RegistryClient.referrersTag(image.digest)) == nil)
    }

    @Test("Pushing Manifests with Subject: without OCI-Subject the index under the referrers tag is kept up")
    func subjectByTag() async throws {
        stub.setKnowsSubjects(false)
        let image = try await client.putManifest(manifest(), mediaType: .ociManifest, as: try reference())
        var digests: [Digest] = []
        for name in ["one", "two", "two"] {
            let bytes = manifest(annotation: name, subject: image)
            digests.append(Digest.of(bytes))
            _ = try await client.putManifest(bytes, mediaType: .ociManifest, as: try reference("@\(Digest.of(bytes))"))
        }
        let found = try await client.referrers(of: image.digest, in: try reference().repository)
        #expect(found.source == .tag)
        #expect(found.descriptors.map(\.digest) == Array(digests.prefix(2)))
        #expect(found.descriptors.first?.artifactType == "application/x.test")
        #expect(found.descriptors.first?.annotations == ["k": "one"])
        // And out again.
        try await client.delete(try reference("@\(digests[0])"))
        let left = try await client.referrers(of: image.digest, in: try reference().repository)
        #expect(left.descriptors.map(\.digest) == [digests[1]])
    }

    @Test("Deleting tags, manifests and blobs")
    func delete() async throws {
        let bytes = manifest()
        for tag in [":1", ":2", ":3"] {
            _ = try await client.putManifest(bytes, mediaType: .ociManifest, as: try reference(tag))
        }
        try await client.delete(try reference(":1"))
        #expect(stub.manifest("team/app", "1") == nil)
        #expect(stub.manifest("team/app", "2") == bytes)
        try await client.delete(try reference("@\(Digest.of(bytes))"))
        #expect(stub.manifest("team/app", "2") == nil)
        let gone = try reference(":2")
        await expectFailure(.manifestUnknown) { () throws(RegistryError) in try await client.delete(gone) }
        stub.setDeletes(false)
        let error = await expectFailure(.unsupported) { () throws(RegistryError) in try await client.delete(gone) }
        #expect(error?.hint?.contains("storage.delete") == true)
    }

    /// A registry that sends its clients on may name anything of anybody's.
    @Test("Deleting: no redirect is followed, nor one of a trial", arguments: [301, 302, 303, 307, 308])
    func deletionsStayHere(status: Int) async throws {
        let other = StubRegistry()
        let bytes = manifest()
        stub.setDeletes(false)
        other.addManifest("team/app", tags: ["1"], bytes)
        for place in [other.url, ""] {
            stub.forgetRules()
            stub.addManifest("team/app", tags: ["1"], bytes)
            stub.rule("/v2/", method: "DELETE", .redirect("\(place)/v2/team/app/manifests/1", status: status))
            stub.forgetRequests()
            let (tag, digest) = (try reference(), try reference("@\(Digest.of(bytes))"))
            for reference in [tag, digest] {
                let trial = await expectFailure(.redirect) { () throws(RegistryError) in
                    try await client.wouldDelete(reference)
                }
                let done = await expectFailure(.redirect) { () throws(RegistryError) in
                    try await client.delete(reference)
                }
                for error in [trial, done] {
                    #expect(
                        error?.message == "\(stub.host) answers a deletion with a redirect, which is not followed")
                }
            }
            await expectFailure(.redirect) { () throws(RegistryError) in
                try await client.deleteBlob(Digest.of([1]), from: tag.repository)
            }
            #expect(stub.requests.filter { $0.method == "DELETE" }.count == 5)
            #expect(stub.manifest("team/app", "1") == bytes)
        }
        #expect(other.requests.isEmpty && other.manifest("team/app", "1") == bytes)
    }

    @Test("Pushing Manifests: a redirect to another host is not followed")
    func putStaysHere() async throws {
        let other = StubRegistry()
        stub.rule("manifests/", method: "PUT", .redirect(other.url + "/v2/team/app/manifests/1"))
        let place = try reference()
        let error = await expectFailure(.redirect) { () throws(RegistryError) in
            try await client.putManifest(manifest(), mediaType: .ociManifest, as: place)
        }
        #expect(error?.message.contains(stub.host) == true && error?.message.contains(other.host) == true)
        #expect(other.requests.isEmpty)
    }
}
