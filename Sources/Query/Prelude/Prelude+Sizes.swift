extension Prelude {
    static let sizes: [PreludeFunction] = [
        PreludeFunction(
            "bytes", .sizes, forms: ["bytes", "bytes(text)"], "a size as people write it to bytes",
            discussion: """
                k, M, G, T, P and E count in thousands as Docker does, Ki, Mi, … in 1024; the B may be left out, and so may
                upper case. A number is bytes already.
                """,
            examples: [
                (#""1.2GB", "512 MiB", "10k", 7 | bytes"#, "1200000000\n536870912\n10000\n7"),
                (#"[{Size: 3e9}, {Size: 5}] | map(select(.Size > bytes("1GB")))"#, #"[{"Size":3000000000}]"#),
            ],
            definition: #"""
                def bytes: if type == "number" then . elif type != "string" then \#
                error("bytes takes a text such as \"1.2GB\", not \(type)") else . as $text | \#
                (capture("^\\s*(?<n>[0-9]+(\\.[0-9]+)?|\\.[0-9]+)\\s*((?<u>[kmgtpe])(?<i>i?))?b?\\s*$"; "i") // \#
                error("\($text | tojson) is no size: write it like \"1.2GB\" or \"512MiB\"")) | \#
                (if (.i // "") == "" then 1000 else 1024 end) as $base | \#
                {k: 1, m: 2, g: 3, t: 4, p: 5, e: 6}[.u // "" | ascii_downcase] as $power | \#
                reduce range($power // 0) as $i ("0" + .n | tonumber; . * $base) | . + 0.5 | floor end; \#
                def bytes($text): $text | bytes;
                """#),
        PreludeFunction(
            "human", .sizes, "bytes to a size as people read it, in three digits",
            discussion: "As the tables show it: thousands, kB to YB.",
            examples: [("0, 999, 48300000, 1.5e9, 999999 | human", "\"0B\"\n\"999B\"\n\"48.3MB\"\n\"1.5GB\"\n\"1MB\"")],
            definition: #"""
                def human: if type != "number" then error("human takes a number, not \(type)") else \#
                (if . < 0 then "-" else "" end) as $sign | [(if . < 0 then -. else . end), 0] | \#
                until(.[0] < 999.5 or .[1] >= 8; [.[0] / 1000, .[1] + 1]) | . as [$size, $unit] | \#
                (if $size < 9.995 then 100 elif $size < 99.95 then 10 else 1 end) as $fine | \#
                $sign + ($size * $fine + 0.5 | floor | . / $fine | tostring) \#
                + ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"][$unit] end;
                """#),
    ]
}
