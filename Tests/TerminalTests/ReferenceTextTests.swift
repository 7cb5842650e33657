import Testing

@testable import Terminal

@Suite struct ReferenceTextTests {
    private static let digest = String(repeating: "0123456789abcdef", count: 4)

    @Test(
        arguments: [
            ("nginx:1.25", 10, "nginx:1.25"),
            ("registry.example.com/mirror/nginx:1.25", 30, "registry.…om/mirror/nginx:1.25"),
            ("registry.example.com/mirror/nginx:1.25", 20, "regist…or/nginx:1.25"),
            ("registry.example.com/mirror/nginx:1.25", 8, "…nx:1.25"),
            ("a-very-long-name-without-a-path:v1.0", 12, "…a-path:v1.0"),
            ("nginx:1.25", 1, "…"), ("nginx:1.25", 0, ""),
            ("example.com/app@sha256:" + digest, 40, "example.com/app@sha256:0123456789ab"),
            ("example.com/app@sha256:" + digest, 24, "…app@sha256:0123456789ab"),
            ("日本語/イメージ:最新版", 10, "日本語/イ…"),
        ])
    func clipped(text: String, columns: Int, wanted: String) {
        #expect(ReferenceText.clipped(text, to: columns) == wanted)
    }
}
