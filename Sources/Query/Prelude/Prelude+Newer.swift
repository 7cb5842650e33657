/// What scripts on the web use of jq 1.7 and 1.8. The meaning is that of the manuals of these versions.
extension Prelude {
    static let newer: [PreludeFunction] = [
        PreludeFunction(
            "pick", .newer, forms: ["pick(paths)"], "an object or array with only what stands at these paths",
            since: .jq17, examples: [("{a: 1, b: {c: 2, d: 3}} | pick(.a, .b.c)", #"{"a":1,"b":{"c":2}}"#)],
            definition: """
                def pick(paths): . as $whole | reduce path(paths) as $p (null; setpath($p; $whole | getpath($p)));
                """),
        PreludeFunction(
            "debug", .newer, forms: ["debug", "debug(messages)"], "says something on the side and hands on its input",
            since: .jq17, examples: [(#"2 | debug("sees \(.)") + 1"#, "3")],
            definition: "def debug(messages): . as $dot | reduce (messages | debug) as $m (null; null) | $dot;"),
        PreludeFunction(
            "scan", .newer, forms: ["scan(regex)", "scan(regex; flags)"], "every match of a regular expression",
            since: .jq17, examples: [(#"[ "abAB" | scan("ab"; "i") ]"#, #"["ab","AB"]"#)],
            definition: """
                def scan($regex; $flags): match($regex; "g" + $flags) | \
                if .captures == [] then .string else [.captures[].string] end;
                """),
        PreludeFunction(
            "abs", .newer, "a number without its sign", since: .jq17,
            examples: [("[-10, 1.5] | map(abs)", "[10,1.5]")],
            definition: "def abs: if . < 0 then -. else . end;"),
        PreludeFunction(
            "toarray", .newer, "an array as it is, anything else in an array", since: .jq18,
            examples: [("1, [2] | toarray", "[1]\n[2]")],
            definition: #"def toarray: if type == "array" then . else [.] end;"#),
        PreludeFunction(
            "have_literal_numbers", .newer, "whether numbers keep the digits they were written with", since: .jq17,
            examples: [("have_literal_numbers | type", #""boolean""#)],
            definition: "def have_literal_numbers: false;"),
        PreludeFunction(
            "have_decnum", .newer, "whether jq was built with decimal numbers", since: .jq17,
            examples: [("have_decnum | type", #""boolean""#)], definition: "def have_decnum: false;"),
        PreludeFunction(
            "limit", .newer, forms: ["limit(n; f)"], "the first n outputs of f; none where n is 0", since: .jq17,
            examples: [("[limit(2; 7, 8, 9)], [limit(0; 1, 2)]", "[7,8]\n[]")],
            definition: """
                def _dsh_limit($n; f): limit($n; f); def limit($n; f): if $n == 0 then empty else _dsh_limit($n; f) end;
                """),
        PreludeFunction(
            "skip", .newer, forms: ["skip(n; f)"], "the outputs of f but the first n", since: .jq18,
            examples: [("[skip(1; 7, 8, 9)]", "[8,9]")],
            definition: """
                def skip($n; f): if $n < 0 then error("skip doesn't support negative count") else \
                foreach f as $x ($n + 1; . - 1; if . <= 0 then $x else empty end) end;
                """),
        PreludeFunction(
            "add", .newer, forms: ["add", "add(f)"], "the sum of an array's elements, or of f's outputs", since: .jq18,
            examples: [("{xs: [1, 2, 3]} | add(.xs[])", "6")],
            definition: "def add(f): reduce f as $x (null; . + $x);"),
        PreludeFunction(
            "trim", .newer, "a text without the blanks around it", since: .jq18,
            examples: [(#"" a b " | trim"#, #""a b""#)], definition: "def trim: \(trimming("^\\\\s+|\\\\s+$", "gsub"));"
        ),
        PreludeFunction(
            "ltrim", .newer, "a text without the blanks in front of it", since: .jq18,
            examples: [(#"" a " | ltrim"#, #""a ""#)], definition: "def ltrim: \(trimming("^\\\\s+", "sub"));"),
        PreludeFunction(
            "rtrim", .newer, "a text without the blanks behind it", since: .jq18,
            examples: [(#"" a " | rtrim"#, #"" a""#)], definition: "def rtrim: \(trimming("\\\\s+$", "sub"));"),
        PreludeFunction(
            "trimstr", .newer, forms: ["trimstr(text)"], "a text without another at its start and its end",
            since: .jq18,
            examples: [(#""foobarfoo" | trimstr("foo")"#, #""bar""#)],
            definition: "def trimstr($text): ltrimstr($text) | rtrimstr($text);"),
        PreludeFunction(
            "toboolean", .newer, #"true and false of the texts "true" and "false""#, since: .jq18,
            examples: [(#""true", false | toboolean"#, "true\nfalse")],
            definition: #"""
                def toboolean: if type == "boolean" then . elif . == "true" then true elif . == "false" then false \#
                else error("\(type) (\(tojson)) cannot be parsed as a boolean") end;
                """#),
        PreludeFunction(
            "base32", .newer, forms: ["@base32"], "text in base 32", since: .jq17,
            examples: [(#""Hello!" | @base32"#, #""JBSWY3DPEE======""#)],
            definition: regrouping + #"""
                def _dsh_base32: [@base64 | rtrimstr("=") | rtrimstr("=") | explode[] | if . >= 97 then . - 71 elif . >= 65 then . - 65 \#
                elif . >= 48 then . + 4 elif . == 43 then 62 else 63 end] | _dsh_bits(6; 8)[0] | _dsh_bits(8; 5) \#
                | .[0] + if .[2] > 0 then [.[1] * pow(2; 5 - .[2])] else [] end | map(if . < 26 then . + 65 else . + 24 end) \#
                | implode | until(length / 8 == (length / 8 | floor); . + "="); \#
                def _dsh_before_base32(f): format(f); \#
                def format(f): f as $f | if $f == "base32" then tostring | _dsh_base32 else _dsh_before_base32($f) end;
                """#),
        PreludeFunction(
            "base32d", .newer, forms: ["@base32d"], "text from base 32", since: .jq17,
            examples: [(#""JBSWY3DPEE======" | @base32d"#, #""Hello!""#)],
            definition: bytesToText + regrouping + #"""
                def _dsh_base32d: . as $text | until(endswith("=") | not; rtrimstr("=")) | explode | \#
                map(if . >= 65 and . <= 90 then . - 65 elif . >= 50 and . <= 55 then . - 24 else \#
                error("string (\($text | tojson)) is not valid base32 data") end) | _dsh_bits(5; 8)[0] | _dsh_text; \#
                def _dsh_before_base32d(f): format(f); \#
                def format(f): f as $f | if $f == "base32d" then tostring | _dsh_base32d else _dsh_before_base32d($f) end;
                """#),
        PreludeFunction(
            "urid", .newer, forms: ["@urid"], "text with %XX undone: the reverse of @uri", since: .jq18,
            examples: [(#""a%20b%C3%A9" | @urid"#, #""a bé""#)],
            definition: bytesToText + #"""
                def _dsh_hex: if . >= 97 then . - 87 elif . >= 65 then . - 55 else . - 48 end; \#
                def _dsh_urid: . as $text | [match("(%[0-9A-Fa-f]{2})+|[^%]+|%"; "g").string | \#
                if . == "%" then error("string (\($text | tojson)) is not a valid uri encoding") \#
                elif startswith("%") then explode | [range(0; length; 3) as $i | (.[$i + 1] | _dsh_hex) * 16 + (.[$i + 2] | _dsh_hex)] | _dsh_text \#
                else . end] | add // ""; \#
                def _dsh_before_urid(f): format(f); \#
                def format(f): f as $f | if $f == "urid" then tostring | _dsh_urid else _dsh_before_urid($f) end;
                """#),
    ]

    private static func trimming(_ blanks: String, _ function: String) -> String {
        #"if type != "string" then error("trim input must be a string") else "# + "\(function)(\"\(blanks)\"; \"\") end"
    }

    /// Digits of `$in` bits to digits of `$out` bits: `[digits, value of the bits left over, their number]`.
    private static let regrouping = #"""
        def _dsh_bits($in; $out): reduce .[] as $d ([[], 0, 0]; [.[0], .[1] * pow(2; $in) + $d, .[2] + $in] | until(.[2] < $out; \#
        (.[2] - $out) as $left | pow(2; $left) as $low | (.[1] / $low | floor) as $digit | \#
        [.[0] + [$digit], .[1] - $digit * $low, $left])); \#

        """#

    /// jq makes text of bytes in one place only, where it decodes base 64.
    private static let bytesToText = #"""
        def _dsh_text: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" as $digits | \#
        def _dsh_digit($n): ($n - ($n / 64 | floor) * 64) as $d | $digits[$d:$d + 1]; \#
        [range(0; length; 3) as $i | .[$i:$i + 3] as $three | \#
        ($three[0] * 65536 + ($three[1] // 0) * 256 + ($three[2] // 0)) as $n | \#
        _dsh_digit($n / 262144 | floor), _dsh_digit($n / 4096 | floor), \#
        (if ($three | length) > 1 then _dsh_digit($n / 64 | floor) else "=" end), \#
        (if ($three | length) > 2 then _dsh_digit($n) else "=" end)] | add // "" | @base64d; \#

        """#
}
