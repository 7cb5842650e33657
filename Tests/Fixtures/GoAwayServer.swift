import Foundation

/// A server on loopback that speaks HTTP/2 over TLS, with a certificate that nobody vouches for, and sends its clients away
/// (RFC 9113 section 6.8). Everything else it answers with 200 and `hello`.
package final class GoAwayServer: Sendable {
    package enum Behaviour: String, Sendable {
        /// GOAWAY in the place of an answer: the request was not looked at.
        case before
        /// GOAWAY in the middle of the answer, and the end of the connection.
        case middle
        /// GOAWAY behind a whole answer.
        case after
    }

    /// `localhost:PORT`
    package let host: String
    private let server: LoopbackServer

    /// The first so many connections end in that way.
    package init(_ behaviour: Behaviour, connections: Int) {
        let directory = serverDirectory("goaway")
        let made = runTool(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
            directory + "/key.pem", "-out", directory + "/cert.pem", "-days", "2", "-subj", "/CN=localhost")
        precondition(made.code == 0, "openssl: \(made)")
        writeFile(directory + "/server.py", Array(GoAwayServer.program.utf8))
        let server = LoopbackServer(
            ["python3", "server.py", behaviour.rawValue, String(connections)], directory: directory)
        self.server = server
        let port = server.wait("an HTTP/2 server") { () -> String? in
            guard let found = server.log.range(of: "listening on ") else { return nil }
            let port = server.log[found.upperBound...].prefix { $0.isNumber }
            return port.isEmpty ? nil : String(port)
        }
        host = "localhost:\(port)"
    }

    /// How many requests have come, over all connections.
    package var requests: Int { server.log.split(separator: "\n").filter { $0 == "request" }.count }

    /// Frames by hand: a library would keep to the rules. In HPACK 0x88 is ":status: 200", and 0x0f 0x0d is
    /// "content-length" (RFC 7541 appendix A).
    private static let program = """
        import socket, ssl, struct, sys, threading

        mode, bad = sys.argv[1], int(sys.argv[2])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("cert.pem", "key.pem")
        context.set_alpn_protocols(["h2"])

        def frame(kind, flags, stream, payload=b""):
            return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload

        def read(connection, count):
            data = b""
            while len(data) < count:
                more = connection.recv(count - len(data))
                if not more:
                    raise EOFError
                data += more
            return data

        def go_away(connection, last, before=b""):
            # In one record with what comes before it, so that a client that has its answer knows of the end as well. What the
            # client still sends is read to its end: to close over it would be a reset, which takes answers with it.
            connection.sendall(before + frame(7, 0, 0, struct.pack(">II", last, 0)))
            socket.socket.shutdown(connection, socket.SHUT_WR)
            connection.settimeout(10)
            while connection.recv(4096):
                pass
            connection.close()

        def serve(raw, is_bad):
            connection = context.wrap_socket(raw, server_side=True)
            read(connection, 24)
            connection.sendall(frame(4, 0, 0))
            while True:
                head = read(connection, 9)
                kind, flags, stream = head[3], head[4], struct.unpack(">I", head[5:])[0] & 0x7FFFFFFF
                payload = read(connection, struct.unpack(">I", b"\\0" + head[:3])[0])
                if kind == 4 and not flags & 1:
                    connection.sendall(frame(4, 1, 0))
                if kind == 6 and not flags & 1:
                    connection.sendall(frame(6, 1, 0, payload))
                if kind != 1:
                    continue
                print("request", flush=True)
                if is_bad and mode == "before":
                    return go_away(connection, max(stream - 2, 0))
                connection.sendall(frame(1, 4, stream, b"\\x88\\x0f\\x0d\\x015"))
                if is_bad and mode == "middle":
                    return go_away(connection, stream, frame(0, 0, stream, b"he"))
                if is_bad:
                    return go_away(connection, stream, frame(0, 1, stream, b"hello"))
                connection.sendall(frame(0, 1, stream, b"hello"))

        def run(raw, is_bad):
            try:
                serve(raw, is_bad)
            except (EOFError, OSError):
                raw.close()

        listener = socket.create_server(("127.0.0.1", 0))
        print("listening on %d" % listener.getsockname()[1], flush=True)
        number = 0
        while True:
            raw, _ = listener.accept()
            number += 1
            threading.Thread(target=run, args=(raw, number <= bad), daemon=True).start()
        """
}
