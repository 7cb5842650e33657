/// The ports that one word of EXPOSE names: `80`, `53/udp`, `8000-8002`; what stands before a colon is where they would
/// be published, which an image does not say (docker/go-connections `nat.ParsePortSpec`).
struct ExposedPorts {
    /// As `80/tcp`.
    let names: [String]

    /// Throws with Docker's words.
    init(_ text: String) throws(BackendError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let transport = parts.count > 1 && !parts[1].isEmpty ? parts[1].lowercased() : "tcp"
        let port = parts[0].split(separator: ":", omittingEmptySubsequences: false).last ?? ""
        guard !port.isEmpty else { throw BackendError(.usage, "No port specified: \(text)<empty>") }
        let ends = port.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { UInt16($0) }
        guard let low = ends[0], let high = ends[ends.count - 1], low <= high else {
            throw BackendError(.usage, "Invalid containerPort: \(port)", hint: "a port is a number up to 65535")
        }
        guard ["tcp", "udp", "sctp"].contains(transport) else {
            throw BackendError(.usage, "Invalid proto: \(transport)", hint: "tcp, udp or sctp")
        }
        names = (low...high).map { "\($0)/\(transport)" }
    }
}
