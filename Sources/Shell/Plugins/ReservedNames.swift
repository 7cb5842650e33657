import Query

/// Words that no plugin can be: they mean something already wherever they stand.
package enum ReservedNames {
    /// True for dsh's statement words, for jq's keywords and functions, those of its newer versions among them, and for
    /// the functions that dsh adds.
    package static func contains(_ word: String) -> Bool { words.contains(word) || Prelude[word] != nil }

    private static let words: Set<String> = Set(
        """
        let if for while break continue def params filter try assert fail return exit source else catch parallel in docker
        jq true false null not and or then elif end as reduce foreach label import include
        abs acos acosh add add all any arrays ascii asin asinh atan atan2 atanh booleans bsearch builtins capture cbrt ceil
        combinations contains copysign cos cosh debug del delpaths drem empty endswith env erf error exp exp10 exp2 explode
        expm1 fabs fdim finites first flatten floor fma fmax fmin fmod format frexp from_entries fromdate fromjson
        fromstream gamma get_search_list getpath gmtime group_by gsub halt halt_error has have_decnum have_literal_numbers
        hypot implode index indices infinite input input_line_number inputs inside isempty iterables isfinite isinfinite
        isnan isnormal isvalid j0 j1 jn join keys keys_unsorted last ldexp leaf_paths length lgamma lgamma_r limit
        localtime log log10 log1p log2 logb ltrimstr ltrim map map_values match max max_by min min_by mktime modf modulemeta
        nan nearbyint nextafter normals now nth nulls numbers objects path paths pick pow pow10 range recurse recurse_down
        repeat reverse rindex rint round rtrimstr rtrim scalars scalb scan select significand sin sinh skip sort sort_by
        split splits sqrt startswith stderr strflocaltime strftime strings strptime sub tan tanh test tgamma to_entries
        toarray todate tojson tonumber tostream tostring transpose trim trimstr trunc truncate_stream type unique unique_by
        until utf8bytelength values walk with_entries y0 y1 yn getpath getpath input_filename ltrimstr splits ascii_downcase
        ascii_upcase tobase64 add
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
