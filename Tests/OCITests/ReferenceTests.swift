import OCI
import Testing

@Suite struct ReferenceTests {
    struct Case: Sendable {
        let text: String
        let registry: String
        let path: String
        var tag: String?
        var digest: String?
        let familiar: String
    }

    static let hex = String(repeating: "ab12", count: 16)

    static let good: [Case] = [
        Case(text: "nginx", registry: "docker.io", path: "library/nginx", familiar: "nginx"),
        Case(text: "nginx:1.25", registry: "docker.io", path: "library/nginx", tag: "1.25", familiar: "nginx:1.25"),
        Case(text: "library/nginx", registry: "docker.io", path: "library/nginx", familiar: "nginx"),
        Case(text: "docker.io/nginx", registry: "docker.io", path: "library/nginx", familiar: "nginx"),
        Case(text: "index.docker.io/nginx", registry: "docker.io", path: "library/nginx", familiar: "nginx"),
        Case(
            text: "myuser/my-app:v2.0", registry: "docker.io", path: "myuser/my-app", tag: "v2.0",
            familiar: "myuser/my-app:v2.0"),
        Case(text: "docker.io/library/a/b", registry: "docker.io", path: "library/a/b", familiar: "library/a/b"),
        Case(
            text: "ghcr.io/myorg/my-service:latest", registry: "ghcr.io", path: "myorg/my-service", tag: "latest",
            familiar: "ghcr.io/myorg/my-service:latest"),
        Case(
            text: "123456789.dkr.ecr.us-east-1.amazonaws.com/my-app:v1.0",
            registry: "123456789.dkr.ecr.us-east-1.amazonaws.com", path: "my-app", tag: "v1.0",
            familiar: "123456789.dkr.ecr.us-east-1.amazonaws.com/my-app:v1.0"),
        Case(text: "localhost/app", registry: "localhost", path: "app", familiar: "localhost/app"),
        Case(
            text: "localhost:5000/app:1", registry: "localhost:5000", path: "app", tag: "1",
            familiar: "localhost:5000/app:1"),
        Case(text: "[::1]:5000/app", registry: "[::1]:5000", path: "app", familiar: "[::1]:5000/app"),
        Case(text: "[fd00::ABCD]/app", registry: "[fd00::ABCD]", path: "app", familiar: "[fd00::ABCD]/app"),
        Case(text: "Host/app", registry: "Host", path: "app", familiar: "Host/app"),
        Case(
            text: "nginx@sha256:\(hex)", registry: "docker.io", path: "library/nginx", digest: "sha256:\(hex)",
            familiar: "nginx@sha256:\(hex)"),
        Case(
            text: "nginx:1@sha256:\(hex)", registry: "docker.io", path: "library/nginx", tag: "1",
            digest: "sha256:\(hex)", familiar: "nginx:1@sha256:\(hex)"),
        Case(text: "a_b.c--d__e", registry: "docker.io", path: "library/a_b.c--d__e", familiar: "a_b.c--d__e"),
        Case(text: "test:5000", registry: "docker.io", path: "library/test", tag: "5000", familiar: "test:5000"),
        Case(
            text: "x:" + String(repeating: "t", count: 128), registry: "docker.io", path: "library/x",
            tag: String(repeating: "t", count: 128), familiar: "x:" + String(repeating: "t", count: 128)),
    ]

    @Test(arguments: good) func parses(_ item: Case) throws {
        let reference = try Reference(item.text)
        #expect(reference.repository.registry == item.registry)
        #expect(reference.repository.path == item.path)
        #expect(reference.tag == item.tag)
        #expect(reference.digest?.description == item.digest)
        #expect(reference.familiar == item.familiar)
        #expect(try Reference(reference.familiar) == reference)
        #expect(try Reference(reference.canonical) == reference)
    }

    static let bad: [(String, String)] = [
        ("", "invalid reference format"),
        (":latest", "invalid reference format"),
        ("nginx:", "invalid reference format"),
        ("nginx@", "invalid reference format"),
        ("nginx:.tag", "invalid reference format"),
        ("nginx:-tag", "invalid reference format"),
        ("nginx:" + String(repeating: "t", count: 129), "invalid reference format"),
        ("-nginx", "invalid reference format"),
        ("a//b", "invalid reference format"),
        ("a/", "invalid reference format"),
        ("/a", "invalid reference format"),
        ("a___b", "invalid reference format"),
        ("a..b", "invalid reference format"),
        ("a._b", "invalid reference format"),
        ("a b", "invalid reference format"),
        ("ngi\u{0}nx", "invalid reference format"),
        ("nginx\u{301}", "invalid reference format"),
        ("host:port/app", "invalid reference format"),
        ("[::1/app", "invalid reference format"),
        ("[zz]/app", "invalid reference format"),
        ("-host.com/app", "invalid reference format"),
        ("Foo", "invalid reference format: repository name (library/Foo) must be lowercase"),
        ("user/Foo:tag", "invalid reference format: repository name (user/Foo) must be lowercase"),
        (
            ReferenceTests.hex,
            "invalid repository name (\(ReferenceTests.hex)), cannot specify 64-byte hexadecimal strings"
        ),
        (
            "docker.io/" + String(repeating: "a", count: 260) + "/b",
            "repository name must not be more than 255 characters"
        ),
        ("nginx@sha256:abc123def456", "invalid reference format"),
        ("nginx@sha256:" + String(repeating: "a", count: 40), "invalid checksum digest length"),
        ("nginx@md5:" + String(repeating: "a", count: 32), "unsupported digest algorithm"),
    ]

    @Test(arguments: bad) func refuses(_ text: String, _ message: String) {
        do {
            _ = try Reference(text)
            Issue.record("accepted \(text)")
        } catch { #expect(error.description == message) }
    }

    @Test func fillsInLatestOnlyWithoutTagAndDigest() throws {
        #expect(try Reference("nginx").taggedDefault.familiar == "nginx:latest")
        #expect(try Reference("nginx:1").taggedDefault.familiar == "nginx:1")
        let pinned = try Reference("nginx@sha256:\(ReferenceTests.hex)")
        #expect(pinned.taggedDefault == pinned)
    }
}
