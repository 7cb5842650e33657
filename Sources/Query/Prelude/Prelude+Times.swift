extension Prelude {
    static let times: [PreludeFunction] = [
        PreludeFunction(
            "duration", .times, forms: ["duration", "duration(text)"], "a span of time as people write it to seconds",
            discussion: """
                Units are ms, s, m, h, d, w, mo (30 days) and y (365 days), or words: `90 minutes`. A number is seconds
                already.
                """,
            examples: [(#""30d", "1h30m", "2 weeks", "1.5h", 10 | duration"#, "2592000\n5400\n1209600\n5400\n10")],
            definition: #"""
                def duration: if type == "number" then . elif type != "string" then \#
                error("duration takes a text such as \"30d\", not \(type)") else . as $text | \#
                if test("^\\s*([0-9]+(\\.[0-9]+)?\\s*(ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?|w|weeks?|mo|months?|y|years?)\\s*)+$") \#
                then reduce match("([0-9.]+)\\s*(ms|mo|[a-z])"; "g") as $m (0; . + ($m.captures[0].string | tonumber) \#
                * {ms: 0.001, s: 1, m: 60, h: 3600, d: 86400, w: 604800, mo: 2592000, y: 31536000}[$m.captures[1].string]) \#
                else error("\($text | tojson) is no span of time: write it like \"30d\" or \"1h30m\"") end end; \#
                def duration($text): $text | duration;
                """#),
        PreludeFunction(
            "timestamp", .times, "an RFC 3339 time to seconds since 1970, with its fraction and its zone",
            discussion: """
                jq's own fromdate takes neither a fraction nor a zone, which image configurations often have. A time without a
                zone is UTC, a number is seconds already.
                """,
            examples: [
                (#""2024-01-02T03:04:05.5+01:00" | timestamp"#, "1704161045.5"),
                (#""2024-01-02" | timestamp | todate"#, #""2024-01-02T00:00:00Z""#),
            ],
            definition: #"""
                def timestamp: if type == "number" then . elif type != "string" then \#
                error("timestamp takes an RFC 3339 time, not \(type)") else . as $text | \#
                ([match("^([0-9]{4})-([0-9]{2})-([0-9]{2})([Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?$").captures[].string] \#
                | if length == 0 then error("\($text | tojson) is no RFC 3339 time such as \"2024-01-02T03:04:05Z\"") else . end) as $c | \#
                ($c[8] // "Z") as $zone | ([$c[0, 1, 2, 4, 5, 6] | . // "0" | tonumber] | .[1] -= 1 | . + [0, 0] | mktime) \#
                + ("0" + ($c[7] // "") | tonumber) - (if $zone | test("^[Zz]?$") then 0 else \#
                (($zone[1:3] | tonumber) * 3600 + ($zone[4:6] | tonumber) * 60) * (if $zone[0:1] == "-" then -1 else 1 end) end) end;
                """#),
        PreludeFunction(
            "since", .times, forms: ["since", "since(time)"], "the seconds that have passed since a time",
            discussion: "The time is RFC 3339 text, as in Created, or seconds since 1970.",
            examples: [
                (#"ago("2h") | since / 3600 | floor"#, "2"),
                (#"{Created: "2015-03-05T23:51:47Z"} | (.Created | since) > duration("1y")"#, "true"),
            ],
            definition: "def since: now - timestamp; def since($time): $time | since;"),
        PreludeFunction(
            "ago", .times, forms: ["ago(duration)"], "the time that long ago, as RFC 3339 text",
            discussion: "Times in one zone compare as text, so `.Created < ago(\"30d\")` is what is older than that.",
            examples: [
                (#"[{Created: "2015-03-05T23:51:47Z"}] | map(select(.Created < ago("30d"))) | length"#, "1"),
                (#"ago("1d") > ago("2d")"#, "true"),
            ],
            definition: "def ago($span): now - ($span | duration) | floor | todate;"),
        PreludeFunction(
            "age", .times, "how long ago a time was, in Docker's words",
            examples: [(#"ago("3w"), ago("2h") | age"#, "\"3 weeks ago\"\n\"2 hours ago\"")],
            definition: #"""
                def _dsh_words: floor as $s | ($s / 60 | floor) as $m | ($s / 3600 + 0.5 | floor) as $h | \#
                if $s < 1 then "Less than a second" elif $s == 1 then "1 second" elif $s < 60 then "\($s) seconds" \#
                elif $m == 1 then "About a minute" elif $m < 60 then "\($m) minutes" elif $h == 1 then "About an hour" \#
                elif $h < 48 then "\($h) hours" elif $h < 336 then "\($h / 24 | floor) days" \#
                elif $h < 1440 then "\($h / 168 | floor) weeks" elif $h < 17520 then "\($h / 720 | floor) months" \#
                else "\($s / 31536000 | floor) years" end; \#
                def age: now - timestamp | _dsh_words + " ago";
                """#),
    ]
}
