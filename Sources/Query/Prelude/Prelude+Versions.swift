/// Semantic versions (semver.org 2.0.0) and ranges of them as npm's node-semver has them.
extension Prelude {
    static let versions: [PreludeFunction] = [
        PreludeFunction(
            "semver", .versions, "a version's parts; null where the text is none",
            discussion: """
                A `v` in front is allowed and missing parts are 0, as in tags. What stands behind `-` is the prerelease, so
                `1.25-alpine` is one of 1.25.0.
                """,
            examples: [
                (
                    #""v1.25.3-rc.1" | semver"#,
                    #"{"Major":1,"Minor":25,"Patch":3,"Prerelease":"rc.1","Build":null}"#
                ),
                (#""latest", "1.25" | semver | .Minor"#, "null\n25"),
            ],
            definition: #"""
                def semver: if type != "string" then null else [match("^[vV]?([0-9]+)(\\.([0-9]+))?(\\.([0-9]+))?\#
                (-([0-9A-Za-z.-]+))?(\\+([0-9A-Za-z.-]+))?$").captures[].string] | if length == 0 then null else \#
                {Major: (.[0] | tonumber), Minor: (.[2] // "0" | tonumber), Patch: (.[4] // "0" | tonumber), \#
                Prerelease: .[6], Build: .[8]} end end;
                """#),
        PreludeFunction(
            "semver_key", .versions, "what a version sorts by; null where the text is none",
            examples: [(#"["1.10.0", "1.9.0", "1.10.0-rc.1"] | max_by(semver_key)"#, #""1.10.0""#)],
            definition: #"""
                def _dsh_key: [.Major, .Minor, .Patch] + if .Prerelease == null then [1, []] else \#
                [0, [.Prerelease | split(".")[] | if test("^[0-9]+$") then [0, tonumber] else [1, .] end]] end; \#
                def semver_key: semver | if . == null then null else _dsh_key end;
                """#),
        PreludeFunction(
            "semver_sort", .versions, forms: ["semver_sort", "semver_sort(f)"], "an array in the order of its versions",
            discussion:
                "With an argument, by what that gives of each element. What is no version comes first, as text.",
            examples: [
                (#"["1.10", "1.9.1", "latest", "v1.9"] | semver_sort"#, #"["latest","v1.9","1.9.1","1.10"]"#),
                (
                    #"[{Tag: "1.25"}, {Tag: "1.9"}] | semver_sort(.Tag) | last"#, #"{"Tag":"1.25"}"#
                ),
            ],
            definition: """
                def semver_sort(f): sort_by([(f | semver_key), f]); def semver_sort: semver_sort(.);
                """),
        PreludeFunction(
            "semver_match", .versions, forms: ["semver_match(range)"], "whether a text is a version in the range",
            discussion: """
                Ranges are npm's: ^1.2, ~1.2.3, >=1.2 <2, 1.x, 1.2 - 1.4, and || between alternatives. A prerelease (or a variant
                such as 1.25-alpine) is only in a range that names one of the same version.
                """,
            examples: [
                (
                    #"["1.1.9", "1.2", "1.9.3", "2.0.0", "latest"] | map(select(semver_match("^1.2")))"#,
                    #"["1.2","1.9.3"]"#
                ),
                (#""1.25.3-alpine" | semver_match("~1.25"), semver_match(">=1.25.3-0 <1.26")"#, "false\ntrue"),
            ],
            definition: #"""
                def _dsh_part: if . == null or test("^[xX*]$") then null else tonumber end; \#
                def _dsh_bounds: . as $text | ([match("^(\\^|~>?|[<>]=?|=)?[vV]?([0-9]+|[xX*])(\\.([0-9]+|[xX*]))?\#
                (\\.([0-9]+|[xX*]))?(-([0-9A-Za-z.-]+))?(\\+[0-9A-Za-z.-]+)?$").captures[].string] | if length == 0 then \#
                error("\($text | tojson) is no range of versions: write it like \"^1.2\" or \">=1.2 <2\"") else . end) as $c | \#
                ($c[0] // "=" | if . == "~>" then "~" else . end) as $op | ($c[1] | _dsh_part) as $a | \#
                (if $a == null then null else $c[3] | _dsh_part end) as $b | \#
                (if $b == null then null else $c[5] | _dsh_part end) as $c3 | (if $c3 == null then null else $c[7] end) as $pre | \#
                ({Major: ($a // 0), Minor: ($b // 0), Patch: ($c3 // 0), Prerelease: $pre} | _dsh_key) as $low | \#
                (if $b == null then [($a // 0) + 1, 0, 0] elif $c3 == null then [$a, $b + 1, 0] else null end) as $next | \#
                if $a == null then (if $op == "<" or $op == ">" then ["<", [-1], null] else empty end) \#
                elif $op == "^" then [">=", $low, $pre], ["<", (if $a > 0 or $b == null then [$a + 1, 0, 0] \#
                elif $b > 0 or $c3 == null then [0, $b + 1, 0] else [0, 0, $c3 + 1] end) + [0, []], null] \#
                elif $op == "~" then [">=", $low, $pre], ["<", (if $b == null then $next else [$a, $b + 1, 0] end) + [0, []], null] \#
                elif $next == null then [$op, $low, $pre] \#
                elif $op == "=" then [">=", $low, null], ["<", $next + [0, []], null] \#
                elif $op == ">" then [">=", $next + [1, []], null] elif $op == "<=" then ["<", $next + [0, []], null] \#
                elif $op == "<" then ["<", $low[:3] + [0, []], null] else [$op, $low, null] end; \#
                def _dsh_ranges: (split("||") | if . == [] then "" else .[] end) | [if test("^\\s*\\S+\\s+-\\s+\\S+\\s*$") then \#
                ([splits("\\s+")] | map(select(. != "")) | (">=" + .[0], "<=" + .[2]) | _dsh_bounds) else \#
                (gsub("(?<o>[<>=~^])\\s+"; .o) | splits("[\\s,]+") | select(. != "") | _dsh_bounds) end]; \#
                def _dsh_within($key): all(.[]; if .[0] == ">=" then $key >= .[1] elif .[0] == "<" then $key < .[1] \#
                elif .[0] == ">" then $key > .[1] elif .[0] == "<=" then $key <= .[1] else $key == .[1] end) and \#
                ($key[3] == 1 or any(.[]; .[2] != null and .[1][:3] == $key[:3])); \#
                def semver_match($range): semver_key as $key | [$range | _dsh_ranges] as $sets | \#
                if $key == null then false else any($sets[]; _dsh_within($key)) end;
                """#),
    ]
}
