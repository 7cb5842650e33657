/// The images that the loopback registry holds, under the names that people type. Small, but shaped as their
/// namesakes are: shared base layers, multi-platform indexes, settings, ports, empty history rows.
package enum StandardImages {
    /// Every image with the repository and the tags it is stored under.
    package static let all: [(repository: String, tags: [String], image: BuiltImage)] =
        [
            ("library/nginx", ["latest", "1.27"], nginx("1.27.0")),
            ("library/nginx", ["1.25"], nginx("1.25.5")),
            ("library/nginx", ["alpine", "1.27-alpine"], nginxAlpine()),
            ("library/node", ["20", "latest"], node("20.11.1", base: debianLayer).build()),
            ("library/node", ["18"], node("18.19.1", base: debianLayer).build()),
            ("library/node", ["20-alpine"], node("20.11.1", base: alpineLayer).build()),
            ("library/python", ["3.11"], python().build()),
            ("library/postgres", ["16", "latest"], postgres().build()),
            ("library/alpine", ["3.19", "latest"], alpine().build()),
            ("owner/image-name", ["tag"], alpine(label: "ghcr").build()),
            ("lab/zstd", ["1"], packed(.zstd).build()),
            ("lab/plain", ["1"], packed(.plain).build()),
            ("lab/mixed", ["1"], mixed().build()),
            ("lab/many", ["120"], many(120).build()),
            ("lab/odd", ["1"], odd().build()),
            ("lab/arm-only", ["1"], buildIndex([alpine(architecture: "arm64", variant: "v8")])),
            ("lab/big", ["1"], big.build()),
            ("lab/big", ["2"], bigger.build()),
        ] + (1...5).map { ("lab/tags", ["v\($0)"], alpine(label: "v\($0)").build()) }

    /// The image of `all` under this repository and tag. Traps where there is none.
    package static func named(_ repository: String, _ tag: String) -> BuiltImage {
        guard let found = all.first(where: { $0.repository == repository && $0.tags.contains(tag) }) else {
            preconditionFailure("no standard image \(repository):\(tag)")
        }
        return found.image
    }

    static let debianLayer = LayerRecipe(
        "/bin/sh -c #(nop) ADD file:b86ae1c7ca3586d8feedcd9ff1b2b1e8ab872caf6587618f1da689045a5d7ae4 in / ",
        [
            .directory("etc"), .file("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"),
            .file("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n"), .directory("tmp", mode: 0o1777),
            .directory("usr"), .directory("usr/bin"), .blob("usr/bin/bash", size: 300_000, seed: 1),
            .symbolicLink("bin", to: "usr/bin"), .blob("usr/lib/libc.so.6", size: 500_000, seed: 2),
        ])

    static let alpineLayer = LayerRecipe(
        "/bin/sh -c #(nop) ADD file:37a76ec18f9887751cd8473744917d08b7431fc4085097bb6a09d81b41775473 in / ",
        [
            .directory("etc"), .file("etc/os-release", "ID=alpine\nVERSION_ID=3.19.1\n"), .directory("bin"),
            .blob("bin/busybox", size: 60_000, seed: 3), .hardLink("bin/sh", to: "bin/busybox"),
            .hardLink("bin/ls", to: "bin/busybox"), .symbolicLink("bin/ash", to: "/bin/busybox"),
        ])

    static func nginx(_ version: String) -> BuiltImage {
        let platforms: [(String, String?)] = [("amd64", nil), ("arm64", "v8"), ("arm", "v7")]
        return buildIndex(
            platforms.map { architecture, variant in
                ImageRecipe(
                    architecture: architecture, variant: variant,
                    settings: [
                        "Env": [
                            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                            .string("NGINX_VERSION=\(version)"),
                        ],
                        "ExposedPorts": ["80/tcp": [:]], "Entrypoint": ["/docker-entrypoint.sh"],
                        "Cmd": ["nginx", "-g", "daemon off;"], "StopSignal": "SIGQUIT",
                        "Labels": ["maintainer": "NGINX Docker Maintainers <docker-maint@nginx.com>"],
                    ],
                    steps: [
                        .layer(debianLayer), .setting("/bin/sh -c #(nop)  CMD [\"bash\"]"),
                        .setting("ENV NGINX_VERSION=\(version)"),
                        .layer(
                            LayerRecipe(
                                "RUN /bin/sh -c set -x     && groupadd --system --gid 101 nginx # buildkit",
                                [
                                    .blob("usr/sbin/nginx", size: 400_000, seed: seed("\(version) \(architecture)")),
                                    .file("etc/nginx/nginx.conf", "user nginx;\nworker_processes auto;\n"),
                                ])),
                        .layer(
                            LayerRecipe(
                                "COPY docker-entrypoint.sh / # buildkit",
                                [.file("docker-entrypoint.sh", "#!/bin/sh\nexec \"$@\"\n", mode: 0o755)])),
                        .setting("ENTRYPOINT [\"/docker-entrypoint.sh\"]"), .setting("EXPOSE map[80/tcp:{}]"),
                        .setting("STOPSIGNAL SIGQUIT"), .setting("CMD [\"nginx\" \"-g\" \"daemon off;\"]"),
                    ])
            }, attested: true)
    }

    /// Docker's own types throughout: a manifest list of two.
    static func nginxAlpine() -> BuiltImage {
        buildIndex(
            [("amd64", nil), ("arm64", "v8")].map { architecture, variant in
                ImageRecipe(
                    .docker, architecture: architecture, variant: variant,
                    settings: [
                        "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "NGINX_VERSION=1.27.0", "NJS_VERSION=0.8.4"],
                        "ExposedPorts": ["80/tcp": [:]], "Cmd": ["nginx", "-g", "daemon off;"],
                    ],
                    steps: [
                        .layer(alpineLayer), .setting("CMD [\"/bin/sh\"]"),
                        .layer(
                            LayerRecipe(
                                "RUN /bin/sh -c set -x && apk add nginx",
                                [.blob("usr/sbin/nginx", size: 80_000, seed: seed(architecture))])),
                    ])
            })
    }

    static func node(_ version: String, base: LayerRecipe) -> ImageRecipe {
        ImageRecipe(
            .docker, created: "2024-03-16T01:02:03.5Z",
            settings: [
                "Env": [
                    "PATH=/usr/local/bin:/usr/bin:/bin", .string("NODE_VERSION=\(version)"), "YARN_VERSION=1.22.19",
                ],
                "Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["node"],
            ],
            steps: [
                .layer(base), .setting("/bin/sh -c #(nop)  CMD [\"bash\"]"),
                .layer(
                    LayerRecipe(
                        "/bin/sh -c groupadd --gid 1000 node && useradd --uid 1000 --gid node node",
                        [.file("etc/passwd", "root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n")])),
                .setting("/bin/sh -c #(nop)  ENV NODE_VERSION=\(version)"),
                .layer(
                    LayerRecipe(
                        "/bin/sh -c ARCH= && dpkgArch=\"$(dpkg --print-architecture)\"\t&& case $dpkgArch in esac",
                        [.blob("usr/local/bin/node", size: 900_000, seed: seed(version))])),
                .setting("/bin/sh -c #(nop)  CMD [\"node\"]"),
            ])
    }

    static func python() -> ImageRecipe {
        ImageRecipe(
            .docker, created: "2024-01-11T02:34:56Z",
            settings: [
                "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "PYTHON_VERSION=3.11.8"],
                "Cmd": ["python3"],
            ],
            steps: [
                .layer(debianLayer), .setting("CMD [\"bash\"]"),
                .layer(
                    LayerRecipe(
                        "RUN /bin/sh -c wget python.tar.xz", [.blob("usr/local/bin/python3", size: 700_000, seed: 31)])
                ), .setting("CMD [\"python3\"]"),
            ])
    }

    static func postgres() -> ImageRecipe {
        ImageRecipe(
            settings: [
                "Env": [
                    "PATH=/usr/lib/postgresql/16/bin:/usr/bin:/bin", "PG_MAJOR=16", "PGDATA=/var/lib/postgresql/data",
                ],
                "ExposedPorts": ["5432/tcp": [:]], "Volumes": ["/var/lib/postgresql/data": [:]],
                "Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["postgres"], "StopSignal": "SIGINT",
                "User": "postgres", "WorkingDir": "/var/lib/postgresql",
            ],
            steps: [
                .layer(debianLayer),
                .layer(
                    LayerRecipe(
                        "RUN /bin/sh -c apt-get install -y postgresql-16",
                        [.blob("usr/lib/postgresql/16/bin/postgres", size: 800_000, seed: 41)])),
                .setting("VOLUME [/var/lib/postgresql/data]"),
            ])
    }

    package static func alpine(
        label: String? = nil, architecture: String = "amd64", variant: String? = nil
    ) -> ImageRecipe {
        ImageRecipe(
            architecture: architecture, variant: variant, created: "2024-01-27T00:30:48.624602109Z",
            settings: label.map { ["Cmd": ["/bin/sh"], "Labels": ["lab.label": .string($0)]] } ?? ["Cmd": ["/bin/sh"]],
            steps: [.layer(alpineLayer), .setting("/bin/sh -c #(nop)  CMD [\"/bin/sh\"]")])
    }

    static func packed(_ packing: LayerRecipe.Packing) -> ImageRecipe {
        ImageRecipe(steps: [
            .layer(LayerRecipe("ADD rootfs", packing: packing, debianLayer.entries)),
            .layer(LayerRecipe("COPY a /", packing: packing, [.file("a", "packed\n")])),
        ])
    }

    static func mixed() -> ImageRecipe {
        ImageRecipe(steps: [
            .layer(LayerRecipe("ADD plain", packing: .plain, [.blob("plain", size: 90_000, seed: 51)])),
            .layer(LayerRecipe("ADD gzip", packing: .gzip, [.blob("gzip", size: 90_000, seed: 52)])),
            .layer(LayerRecipe("ADD zstd", packing: .zstd, [.blob("zstd", size: 90_000, seed: 53)])),
        ])
    }

    static func many(_ count: Int) -> ImageRecipe {
        ImageRecipe(
            steps: (1...count).map {
                .layer(
                    LayerRecipe("RUN step \($0)", [.file("step-\($0)", String(repeating: "\($0) ", count: 50 + $0))]))
            })
    }

    /// What layers may hold and archives often get wrong: whiteouts, links, devices, names beyond ASCII, beyond 100
    /// and beyond 255 bytes, a newline in a name, an empty layer, the same layer twice.
    static func odd() -> ImageRecipe {
        let deep = (1...12).map { "directory-number-\($0)-with-a-long-name" }.joined(separator: "/")
        let empty = LayerRecipe("RUN true", [])
        return ImageRecipe(
            settings: [
                "Env": ["ODD=a=b=c", "EMPTY=", "UNICODE=zażółć"], "Labels": ["": "empty key", "q\"uote": "tab\there"],
            ],
            steps: [
                .layer(
                    LayerRecipe(
                        "ADD odd names",
                        [
                            .directory("dir"), .file("dir/keep", "keep"), .file("dir/gone", "gone"), .directory("old"),
                            .file("old/a", "a"), .file("old/b", "b"), .file("zażółć-gęślą.txt", "utf-8"),
                            .file("日本語/ファイル", "cjk"), .file("emoji-👩‍🚀", "zwj"), .file("new\nline", "newline"),
                            .file("sp ace\ttab", "blank"), .file("back\\slash", "backslash"),
                            .file(deep + "/file", "deep"), .file("empty", ""), .hardLink("hard", to: "dir/keep"),
                            .symbolicLink("escape", to: "../../../../etc/passwd"), .symbolicLink("loop", to: "loop"),
                            TarEntry("fifo", kind: .fifo), .file("setuid", "x", mode: 0o4755),
                        ])), .layer(empty),
                .layer(
                    LayerRecipe(
                        "RUN rm -rf dir/gone old",
                        [.whiteout(of: "dir/gone"), .directory("old"), .opaque("old"), .file("old/new", "new")])),
                .layer(empty), .setting("LABEL \"multi\nline\""),
            ])
    }

    /// Some 20 MB over six layers: long enough on the wire to be killed, stopped and resumed in the middle.
    package static let big = bigRecipe(seed: 100)
    /// The same base, other top layers.
    package static let bigger = bigRecipe(seed: 200)

    private static func bigRecipe(seed: UInt64) -> ImageRecipe {
        ImageRecipe(
            steps: (0..<6).map { index in
                let layerSeed = index < 3 ? UInt64(index) : seed + UInt64(index)
                return .layer(
                    LayerRecipe(
                        "RUN make layer \(index)",
                        [.blob("data-\(index)", size: 3_400_000, seed: layerSeed, noise: 8)]))
            })
    }

    private static func seed(_ text: String) -> UInt64 {
        text.utf8.reduce(1469) { ($0 &* 1_099_511) &+ UInt64($1) }
    }
}
