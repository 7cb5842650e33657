import HTTP
import OCI
import Threads

// Sessions that outlive a run, and those that must not.
extension BlobUpload {
    /// Takes up the session of a run before this one, if the registry still has something of it.
    func resumeNoted() {
        note = client.configuration.uploads?.open(descriptor, to: endpoint)
        guard let known = note?.session else { return }
        session = known
        isUncertain = true
        do throws(RegistryError) { try askForOffset() } catch {
            // What may pass is asked again with the first try.
            if error.reason != .network, error.reason != .timeout { session = nil }
            return
        }
        // A session without a byte is no better than a new one, which may be a mount.
        if offset == 0 { endSession() }
    }

    /// Ends the session where there is one (distribution-spec, "Pushing blobs": `DELETE` cancels an upload), so that the
    /// registry need not keep what nobody will finish. It is asked once, whether this is cancelled or not, and not waited
    /// for long.
    ///
    /// Only at the registry itself: a session's URL is the registry's to choose, and it might name something of value at
    /// another host.
    func endSession() {
        guard let session, let place = lastPlace else { return }
        self.session = nil
        guard UploadLocation.areSameOrigin(session, place.origin) else { return }
        var request = HTTPRequest(method: "DELETE", url: session)
        request.limits = client.configuration.limits
        request.limits.connect = client.configuration.answers.sessionEnd
        request.limits.total = client.configuration.answers.sessionEnd
        request.maximumRedirects = 0
        request.version = .http1
        request.tls = place.tls
        request.headers["Authorization"] = place.authorization?.reveal()
        _ = try? client.http.transfer(request, cancellation: CancellationFlag()) { _ in }
    }
}
