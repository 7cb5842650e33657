/// References of images: the grammar is distribution's, as in `OCI.Reference`; the tests compare the two.
extension Prelude {
    static let references: [PreludeFunction] = [
        PreludeFunction(
            "ref", .references, "the parts of an image's reference",
            discussion: """
                Of a text, or of an object's Reference. Registry and Path are whole; Repository and Reference are as short as Docker
                shows them. Tag and Digest are null where the reference has none.
                """,
            examples: [
                (
                    #""nginx:1.25" | ref"#,
                    #"{"Registry":"docker.io","Path":"library/nginx","Repository":"nginx","Tag":"1.25","Digest":null,"Reference":"nginx:1.25","Canonical":"docker.io/library/nginx:1.25"}"#
                ),
                (#""ghcr.io/a/b@sha256:\("0" * 64)" | ref | .Registry, .Tag"#, "\"ghcr.io\"\nnull"),
            ],
            definition: #"""
                def ref: (if type == "object" then .Reference else . end) as $text | \#
                if ($text | type) != "string" then error("ref takes a text or an object with Reference, not \(type)") else \#
                ([$text | match("^([^@]*?)(:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@([A-Za-z][A-Za-z0-9]*([+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$").captures[].string] \#
                | if length == 0 or .[0] == "" then error("\($text | tojson) is no reference of an image") else . end) as $c | \#
                ($c[0] | split("/")) as $steps | \#
                (if ($steps | length) > 1 and ($steps[0] | test("[.:A-Z]") or . == "localhost") then [$steps[0], ($steps[1:] | join("/"))] \#
                else ["docker.io", $c[0]] end | if .[0] == "index.docker.io" then .[0] = "docker.io" else . end \#
                | if .[0] == "docker.io" and (.[1] | contains("/") | not) then .[1] |= "library/" + . else . end) as [$registry, $path] | \#
                if $path | test("^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*$") | not then \#
                error("\($text | tojson) is no reference of an image") else \#
                (if $registry != "docker.io" then $registry + "/" + $path else $path | ltrimstr("library/") | \#
                if contains("/") then $path else . end end) as $short | \#
                ((if $c[2] then ":" + $c[2] else "" end) + (if $c[4] then "@" + $c[4] else "" end)) as $suffix | \#
                {Registry: $registry, Path: $path, Repository: $short, Tag: $c[2], Digest: $c[4], \#
                Reference: ($short + $suffix), Canonical: ($registry + "/" + $path + $suffix)} end end;
                """#),
        PreludeFunction(
            "glob", .references, forms: ["glob(pattern)"],
            "whether all of a text matches a pattern of the shell's kind",
            discussion:
                "`*` and `?` stop at `/`, `**` does not; `[a-z]` and `[^a-z]` are sets; `\\` takes the next character.",
            examples: [
                (
                    #""ghcr.io/team/app" | glob("ghcr.io/*"), glob("ghcr.io/**"), glob("*/team/a?p")"#,
                    "false\ntrue\ntrue"
                )
            ],
            definition: #"""
                def _dsh_literal: if test("[.+^$(){}|\\[\\]\\\\*?]") then "\\" + . else . end; \#
                def glob($pattern): ([$pattern | match("\\*\\*|\\\\.|\\[\\^?(\\\\.|[^\\]\\\\])+\\]|."; "g").string | \#
                if . == "**" then ".*" elif . == "*" then "[^/]*" elif . == "?" then "[^/]" elif length == 1 then _dsh_literal \#
                elif startswith("\\") then .[1:] | _dsh_literal else gsub("(?<c>[&\\[])"; "\\" + .c) | .[1:] end] | add // "") as $regex | test("^(" + $regex + ")$");
                """#),
        PreludeFunction(
            "ref_match", .references, forms: ["ref_match(pattern)"], "whether an image's reference matches a pattern",
            discussion: """
                As `images PATTERN`: against the short and the whole name, and with the tag only where the pattern has one.
                Takes a text or an object with Reference.
                """,
            examples: [
                (
                    #"["nginx:1.25", "ghcr.io/team/app:v1"] | map(select(ref_match("nginx", "*/team/*:v?")))"#,
                    #"["nginx:1.25","ghcr.io/team/app:v1"]"#
                )
            ],
            definition: """
                def ref_match($pattern): ref | any(.Repository, .Registry + "/" + .Path, .Reference, .Canonical; glob($pattern));
                """),
    ]
}
