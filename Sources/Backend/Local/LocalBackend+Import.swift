import Glibc
import JSON
import Layers
import OCI
import Store
import Threads

extension LocalBackend {
    package func importImage(_ request: ImportRequest) async throws(BackendError) -> ImportResult {
        var change = ConfigChange()
        try change.apply(request.changes)
        let settings = change.config
        return try await withCancellationFlag { flag throws(BackendError) in
            // Apart from the shell's thread: what is read may come from a program that stages of the same pipeline feed.
            try await onOwnThread { () throws(BackendError) in
                let lease = try storing { () throws(StoreError) in try self.store.beginLease() }
                defer { lease.release() }
                let built = try self.build(request.source, lease: lease, flag: flag)
                return try self.finish(built, request: request, settings: settings, lease: lease, flag: flag)
            }
        }
    }

    /// Writes the layer's blob and returns what is known of it.
    private func build(
        _ source: ImportRequest.Source, lease: Lease, flag: CancellationFlag
    ) throws(BackendError) -> LayerFacts {
        let file: ImportFile
        do throws(LayerError) { file = try ImportFile(source, flag) } catch { throw BackendError(StoreError(error)) }
        return try storing { () throws(StoreError) in
            try store.importLayer(from: file.layerSource, lease: lease, cancelled: { flag.isCancelled }).facts
        }
    }

    private func finish(
        _ facts: LayerFacts, request: ImportRequest, settings: JSONObject, lease: Lease, flag: CancellationFlag
    ) throws(BackendError) -> ImportResult {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let created = Timestamp(seconds: Int64(now.tv_sec), nanoseconds: Int64(now.tv_nsec)).rfc3339
        var config = JSONObject()
        config["created"] = .string(created)
        config["architecture"] = .string(request.platform.architecture)
        if let variant = request.platform.variant { config["variant"] = .string(variant) }
        config["os"] = .string(request.platform.os)
        config["config"] = .object(settings)
        config["rootfs"] = ["type": "layers", "diff_ids": [.string(facts.diffID.description)]]
        config["history"] = [["created": .string(created), "comment": .string(request.message)]]
        let configBytes = Array(JSONValue.object(config).compact.utf8)
        let id = Digest.of(configBytes)
        let configDescriptor = Descriptor(mediaType: .ociConfig, digest: id, size: Int64(configBytes.count))
        let layer = Descriptor(mediaType: .ociLayerGzip, digest: facts.digest, size: facts.packedBytes)
        let manifest: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue), "config": configDescriptor.json,
            "layers": [layer.json],
        ]
        let bytes = Array(manifest.compact.utf8)
        let descriptor = Descriptor(mediaType: .ociManifest, digest: Digest.of(bytes), size: Int64(bytes.count))
        try storing { () throws(StoreError) in
            try lease.protect([id, descriptor.digest], cancelled: { flag.isCancelled })
            try store.writeBlob(configBytes, digest: id)
            try store.writeBlob(bytes, digest: descriptor.digest)
            if let reference = request.reference {
                try store.setReferences(
                    [ReferenceUpdate(reference: reference, descriptor: descriptor)], cancelled: { flag.isCancelled })
            } else {
                try store.addDangling(descriptor, cancelled: { flag.isCancelled })
            }
        }
        return ImportResult(
            reference: request.reference, id: id, digest: descriptor.digest, size: facts.fileBytes, layer: facts.digest)
    }
}

/// What is imported, open for reading.
private final class ImportFile {
    private let source: ImportRequest.Source
    private let file: OpenFile?
    private let descriptor: Int32
    private let flag: CancellationFlag

    init(_ source: ImportRequest.Source, _ flag: CancellationFlag) throws(LayerError) {
        self.source = source
        self.flag = flag
        switch source {
        case .directory:
            file = nil
            descriptor = -1
        case .file(let path):
            let opened: OpenFile
            // Without O_NONBLOCK the opening of a named pipe waits for its writer.
            do { opened = try OpenFile(path, flags: O_RDONLY | O_NONBLOCK) } catch { throw LayerError(error) }
            descriptor = opened.descriptor
            file = consume opened
        case .descriptor(let given, let name):
            // A descriptor of our own, so that closing it leaves the other alone.
            descriptor = fcntl(given, F_DUPFD_CLOEXEC, 3)
            file = OpenFile(adopting: descriptor, path: name)
        }
    }

    var layerSource: LayerBuilder.Source {
        if case .directory(let path) = source { return .directory(path) }
        let (descriptor, flag) = (descriptor, flag)
        return .stream { buffer throws(LayerError) in
            while true {
                // A pipe may have nothing for long, and read(2) would not see that it is cancelled.
                var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                if poll(&wait, 1, 50) <= 0 {
                    if flag.isCancelled { throw LayerError(.interrupted, "interrupted") }
                    continue
                }
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                if count >= 0 { return count }
                if errno != EINTR && errno != EAGAIN { throw LayerError(SystemError("read", "the archive")) }
            }
        }
    }
}
