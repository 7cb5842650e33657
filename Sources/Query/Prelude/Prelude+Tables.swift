extension Prelude {
    static let tables: [PreludeFunction] = [
        PreludeFunction(
            "columns", .tables, forms: ["columns(names)"], "only these columns of a table, in this order",
            discussion: """
                The names are one text, `"Reference, Size"`, or an array. Takes an array of objects, or one object; a column
                that is not there is null.
                """,
            examples: [
                (
                    #"[{Id: "a", Size: 1, Tag: "x"}] | columns("Tag, Size")"#, #"[{"Tag":"x","Size":1}]"#
                )
            ],
            definition: #"""
                def _dsh_names: if type == "array" then . else [splits("\\s*,\\s*")] | map(select(. != "")) end; \#
                def columns($names): ($names | _dsh_names) as $list | def row: . as $row | reduce $list[] as $n ({}; .[$n] = $row[$n]); \#
                if type == "array" then map(row) else row end;
                """#),
        PreludeFunction(
            "without", .tables, forms: ["without(names)"], "a table without these columns",
            discussion: "The names are one text, `\"Labels, Platform\"`, or an array.",
            examples: [
                (#"[{Id: "a", Size: 1, Tag: "x"}] | without("Id,Size")"#, #"[{"Tag":"x"}]"#)
            ],
            definition: """
                def without($names): ($names | if type == "array" then . else [splits("\\\\s*,\\\\s*")] end) as $list | \
                def row: delpaths([$list[] | [.]]); if type == "array" then map(row) else row end;
                """),
        PreludeFunction(
            "rename", .tables, forms: ["rename(names)"], "a table with other names for its columns, each in its place",
            examples: [
                (#"[{Id: "a", Size: 1}] | rename({Id: "Image"})"#, #"[{"Image":"a","Size":1}]"#)
            ],
            definition: """
                def rename($names): def row: . as $row | reduce keys_unsorted[] as $k ({}; .[$names[$k] // $k] = $row[$k]); \
                if type == "array" then map(row) else row end;
                """),
        PreludeFunction(
            "tally", .tables, forms: ["tally", "tally(f)"],
            "how often each value occurs in an array, the most frequent first",
            examples: [
                (
                    #"[{Os: "linux"}, {Os: "windows"}, {Os: "linux"}] | tally(.Os)"#,
                    #"[{"Value":"linux","Count":2},{"Value":"windows","Count":1}]"#
                )
            ],
            definition: """
                def tally(f): map([f]) | group_by(.) | map({Value: .[0][0], Count: length}) | sort_by(-.Count); \
                def tally: tally(.);
                """),
        PreludeFunction(
            "sum_by", .tables, forms: ["sum_by(key; number)"], "a number added up for each key, the largest sum first",
            examples: [
                (
                    #"[{R: "a", Size: 1}, {R: "b", Size: 5}, {R: "a", Size: 2}] | sum_by(.R; .Size)"#,
                    #"[{"Key":"b","Count":1,"Sum":5},{"Key":"a","Count":2,"Sum":3}]"#
                )
            ],
            definition: """
                def sum_by(key; number): map([[key], number]) | group_by(.[0]) | map({Key: .[0][0][0], Count: length, \
                Sum: (map(.[1]) | add)}) | sort_by(-.Sum);
                """),
        PreludeFunction(
            "largest", .tables, forms: ["largest(n; f)"], "the n elements with the largest f, largest first",
            examples: [
                (
                    #"[{Id: "a", Size: 2}, {Id: "b", Size: 9}, {Id: "c", Size: 5}] | largest(2; .Size) | map(.Id)"#,
                    #"["b","c"]"#
                )
            ],
            definition: "def largest($n; f): sort_by(f) | reverse | .[:$n];"),
        PreludeFunction(
            "rows", .tables, "a table as arrays, the names of its columns first: for @csv and @tsv",
            discussion: "What is no text, number or truth value becomes JSON text.",
            examples: [
                (#"[{Id: "a", Size: 2}] | rows | @csv"#, #""\"Id\",\"Size\"""# + "\n" + #""\"a\",2""#)
            ],
            definition: """
                def rows: (reduce (.[] | keys_unsorted[]) as $k ({}; .[$k] = true) | keys_unsorted) as $names | $names, \
                (.[] | [.[$names[]] | if type == "object" or type == "array" then tojson else . end]);
                """),
    ]
}
