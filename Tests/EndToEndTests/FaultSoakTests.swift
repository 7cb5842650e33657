import Fixtures
import Foundation
import JSON
import Testing

/// Five hundred pulls and pushes through a proxy that breaks connections at random.
@Suite struct FaultSoakTests {
    /// The codes that a transfer over a broken line may end with.
    private static let clean: Set<String> = ["network", "timeout", "io"]

    @Test func everythingEndsCompleteOrInACleanError() throws {
        let images = (0..<250).map { ("soak/image", ["\($0)"], Self.image($0)) }
        let registry = RegistryServer(images.map { (repository: $0.0, tags: $0.1, image: $0.2) })
        // Connections are few, since they are kept: most of them break sooner or later.
        var rates = FaultProxy.Rates()
        (rates.reset, rates.cut) = (350, 350)
        let proxy = FaultProxy(to: registry.host, rates: rates, seed: 20_260_101)
        defer { proxy.stop() }
        let sandbox = Sandbox(registry: nil)
        for number in 0..<25 {
            try #require(sandbox.dsh("pull -q \(registry.host)/soak/image:\(number)").code == 0)
        }
        // Each turn pulls an image under a name of the proxy, and pushes one to a repository of its own.
        let script = """
            params host, direct
            for n in ([range(250)]) parallel 8 {
                try { pull -q "\\($host)/soak/image:\\($n)" | {Kind: "pull", Code: "ok"} }
                catch e { $e | {Kind: "pull", Code: .code} }
                tag "\\($direct)/soak/image:\\($n % 25)" "\\($host)/pushed/p\\($n):1" | empty
                try { push -q "\\($host)/pushed/p\\($n):1" | {Kind: "push", Code: "ok", Number: $n} }
                catch e { $e | {Kind: "push", Code: .code, Number: $n} }
            }
            """
        let path = sandbox.directory.write("work/soak.dsh", script)
        let start = Date()
        let result = sandbox.run("-o", "jsonl", path, proxy.host, registry.host, timeout: 170)
        let seconds = Date().timeIntervalSince(start)
        #expect(result.code == 0, "\(result)")
        #expect(seconds < 60, "\(seconds) s")
        let rows = result.output.split(separator: "\n").compactMap { try? JSONValue.parse(Array($0.utf8)) }
        #expect(rows.count == 500)
        #expect(proxy.faults > 30, "\(proxy.faults) of \(proxy.connections)")
        let codes = rows.compactMap { $0["Code"]?.stringValue }
        #expect(Set(codes).subtracting(Self.clean.union(["ok"])).isEmpty, "\(Set(codes))")
        #expect(codes.filter { $0 == "ok" }.count > 450, "\(codes)")

        expectValidStore(sandbox.store, after: "the soak")
        // What was said to be there is there whole, and what was not is not there by half.
        let check = Sandbox(registry: nil)
        for row in rows where row["Kind"] == "push" {
            guard let number = row["Number"]?.intValue else { continue }
            let name = "\(registry.host)/pushed/p\(number):1"
            if row["Code"] == "ok" {
                if number % 10 == 0 {
                    let pulled = check.dsh("pull -q \(name) | .Digest")
                    #expect(value(pulled).stringValue == images[number % 25].2.root.digest, "\(name)")
                }
            } else {
                let found = check.dsh("pull -q \(name)")
                if found.code != 0 { expectFailure(found, code: "manifest_unknown") }
            }
        }
        expectValidStore(check.store, after: "pulling what was pushed")
    }

    /// A small image whose layers differ from all others'.
    private static func image(_ number: Int) -> BuiltImage {
        let layers = (0..<3).map { layer in
            BuildStep.layer(
                LayerRecipe(
                    "COPY \(layer)",
                    [TarEntry.blob("data/\(layer)", size: 2000 + 4000 * layer, seed: UInt64(number * 10 + layer))]))
        }
        return ImageRecipe(steps: layers).build()
    }
}
