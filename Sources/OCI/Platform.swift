/// An operating system and processor that an image is made for.
///
/// Field meanings: OCI image-spec `image-index.md`. Parsing and matching follow containerd's `platforms` package.
package struct Platform: Hashable, Sendable, CustomStringConvertible {
    package var os: String
    package var architecture: String
    package var variant: String?
    package var osVersion: String?
    package var osFeatures: [String]

    /// Takes the names as an image gives them and normalises architecture and variant.
    package init(
        os: String, architecture: String, variant: String? = nil, osVersion: String? = nil, osFeatures: [String] = []
    ) {
        self.os = Platform.normalisedOS(os)
        (self.architecture, self.variant) = Platform.normalised(architecture: architecture, variant: variant)
        self.osVersion = osVersion
        self.osFeatures = osFeatures
    }

    /// Parses `os/arch`, `os/arch/variant`, `os(version)/arch`, or one known operating system or architecture alone.
    package init(_ text: String) throws(PlatformError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...3).contains(parts.count), parts.dropFirst().allSatisfy(Platform.isComponent) else {
            throw PlatformError(text: text)
        }
        var system = parts[0]
        var version: String?
        if system.hasSuffix(")"), let open = system.firstIndex(of: "(") {
            version = String(system[system.index(after: open)...].dropLast())
            system = String(system[..<open])
        }
        guard Platform.isComponent(system) else { throw PlatformError(text: text) }
        if parts.count > 1 {
            self.init(
                os: system, architecture: parts[1], variant: parts.count == 3 ? parts[2] : nil, osVersion: version)
        } else if Platform.knownSystems.contains(Platform.normalisedOS(system)) {
            self.init(
                os: system, architecture: Platform.host.architecture, variant: Platform.host.variant,
                osVersion: version)
        } else {
            let (architecture, variant) = Platform.normalised(architecture: system, variant: nil)
            guard Platform.knownArchitectures.contains(architecture) else { throw PlatformError(text: text) }
            self.init(os: Platform.host.os, architecture: architecture, variant: variant)
        }
    }

    /// `linux/arm64/v8`: variant only where there is one.
    package var description: String {
        os + "/" + architecture + (variant.map { "/" + $0 } ?? "")
    }

    /// What this machine runs: `linux` and the architecture that dsh was built for.
    package static let host: Platform = {
        #if arch(x86_64)
            return Platform(os: "linux", architecture: "amd64")
        #elseif arch(arm64)
            return Platform(os: "linux", architecture: "arm64", variant: "v8")
        #elseif arch(arm)
            return Platform(os: "linux", architecture: "arm", variant: "v7")
        #elseif arch(riscv64)
            return Platform(os: "linux", architecture: "riscv64")
        #elseif arch(powerpc64le)
            return Platform(os: "linux", architecture: "ppc64le")
        #elseif arch(s390x)
            return Platform(os: "linux", architecture: "s390x")
        #else
            return Platform(os: "linux", architecture: "386")
        #endif
    }()

    /// Of what names none, or is no image.
    package static let unknown = Platform(os: "unknown", architecture: "unknown")

    /// BuildKit stores attestations in an index as manifests for `unknown/unknown`; they are no images.
    package var isUnknown: Bool { os == "unknown" || architecture == "unknown" }

    /// The platforms an image may be of to run where `self` is wanted, best first.
    ///
    /// The order is containerd's `platforms.Only`: arm64 also takes arm/v8 … v5, arm/vN takes lower versions, amd64/vN
    /// takes lower versions and 386.
    package var candidates: [Platform] {
        var list = [self]
        func add(_ architecture: String, _ variant: String?) {
            let candidate = Platform(os: os, architecture: architecture, variant: variant, osVersion: osVersion)
            if !list.contains(candidate) { list.append(candidate) }
        }
        switch architecture {
        case "amd64":
            if let variant, let level = Platform.level(variant), level > 1 {
                for lower in stride(from: level - 1, through: 2, by: -1) { add("amd64", "v\(lower)") }
                add("amd64", nil)
            }
            add("386", nil)
        case "arm":
            let level = variant.flatMap(Platform.level) ?? 7
            for lower in stride(from: level - 1, through: 5, by: -1) { add("arm", "v\(lower)") }
        case "arm64":
            if let variant, let level = Platform.level(variant), level > 8 { add("arm64", "v8") }
            for lower in stride(from: 8, through: 5, by: -1) { add("arm", "v\(lower)") }
        default: break
        }
        return list
    }

    /// Whether an image of `self` is exactly of platform `other`: same system, architecture and variant, and, where both
    /// name one, the same version of the system.
    package func isSame(as other: Platform) -> Bool {
        os == other.os && architecture == other.architecture && comparedVariant == other.comparedVariant
            && (osVersion == nil || other.osVersion == nil || osVersion == other.osVersion)
    }

    /// The first of `self`'s candidates that `platforms` has: its position, or nil.
    package func bestMatch(in platforms: [Platform?]) -> Int? {
        for candidate in candidates {
            if let index = platforms.firstIndex(where: { $0.map(candidate.isSame) ?? false }) { return index }
        }
        return nil
    }

    private var comparedVariant: String? {
        switch architecture {
        case "arm64": variant ?? "v8"
        case "arm": variant ?? "v7"
        default: variant
        }
    }

    private static func level(_ variant: String) -> Int? {
        variant.hasPrefix("v") ? Int(variant.dropFirst()) : nil
    }

    private static func isComponent(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private static func normalisedOS(_ name: String) -> String {
        let lower = name.lowercased()
        return lower == "macos" ? "darwin" : lower
    }

    /// containerd's `normalizeArch`: uname's names to Go's, and variants that say nothing dropped.
    private static func normalised(architecture: String, variant: String?) -> (String, String?) {
        let name = architecture.lowercased()
        let lower = variant?.lowercased()
        let given = lower?.isEmpty == true ? nil : lower
        switch name {
        case "i386": return ("386", nil)
        case "x86_64", "x86-64", "amd64": return ("amd64", given == "v1" ? nil : given)
        case "aarch64", "arm64": return ("arm64", given == "8" || given == "v8" ? "v8" : given)
        case "armhf": return ("arm", "v7")
        case "armel": return ("arm", "v6")
        case "arm":
            switch given {
            case nil, "7": return ("arm", "v7")
            case "5", "6", "8": return ("arm", given.map { "v" + $0 })
            default: return ("arm", given)
            }
        default: return (name, given)
        }
    }

    private static let knownSystems: Set<String> = [
        "aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "netbsd", "openbsd",
        "plan9", "solaris", "wasip1", "windows",
    ]
    private static let knownArchitectures: Set<String> = [
        "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le",
        "riscv64", "s390x", "wasm",
    ]
}

/// A text that names no platform.
package struct PlatformError: Error, Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package var description: String {
        "invalid platform \"\(text.prefix(80))\": expected OS/ARCHITECTURE[/VARIANT], such as linux/arm64"
    }
}
