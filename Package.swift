// swift-tools-version: 6.1
import PackageDescription

// Every target is built with the same settings; `DSH_STRICT` (set by scripts/dev) also turns warnings into
// errors, so that a newer compiler's new warning never stops somebody who only wants to build dsh.
let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
    + (Context.environment["DSH_STRICT"] == nil ? [] : [.unsafeFlags(["-warnings-as-errors"])])

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], golden: String? = nil) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + dependencies,
        exclude: golden.map { [$0] } ?? [], swiftSettings: settings)
}

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "dsh",
    products: [.executable(name: "dsh", targets: ["dsh"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // C libraries: a module map and a shim header each.
        .target(name: "CCurl"),
        .target(name: "CBzip2"),
        .target(name: "CLzma"),
        .target(name: "CLinux"),
        .target(name: "CEditline"),
        .target(name: "CJq", linkerSettings: [.linkedLibrary("jq")]),
        .systemLibrary(name: "CCrypto"),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal"),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),

        // dsh itself, lowest layer first: a target imports only what its row names.
        library("Threads", ["CLinux"]),
        library("Processes", ["CLinux"]),
        library("JSON"),
        library("Units"),
        library("OCI", ["JSON", "CCrypto"]),
        library("HTTP", ["CCurl", "Threads"]),
        library(
            "Registry",
            ["JSON", "OCI", "HTTP", "Threads", "Processes", "CLinux", .product(name: "TOMLKit", package: "TOMLKit")]),
        library("Layers", ["OCI", "CISAL", "CZstd", "CBzip2", "CLzma", "CLinux"]),
        library("Store", ["JSON", "OCI", "Layers", "CLinux", "CSQLite", "Threads"]),
        library("Backend", ["JSON", "OCI", "HTTP", "Registry", "Store", "Layers", "Threads", "Units"]),
        library("Query", ["JSON", "CJq", "Threads"]),
        library("GoTemplate", ["JSON", "CLinux"]),
        library("Language"),
        library("Shell", ["CLinux", "JSON", "Language", "Query", "Backend", "Threads", "Processes", arguments]),
        library(
            "Commands", ["JSON", "Language", "Shell", "Query", "Backend", "OCI", "GoTemplate", "Units", arguments]),
        library("Terminal", ["JSON", "Units", "CEditline", "Threads"]),
        .executableTarget(
            name: "dsh",
            dependencies: ["JSON", "OCI", "Language", "Query", "Shell", "Commands", "Terminal", "Threads", "Backend"],
            swiftSettings: settings,
            // Without it every start moves 63,000 addresses, a quarter of the time of a short command. The C libraries,
            // which read what comes from outside, are still loaded at random addresses.
            linkerSettings: [.unsafeFlags(["-Xclang-linker", "-no-pie"], .when(configuration: .release))]),

        tests("HTTP", ["Fixtures", "Threads"]),
        tests("GoTemplate", ["JSON"], golden: "Golden"),
        tests("JSON"),
        tests("Threads"),
        tests("Processes"),
        tests("Units"),
        tests("Query", ["JSON"]),
        .target(
            name: "Fixtures", dependencies: ["CCrypto", "CISAL", "CZstd"], path: "Tests/Fixtures",
            swiftSettings: settings),
        .testTarget(name: "EndToEndTests", dependencies: ["Fixtures", "JSON"], swiftSettings: settings),
        tests("Language"),
        tests("Layers", ["OCI", "CZstd"]),
        tests("Store", ["CSQLite", "Fixtures", "JSON", "OCI", "Layers", "Threads"]),
        tests("OCI", ["JSON"]),
        tests("Registry", ["Fixtures", "HTTP", "OCI", "Threads"]),
        .executableTarget(
            name: "TerminalProbe", dependencies: ["Terminal"], path: "Tests/TerminalProbe", swiftSettings: settings),
        .testTarget(
            name: "TerminalTests", dependencies: ["Terminal", "JSON", "Units", "Fixtures", "TerminalProbe"],
            exclude: ["Golden"], swiftSettings: settings),
        tests("Backend", ["Fixtures", "HTTP", "JSON", "OCI", "Registry", "Store"]),
        tests(
            "Commands", ["Backend", "Fixtures", "GoTemplate", "JSON", "Language", "OCI", "Shell", "Units"],
            golden: "Golden"),
        tests("Shell", ["Backend", "Commands", "Fixtures", "JSON", "Language", "OCI", "Query"], golden: "Golden"),
    ],
    swiftLanguageModes: [.v6]
)
