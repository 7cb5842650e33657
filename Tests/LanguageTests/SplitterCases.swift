/// Where jq text ends, and which variables it leaves free.
let splitterCases = ##"""
    .[] as $x | tags
    =>
    !! `tags` is a command, and `as` binds a variable for jq alone
    ----
    . as [$a] ?// $a | $a | tags
    =>
    <. as [$a] ?// $a | $a> | (tags)
    ----
    "a \("b \("c")") d | tags" | echo x
    =>
    <"a \("b \("c")") d | tags"> | (echo x)
    ----
    def f: .x; f | tags
    =>
    <def f: .x; f> | (tags)
    ----
    def f: def g: 1; g | tags; f
    =>
    <def f: def g: 1; g | tags; f>
    ----
    if . then images | tags else 1 end | tags
    =>
    <if . then images | tags else 1 end> | (tags)
    ----
    {a: 1, b: (2 | tags), if: 3, $x, "a\(1)": 2, @base64 "x\(.y)": 3} | tags
    =>
    <{a: 1, b: (2 | tags), if: 3, $x, "a\(1)": 2, @base64 "x\(.y)": 3}>$x | (tags)
    ----
    label $out | foreach .[] as $i (0; . + $i; if . > 3 then ., break $out else . end) | tags
    =>
    <label $out | foreach .[] as $i (0; . + $i; if . > 3 then ., break $out else . end)> | (tags)
    ----
    .a?//"x" | try error("x") catch . | tags
    =>
    <.a?//"x" | try error("x") catch .> | (tags)
    ----
    .a | # tags | images
      .b
    =>
    <.a |················
      .b>
    ----
    [
      1,
      2
    ] | {
      a: 1
    }
    =>
    <[
      1,
      2
    ] | {
      a: 1
    }>
    ----
    images|length;images|.[0]|tags
    =>
    (images) | <length>
    (images) | <.[0]> | (tags)
    ----
    images.x
    =>
    <images.x>
    ----
    images
    | length

    | tags
    =>
    (images) | <length> | (tags)
    ----
    images

    pull x
    =>
    (images)
    (pull x)
    ----
    .a |= 3 | .b |= tags
    =>
    <.a |= 3 | .b |= tags>
    ----
    1 != 2 | !echo hi
    =>
    <1 != 2> | (!echo hi)
    ----
    . | ((images)) | .x
    =>
    <.> | (images) | <.x>
    ----
    (images | length) + 1
    =>
    !! a command's result is no term of a filter
    ----
    (.a | .b) + 1 | tags
    =>
    <(.a | .b) + 1> | (tags)
    ----
    let x = (.a) + (.b)
    let y = (images | tags $x)
    let z = (images)
       | length
    =>
    (let x <(.a) + (.b)>)
    (let y (images) | (tags $<$x>$x))
    (let z (images) | <length>)
    ----
    .a + # c
    .b
    .c -
      .d and
      .e
    =>
    <.a +····
    .b>
    <.c -
      .d and
      .e>
    ----
    reduce .[]
     as $x
     (0;
     . + $x)
    =>
    <reduce .[]
     as $x
     (0;
     . + $x)>
    ----
    $__loc__ | $ENV.HOME | $x::y | $ z
    =>
    <$__loc__ | $ENV.HOME | $x::y | $ z>$x::y,z
    ----
    "unclosed
    =>
    !! this string is not closed
    ----
    "a\(.b
    =>
    !! this `\(` is not closed
    ----
    .a['x']
    =>
    !! jq has no single quotes
    ----
    {a: (1]}
    =>
    !! expected `)`, found `]`
    ----
    if .a { echo x }
    echo b
    =>
    (echo b)
    !! this `if` is not closed
    ----
    if .a then .b
    echo b
    =>
    (echo b)
    !! this `if` is not closed
    ----
    reduce .[] as $x
    =>
    !! this `reduce` is not closed
    ----
    images | .[] as $i | $i.x | "\($i) \($j)" | tags \($i) "\($j)"
    =>
    (images) | <.[] as $i | $i.x | "\($i) \($j)">$j | (tags \<$i>$i '\<$j>$j)
    ----
    def f($a; $b; g): $a + $b + $c | g($d); f(1; 2; 3) | $a
    =>
    <def f($a; $b; g): $a + $b + $c | g($d); f(1; 2; 3) | $a>$c,d,a
    ----
    . as {a: $x, $y, "k": [$z], ($w): $v, $u: [$t]} | $x,$y,$z,$w,$v,$u,$t
    =>
    <. as {a: $x, $y, "k": [$z], ($w): $v, $u: [$t]} | $x,$y,$z,$w,$v,$u,$t>$w,w
    ----
    [.[] as $x | $x] | $x
    =>
    <[.[] as $x | $x] | $x>$x
    ----
    f(. as $x | 1; $x)
    =>
    <f(. as $x | 1; $x)>$x
    ----
    if . as $x | $x then $x else $x end
    =>
    <if . as $x | $x then $x else $x end>$x,x
    ----
    reduce .[] as $x (0; $x) | $x
    =>
    <reduce .[] as $x (0; $x) | $x>$x
    ----
    (. as $x | $x) , $x
    =>
    <(. as $x | $x) , $x>$x
    ----
    def f: 1;
    =>
    !! expected more after `;`
    ----
    jq '.a' | jq -r ".b" | jq ".c \(.x)" | jq .d
    =>
    (jq '.a' <.a>) | (jq -r '.b' <.b>) | (jq '.c '+'\<.x>) | (jq .d <.d>)
    ----
    jq '.a | $x, (. as $y | $y)' | jq "a\tb$z"
    =>
    (jq '.a | $x, (. as $y | $y)' <.a | $x, (. as $y | $y)>$x) | (jq 'a	b$z' <a	b$z>$z)
    ----
    jq
    =>
    (jq . <.>)
    ----
    docker inspect a | jq
    =>
    (docker inspect a) | (jq . <.>)
    ----
    .a | jq -r | jq # all of it
    =>
    <.a> | (jq -r . <.>) | (jq . <.>)
    ----
    jq . .
    =>
    !! `jq` takes one filter
    ----
    jq '.a | ('
    echo b
    =>
    (echo b)
    !! this `(` is not closed
    ----
    .a
    ;
    .b ; ; .c
    =>
    <.a>
    <.b>
    <.c>
    ----
    @base64 "x\(.a)" | @json | tags
    =>
    <@base64 "x\(.a)" | @json> | (tags)
    ----
    ..|.a?|tags
    =>
    <..|.a?> | (tags)
    ----
    .[1:2] , .[-1] | 1e-3+.5 | tags
    =>
    <.[1:2] , .[-1] | 1e-3+.5> | (tags)
    ----
    not | tags
    =>
    <not> | (tags)
    ----
    images | sort_by(-.Size)[:5] | .[] | {Reference, Size}
    =>
    (images) | <sort_by(-.Size)[:5] | .[] | {Reference, Size}>
    ----
    images | map(select(.Repository | startswith("ci/"))) | rmi --dry-run
    =>
    (images) | <map(select(.Repository | startswith("ci/")))> | (rmi --dry-run)
    ----
    .[0].RootFS.Layers | length
    =>
    <.[0].RootFS.Layers | length>
    ----
    inspect nginx | .[0].Config.ExposedPorts
    =>
    (inspect nginx) | <.[0].Config.ExposedPorts>
    ----
    docker images | jq '.[0]'
    =>
    (docker images) | (jq '.[0]' <.[0]>)
    ----
    images | group_by(.Repository)
      | map({Repository: .[0].Repository, n: length}) # count
      # sorted
      | sort_by(.n) | table
    =>
    (images) | <group_by(.Repository)
      | map({Repository: .[0].Repository, n: length})········
    ··········
      | sort_by(.n)> | (table)
    ----
    .a | plugin-x 1 | .b
    =>
    <.a> | (plugin-x 1) | <.b>
    ----
    .a | plugin-xy
    =>
    <.a | plugin-xy>
    ----
    images-1
    =>
    <images-1>
    ----
    images| .a
    =>
    (images) | <.a>
    ----
    images(1)
    =>
    <images(1)>
    ----
    images: 1
    =>
    <images: 1>
    ----
    history as $h | .x
    =>
    (history as $<$h>$h) | <.x>
    ----
    tags |= 3
    =>
    !! `|=` needs jq on its left
    ----
    {images: tags}
    =>
    <{images: tags}>
    ----
    {images, tags} | .images | tags
    =>
    <{images, tags} | .images> | (tags)
    ----
    [.[] | tags] | tags
    =>
    <[.[] | tags]> | (tags)
    ----
    .images | .tags | tags
    =>
    <.images | .tags> | (tags)
    ----
    .["images"] | . "x" | tags
    =>
    <.["images"] | . "x"> | (tags)
    ----
    . | !ls | .
    =>
    <.> | (!ls) | <.>
    ----
    .a|!ls|.b
    =>
    <.a> | (!ls) | <.b>
    ----
    "it's | tags # no" | tags
    =>
    <"it's | tags # no"> | (tags)
    ----
    # it's | "
    .a # it's "
    | tags # '
    =>
    <.a> | (tags)
    ----
    .a//.b|tags
    =>
    <.a//.b> | (tags)
    ----
    .a//"|"|tags
    =>
    <.a//"|"> | (tags)
    ----
    try .a catch .b | tags
    =>
    <try .a catch .b> | (tags)
    ----
    try {a: 1} | x
    =>
    (try {<a: 1>})
    !! expected the end of the statement, found `|`
    ----
    try (.a | tags) | tags
    =>
    <try (.a | tags)> | (tags)
    ----
    if (.a) then (.b) else (.c) end
    =>
    <if (.a) then (.b) else (.c) end>
    ----
    if (.a) and (.b) then {c: 1} else 2 end | tags
    =>
    <if (.a) and (.b) then {c: 1} else 2 end> | (tags)
    ----
    while (. < 10; . + 1) | tags
    =>
    <while (. < 10; . + 1)> | (tags)
    ----
    if .a then
      .b | tags
    elif .c then .d
    else
      .e
    end
    | tags
    =>
    <if .a then
      .b | tags
    elif .c then .d
    else
      .e
    end> | (tags)
    ----
    def f(g): def h: g | tags; h; f(.a) | tags
    =>
    <def f(g): def h: g | tags; h; f(.a)> | (tags)
    ----
    def f:
      .a | .b;
    f | tags
    =>
    <def f:
      .a | .b;
    f> | (tags)
    ----
    reduce (1, 2) as $x ((0 | tags); . + $x) | tags
    =>
    <reduce (1, 2) as $x ((0 | tags); . + $x)> | (tags)
    ----
    foreach .[] as {a: $x, b: [$y]} (0; $x + $y; [$x, .]) | tags $x
    =>
    <foreach .[] as {a: $x, b: [$y]} (0; $x + $y; [$x, .])> | (tags $<$x>$x)
    ----
    label $f | .a | break $f | tags
    =>
    <label $f | .a | break $f> | (tags)
    ----
    {"a b": 1, "x\("y" | tags)": {c: [1, {d: 2}]}} | tags
    =>
    <{"a b": 1, "x\("y" | tags)": {c: [1, {d: 2}]}}> | (tags)
    ----
    {(.a | tags): .b, $__loc__, $x, @text "a": 1} | tags
    =>
    <{(.a | tags): .b, $__loc__, $x, @text "a": 1}>$x | (tags)
    ----
    {and: 1, or: 2, then: 3, def: 4, reduce: 5} | tags
    =>
    <{and: 1, or: 2, then: 3, def: 4, reduce: 5}> | (tags)
    ----
    {if, end} | tags
    =>
    <{if, end}> | (tags)
    ----
    .if | .end | .def | tags
    =>
    <.if | .end | .def> | (tags)
    ----
    .and.or | tags
    =>
    <.and.or> | (tags)
    ----
    . as {if: $x, $def} | $x + $def | tags
    =>
    <. as {if: $x, $def} | $x + $def> | (tags)
    ----
    "\("\("\("deep" | tags)")")" | tags
    =>
    <"\("\("\("deep" | tags)")")"> | (tags)
    ----
    "a\\" | "b\"" | tags
    =>
    <"a\\" | "b\""> | (tags)
    ----
    "\\(.a)" | tags
    =>
    <"\\(.a)"> | (tags)
    ----
    @csv "\(.a | tags),\(.b)" | tags
    =>
    <@csv "\(.a | tags),\(.b)"> | (tags)
    ----
    .. | numbers | tags
    =>
    <.. | numbers> | (tags)
    ----
    .a[] | .b[]? | .c? // empty | tags
    =>
    <.a[] | .b[]? | .c? // empty> | (tags)
    ----
    -1 | -.a | - .b | tags
    =>
    <-1 | -.a | - .b> | (tags)
    ----
    1 as $x | 2 as $y | [$x, $y, $z] | tags
    =>
    <1 as $x | 2 as $y | [$x, $y, $z]>$z | (tags)
    ----
    . as [$a, {$b, c: $c}] ?// {a: $a} ?// $b | [$a, $b, $c, $d] | tags
    =>
    <. as [$a, {$b, c: $c}] ?// {a: $a} ?// $b | [$a, $b, $c, $d]>$d | (tags)
    ----
    [limit(3; .[] as $x | $x), $x] | tags
    =>
    <[limit(3; .[] as $x | $x), $x]>$x | (tags)
    ----
    def f($x): $x; $x | tags
    =>
    <def f($x): $x; $x>$x | (tags)
    ----
    def f: def g($y): $y + $z; g(1); f | tags
    =>
    <def f: def g($y): $y + $z; g(1); f>$z | (tags)
    ----
    $x | $x.a | $x[0].b | "\($y | $z)" | tags
    =>
    <$x | $x.a | $x[0].b | "\($y | $z)">$x,x,x,y,z | (tags)
    ----
    $__loc__ | $ENV.PATH | env | tags
    =>
    <$__loc__ | $ENV.PATH | env> | (tags)
    ----
    .a \
      + .b | tags
    =>
    <.a··
      + .b> | (tags)
    ----
    images \
      -q \
      nginx
    =>
    (images -q nginx)
    ----
    .a |

      # a comment

      .b
    =>
    <.a |

    ·············

      .b>
    ----
    .a,
    .b,
    .c | tags
    =>
    <.a,
    .b,
    .c> | (tags)
    ----
    [
      .a # one
      , .b # two | tags
    ] | tags
    =>
    <[
      .a······
      , .b·············
    ]> | (tags)
    ----
    .a and
    .b or
    not
    =>
    <.a and
    .b or
    not>
    ----
    .a ==
      1
    .b
    =>
    <.a ==
      1>
    <.b>
    ----
    .a; .b | tags; .c
    =>
    <.a>
    <.b> | (tags)
    <.c>
    ----
    (.a; .b)
    =>
    <(.a; .b)>
    ----
    @json
    @text
    =>
    <@json>
    <@text>
    ----
    try
    .a
    =>
    <try
    .a>
    ----
    .a as
    $x | $x
    =>
    <.a as
    $x | $x>
    ----
    .[
    0
    ]
    =>
    <.[
    0
    ]>
    ----
    image | length
    =>
    <image | length>
    ----
    length images
    =>
    (length images)
    ----
    imags --all
    =>
    (imags --all)
    ----
    imags nginx | .x | tgs $x | foo 'a'
    =>
    (imags nginx) | <.x> | (tgs $<$x>$x) | (foo 'a')
    ----
    sort_by .x
    =>
    <sort_by .x>
    ----
    length + 1
    =>
    <length + 1>
    ----
    length -1
    =>
    <length -1>
    ----
    empty, empty
    =>
    <empty, empty>
    ----
    not and true
    =>
    <not and true>
    ----
    true | not
    =>
    <true | not>
    ----
    null "x"
    =>
    <null "x">
    ----
    é | tags
    =>
    <é> | (tags)
    ----
    .é | tags
    =>
    <.é> | (tags)
    ----
    "日本" | tags "日本"
    =>
    <"日本"> | (tags '日本')
    ----
    .a | jq '.b' | .c
    =>
    <.a> | (jq '.b' <.b>) | <.c>
    ----
    jq -r '.[] | .x' | jq -c .
    =>
    (jq -r '.[] | .x' <.[] | .x>) | (jq -c . <.>)
    ----
    jq '.a | tags | $x, "\($y)"'
    =>
    (jq '.a | tags | $x, "\($y)"' <.a | tags | $x, "\($y)">$x,y)
    ----
    jq "\(1)"
    =>
    (jq '\<1>)
    ----
    jq 'if . then 1 end; |'
    =>
    (jq 'if . then 1 end; |' <if . then 1 end; |>)
    ----
    (images; tags)
    =>
    (tags)
    !! expected `)` after the pipeline, found `;`
    !! unexpected `)`
    ----
    ((images | tags)) | ((.a | .b))
    =>
    (images) | (tags) | <((.a | .b))>
    ----
    .a | (tags | .b) | .c
    =>
    <.a> | (tags) | <.b> | <.c>
    ----
    . | (  # c
     images
     -q
    ) | .x
    =>
    <.> | (images -q) | <.x>
    """##
