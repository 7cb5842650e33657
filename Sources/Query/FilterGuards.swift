/// jq functions put in place of libjq's own where those end the process, write to a descriptor, or run for ever in one C call.
/// Each is given only to programs whose text has its name, so that the others neither compile nor run slower.
///
/// `_dsh…` names stay out of users' way. The definitions are on one line, which keeps the line numbers of what follows simple.
enum FilterGuards {
    /// What the debug callback finds in front of what `stderr` was given.
    static let standardErrorMark = "dsh: stderr"

    /// Longest string, in bytes, that `*` may make: libjq repeats in one call that cannot be stopped.
    static let longestRepetition = 64 << 20

    /// The definitions that programs with these texts need.
    static func definitions(for texts: [FilterText]) -> String {
        var result = ""
        for guardian in all where texts.contains(where: guardian.isNeeded) { result += guardian.definition }
        return result
    }

    private struct Guard: Sendable {
        let isNeeded: @Sendable (FilterText) -> Bool
        let definition: String
    }

    private static func named(_ names: String..., definition: String) -> Guard {
        let names = Set(names)
        return Guard(isNeeded: { !$0.words.isDisjoint(with: names) }, definition: definition)
    }

    private static let all: [Guard] = [
        // 1.6 takes error(null) for the end of the output; this is what newer ones say.
        named(
            "error",
            definition: """
                def _dsh_error(m): error(m); \
                def error(m): m as $m | _dsh_error(if $m == null then "null (null) not a string" else $m end); \
                def error: error(.);
                """),
        // Beyond these seconds the year does not fit into C's int, and strftime asserts.
        named(
            "todate", "todateiso8601", "strftime", "strflocaltime",
            definition: """
                def _dsh_date: if type != "number" or (. >= -67768040609740800 and . <= 67767976233532799) then . \
                else error("\\(tojson) is too far away to be a date") end; \
                def _dsh_strftime(f): strftime(f); def _dsh_strflocaltime(f): strflocaltime(f); \
                def strftime(f): _dsh_date | _dsh_strftime(f); \
                def strflocaltime(f): _dsh_date | _dsh_strflocaltime(f); \
                def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ"); def todate: todateiso8601;
                """),
        // These look into the input reader of the jq program, which is not there.
        named(
            "input", "inputs",
            definition: """
                def input: error("`input` is not available: a filter sees one value, its `.`"); \
                def inputs: error("`inputs` is not available: a filter sees one value, its `.`");
                """),
        named("input_filename", definition: "def input_filename: null;"),
        named("input_line_number", definition: "def input_line_number: 0;"),
        named("stderr", definition: "def stderr: . as $dot | [\"\(standardErrorMark)\", .] | debug | $dot;"),
        named(
            "modulemeta", "get_search_list",
            definition: """
                def modulemeta: error("modules are not available: define what you need with `def` or `filter`"); \
                def get_search_list: [];
                """),
        // The smallest integer's remainder by -1 is a hardware fault; any by -1 is 0.
        Guard(
            isNeeded: \.takesRemainder,
            definition: """
                def _dsh_mod(a; b): a % b; def _mod(a; b): b as $b | a as $a | if ($b | type) == "number" and $b <= -1 \
                and $b > -2 and ($a | type) == "number" then 0 else _dsh_mod($a; $b) end;
                """),
        Guard(
            isNeeded: \.multiplies,
            definition: """
                def _dsh_multiply(a; b): a * b; def _dsh_repeat($s; $n): if $n > 1 and ($s | utf8bytelength) > \
                \(longestRepetition) / $n then error("the repeated string would be longer than \(longestRepetition >> 20) MB") \
                else _dsh_multiply($s; $n) end; \
                def _multiply(a; b): b as $b | a as $a | if ($a | type) == "string" and ($b | type) == "number" then \
                _dsh_repeat($a; $b) elif ($b | type) == "string" and ($a | type) == "number" then \
                _dsh_repeat($b; $a) else _dsh_multiply($a; $b) end;
                """),
    ]
}
