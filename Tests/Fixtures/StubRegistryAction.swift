/// Something a stub registry does to what it would have answered.
package struct StubAction: Sendable {
    let apply: @Sendable (StubRequest, StubResponse) -> StubResponse

    package init(_ apply: @escaping @Sendable (StubRequest, StubResponse) -> StubResponse) { self.apply = apply }

    private static func change(_ change: @escaping @Sendable (inout StubResponse) -> Void) -> StubAction {
        StubAction { _, response in
            var response = response
            change(&response)
            return response
        }
    }

    /// As it would have been: for `skip`-like gaps in a list of rules.
    package static let nothing = StubAction { $1 }

    package static func respond(_ response: StubResponse) -> StubAction { StubAction { _, _ in response } }

    /// A status with a registry's error body.
    package static func status(
        _ status: Int, _ code: String = "UNKNOWN", _ message: String = "stub", retryAfter: String? = nil
    ) -> StubAction {
        var response = StubRegistry.error(status, code, message)
        response.set("Retry-After", retryAfter)
        return .respond(response)
    }

    /// 401 with these `WWW-Authenticate` fields.
    package static func challenge(_ fields: String...) -> StubAction {
        var response = StubRegistry.error(401, "UNAUTHORIZED", "authentication required")
        response.headers += fields.map { ("WWW-Authenticate", $0) }
        return .respond(response)
    }

    package static func redirect(_ location: String, status: Int = 307) -> StubAction {
        .respond(StubResponse(status, [("Location", location)]))
    }

    package static func header(_ name: String, _ value: String?) -> StubAction { change { $0.set(name, value) } }

    package static func contentType(_ value: String?) -> StubAction { header("Content-Type", value) }

    package static func body(_ bytes: [UInt8]) -> StubAction { change { $0.body = bytes } }

    package static func delivery(_ delivery: StubResponse.Delivery) -> StubAction { change { $0.delivery = delivery } }

    package static func length(_ length: StubResponse.Length) -> StubAction { change { $0.length = length } }

    /// The body without its last bytes, and a length that agrees.
    package static func short(by count: Int, _ length: StubResponse.Length = .actual) -> StubAction {
        change {
            $0.body = $0.body.dropLast(count)
            $0.length = length
        }
    }

    /// The body with bytes at its end that do not belong there.
    package static func long(by count: Int, _ length: StubResponse.Length = .actual) -> StubAction {
        change {
            $0.body += [UInt8](repeating: 0x21, count: count)
            $0.length = length
        }
    }

    /// The body with one byte changed.
    package static let corrupt = change { response in
        guard !response.body.isEmpty else { return }
        response.body[response.body.count / 2] ^= 0x20
    }
}
