package import ArgumentParser
import Backend
import Shell
import Units

/// The options of every command that speaks to registries: `@OptionGroup package var transport: TransportOptions`.
package struct TransportOptions: ParsableArguments, Sendable {
    @Flag(help: "accept any certificate of the registry") package var insecure = false
    @Flag(help: "speak HTTP without TLS to the registry") package var plainHttp = false
    @Option(help: "fetch and send layers at no more than that many bytes a second, as 500kB or 10MB")
    package var limitRate: String?

    package init() {}

    /// A rate below this would take the registry's patience before it took a layer.
    private static let slowest: Int64 = 1000

    /// What they say. Throws a usage error.
    func choice() throws(ShellError) -> TransportChoice {
        guard !insecure || !plainHttp else {
            throw ShellError(
                .usage, "--insecure and --plain-http cannot be used together",
                hint: "--insecure is TLS with any certificate, --plain-http is no TLS")
        }
        var choice = TransportChoice(security: insecure ? .unverified : plainHttp ? .plainHTTP : .configured)
        if let limitRate {
            guard let rate = ByteSize.parse(limitRate), rate >= TransportOptions.slowest else {
                throw ShellError(
                    .usage, "--limit-rate takes bytes a second, at least 1kB, not \(limitRate)",
                    hint: "as in 500kB, 10MB or 8MiB")
            }
            choice.bytesPerSecond = rate
        }
        return choice
    }
}
