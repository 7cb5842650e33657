import JSON
import OCI
import Testing

@testable import Backend

@Suite struct DocumentEditTests {
    private func child(_ seed: UInt8, _ platform: String?, type: MediaType = .ociManifest) throws -> Descriptor {
        Descriptor(
            mediaType: type, digest: Digest.of([seed]), size: 7, platform: try platform.map { try Platform($0) })
    }

    @Test func aNewIndexIsOfTheTypeOfWhatItHolds() throws {
        let oci = DocumentEdit(newIndexOf: [
            try child(1, "linux/amd64"), try child(2, "linux/arm64", type: .dockerManifest),
        ])
        #expect(try Index(bytes: oci.bytes).mediaType == .ociIndex)
        let docker = DocumentEdit(newIndexOf: [try child(1, "linux/amd64", type: .dockerManifest)])
        #expect(try Index(bytes: docker.bytes).mediaType == .dockerManifestList)
    }

    @Test func anEntryForTheSamePlatformGivesWay() throws {
        var edit = DocumentEdit(newIndexOf: [try child(1, "linux/amd64"), try child(2, "linux/arm64")])
        edit.add(try child(3, "linux/amd64"))
        edit.add(try child(3, "linux/amd64"))
        edit.add(try child(4, nil))
        #expect(try Index(bytes: edit.bytes).manifests.map(\.digest) == [2, 3, 4].map { Digest.of([$0]) })
    }

    @Test func attestationsGoWithWhatTheyAreAbout() throws {
        let image = try child(1, "linux/amd64")
        var attestation = try child(2, "unknown/unknown")
        attestation.annotations = [
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": image.digest.description,
        ]
        var edit = DocumentEdit(newIndexOf: [image, attestation, try child(3, "linux/arm64")])
        #expect(edit.remove(where: { $0.digest == image.digest }) == 2)
        #expect(edit.remove(where: { $0.digest == image.digest }) == 0)
        #expect(try Index(bytes: edit.bytes).manifests.map(\.digest) == [Digest.of([3])])
    }

    @Test func annotationsLeaveEverythingElseAsItWas() throws {
        let text = #"{"schemaVersion":2,"x.unknown":[1,{"b":2,"a":null}],"annotations":{"k":"v","l":"w"}}"#
        var edit = try DocumentEdit(Array(text.utf8))
        #expect(edit.annotate([("k", nil), ("n", "ü")], entries: nil) == 1)
        #expect(
            String(decoding: edit.bytes, as: UTF8.self)
                == #"{"schemaVersion":2,"x.unknown":[1,{"b":2,"a":null}],"annotations":{"l":"w","n":"ü"}}"#)
        #expect(edit.annotate([("l", nil), ("n", nil)], entries: nil) == 1)
        #expect(
            String(decoding: edit.bytes, as: UTF8.self)
                == #"{"schemaVersion":2,"x.unknown":[1,{"b":2,"a":null}]}"#)
        #expect(throws: BackendError.self) { try DocumentEdit(Array("[1]".utf8)) }
    }
}
