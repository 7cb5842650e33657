import Testing

@testable import Registry

@Suite struct AuthenticationChallengeTests {
    @Test(arguments: [
        (
            "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:a/b:pull,push\"",
            [
                AuthenticationChallenge(
                    scheme: "bearer",
                    parameters: [
                        "realm": "https://auth.docker.io/token", "service": "registry.docker.io",
                        "scope": "repository:a/b:pull,push",
                    ])
            ]
        ),
        ("Basic realm=\"a \\\"quoted\\\" word\"", [.init(scheme: "basic", parameters: ["realm": "a \"quoted\" word"])]),
        ("BASIC Realm = plain", [.init(scheme: "basic", parameters: ["realm": "plain"])]),
        ("Basic", [.init(scheme: "basic", parameters: [:])]),
        (
            "Negotiate, Basic realm=\"x\" , Bearer realm=\"https://t\" ,, service=s",
            [
                .init(scheme: "negotiate", parameters: [:]), .init(scheme: "basic", parameters: ["realm": "x"]),
                .init(scheme: "bearer", parameters: ["realm": "https://t", "service": "s"]),
            ]
        ),
        (
            "Bearer realm=https://t/x?a=b,service=s",
            [.init(scheme: "bearer", parameters: ["realm": "https://t/x?a=b", "service": "s"])]
        ),
        ("Bearer realm=\"unterminated", [.init(scheme: "bearer", parameters: ["realm": "unterminated"])]),
        ("Bearer realm=\"a\",realm=\"b\"", [.init(scheme: "bearer", parameters: ["realm": "a"])]),
        ("", []), (",,, ", []), ("\"odd\", Basic realm=x", [.init(scheme: "basic", parameters: ["realm": "x"])]),
        ("Bearer realm=", [.init(scheme: "bearer", parameters: [:])]),
        ("Bearer realm=\"\\", [.init(scheme: "bearer", parameters: ["realm": "\\"])]),
    ])
    func parses(_ field: String, _ expected: [AuthenticationChallenge]) {
        #expect(AuthenticationChallenge.parse(field) == expected)
    }
}
