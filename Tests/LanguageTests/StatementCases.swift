/// Statements.
let statementsCases = ##"""
    let x = 1
    =>
    (let x <1>)
    ----
    let x=images|length
    =>
    (let x (images) | <length>)
    ----
    let x = (.a)
    let y = (.a), (.b)
    =>
    (let x <.a>)
    (let y <(.a), (.b)>)
    ----
    let x = (images | length) | . + 1
    =>
    (let x (images) | <length> | <. + 1>)
    ----
    let x = "a" # c
    =>
    (let x <"a">)
    ----
    let x = [
      1, 2
    ]
    =>
    (let x <[
      1, 2
    ]>)
    ----
    let x = if . then 1 else 2 end
    =>
    (let x <if . then 1 else 2 end>)
    ----
    let x =
      images
    =>
    (images)
    !! expected a value after `=`
    ----
    let x
    =>
    !! expected `=` after `let x`
    ----
    let
    =>
    !! expected a name after `let`
    ----
    let $x = 1
    =>
    !! a variable is named without `$` where it is set
    ----
    let my-x = 1
    =>
    !! a variable's name has no `-`
    ----
    let x == 1
    =>
    !! expected `=` after `let x`, found `==`
    ----
    let 1 = 2
    =>
    !! expected a name after `let`, found `1`
    ----
    letter | let
    =>
    <letter | let>
    ----
    if (.a) { echo b }
    =>
    (if <.a> {(echo b)})
    ----
    if (images | length > 3) { echo b } else { echo c }
    =>
    (if (images) | <length > 3> {(echo b)} else {(echo c)})
    ----
    if (.a) { .b } else if (.c) { .d } else if ($e.f) { .g } else { .h }
    =>
    (if <.a> {<.b>} <.c> {<.d>} <$e.f>$e {<.g>} else {<.h>})
    ----
    if (.a) { .b }
    else if (.c) { .d }

    else
    { .e }
    =>
    (if <.a> {<.b>} <.c> {<.d>} else {<.e>})
    ----
    if(.a){.b}else{.c}
    =>
    (if <.a> {<.b>} else {<.c>})
    ----
    if $x { .a }
    if $x.y[0] { .a }
    =>
    (if <$x>$x {<.a>})
    (if <$x.y[0]>$x {<.a>})
    ----
    if (.a)
    {
      .b
    }
    =>
    (if <.a> {<.b>})
    ----
    if (.a) { .b } .c
    =>
    (if <.a> {<.b>})
    !! expected the end of the statement, found `.c`
    ----
    if (.a) .b
    =>
    !! this `if` is not closed
    ----
    if
    =>
    !! this `if` is not closed
    ----
    if ( { .a }
    echo b
    =>
    (echo b)
    !! this `(` is not closed
    ----
    else { .a }
    echo b
    =>
    (echo b)
    !! `else` without `if`
    ----
    if (.a) { .b } ; else { .c }
    =>
    (if <.a> {<.b>})
    !! `else` without `if`
    ----
    for x in (images | .[]) { echo $x }
    =>
    (for x (images) | <.[]> {(echo $<$x>$x)})
    ----
    for x in $args { echo $x }
    =>
    (for x <$args>$args {(echo $<$x>$x)})
    ----
    for x in (images) parallel 4 { pull $x }
    =>
    (for x (images) parallel 4 {(pull $<$x>$x)})
    ----
    for x in (images) parallel $n --keep-going { pull $x }
    =>
    (for x (images) parallel $<$n>$n keep-going {(pull $<$x>$x)})
    ----
    for x in (1,2) parallel (.n) {
    }
    =>
    (for x <1,2> parallel (<.n>) {})
    ----
    for x in images { }
    =>
    !! expected `(` after `in`, found `images`
    ----
    for x of (y) { }
    =>
    !! expected `in` after `for x`, found `of`
    ----
    for $x in (y) { }
    =>
    !! a variable is named without `$` where it is set
    ----
    for x in (y) parallel { }
    =>
    !! expected a number after `parallel`, found `{`
    ----
    for x in (y) .a
    =>
    !! expected `{` after the values, found `.a`
    ----
    while (.a) { break }
    =>
    (while <.a> {(break)})
    ----
    while (true) { if (.x) { continue }; break; }
    =>
    (while <true> {(if <.x> {(continue)}); (break)})
    ----
    break $out
    =>
    <break $out>
    ----
    label $out | 1, break $out
    =>
    <label $out | 1, break $out>
    ----
    break
    continue
    =>
    (break)
    (continue)
    ----
    break 3
    =>
    (break)
    !! expected the end of the statement, found `3`
    ----
    def a { .b }
    a | .c
    =>
    (def a [] {<.b>})
    (a) | <.c>
    ----
    a 1
    def a(x) { .b }
    =>
    (a 1)
    (def a [x] {<.b>})
    ----
    def a() { }
    =>
    (def a [] {})
    ----
    def a(x, y = 2, --z, --w = "v w", rest…) { .b }
    =>
    (def a [x, y=2, --z, --w='v w', rest…] {<.b>})
    ----
    def a(
      x, # the x
      y = (images | length), # the y
      --dry-run # look first
    ) {
      a 1
    }
    =>
    (def a [x doc:the x, y=((images) | <length>) doc:the y, --dry-run doc:look first] {(a 1)})
    ----
    def a(rest...) { }
    =>
    (def a [rest…] {})
    ----
    # Cleans.
    #
    # Much.
    def a { .b }
    =>
    (def a [] {<.b>} doc:Cleans.

    Much.)
    ----
    # not this

    def a { .b }
    =>
    (def a [] {<.b>})
    ----
    def a { def b { .c }
    b }
    b | .d
    =>
    (def a [] {(def b [] {<.c>}); (b)})
    <b | .d>
    ----
    def a {
      b | .x
      def b { .c }
    }
    b 1
    =>
    (def a [] {(b) | <.x>; (def b [] {<.c>})})
    (b 1)
    ----
    def f(x): .x; f(1)
    =>
    <def f(x): .x; f(1)>
    ----
    def a(x: y) { }
    =>
    !! expected `,` after `x`, found `:`
    ----
    def a(x, x) { }
    =>
    !! two parameters are called `x`
    ----
    def a(x-y) { }
    =>
    !! a parameter's name has no `-`
    ----
    def a(--x-y, --x_y) { }
    =>
    !! two parameters are called `x_y`
    ----
    def a(r…, x) { }
    =>
    !! no parameter can follow `r…`
    ----
    def a(x = 1, y) { }
    =>
    !! `y` needs a default too
    ----
    def a($x) { }
    =>
    !! a parameter is named without `$`
    ----
    def a(x { }
    echo b
    =>
    (echo b)
    !! this `(` is not closed
    ----
    def if { .a }
    =>
    !! `if` is a word of the language
    ----
    def a-b { .c }
    a-b x | .d
    =>
    (def a-b [] {<.c>})
    (a-b x) | <.d>
    ----
    params a
    =>
    (params [a])
    ----
    #!/usr/bin/env dsh
    # Audits images.
    # Usage: audit
    params image, keep = 5, rest…, --all, --format = table
    =>
    (params [image, keep=5, rest…, --all, --format=table] doc:Audits images.
    Usage: audit)
    ----
    # Head.

    # Above.
    params a
    =>
    (params [a] doc:Above.)
    ----
    params a,
      b = 1, # second
      --c    # third
    echo $a
    =>
    (params [a, b=1 doc:second, --c doc:third])
    (echo $<$a>$a)
    ----
    params
    =>
    (params [])
    ----
    params a b
    =>
    !! expected `,` after `a`, found `b`
    ----
    params a = , b
    =>
    !! expected a default after `a =`, found `,`
    ----
    params --
    =>
    !! expected a parameter after the list's start or `,`
    ----
    filter f: .a;
    =>
    (filter f [] <def    f: .a;>)
    ----
    filter f($x; g): .a | g | $x + $y;
    .b | f(1; 2) | tags
    =>
    (filter f [$x g] <def    f($x; g): .a | g | $x + $y;>$y)
    <.b | f(1; 2)> | (tags)
    ----
    # Doubles.
    filter f: def g: . * 2; g | g; echo x
    =>
    (filter f [] <def    f: def g: . * 2; g | g;> doc:Doubles.)
    (echo x)
    ----
    filter f:
      .a
      | tags;
    .b
    =>
    (filter f [] <def    f:
      .a
      | tags;>)
    <.b>
    ----
    filter f
    =>
    !! expected `:` after `filter f`
    ----
    filter f: .a
    =>
    !! this `filter` has no end
    ----
    filter tags: .a;
    =>
    !! `tags` is a command already
    ----
    filter f(: .a;
    =>
    !! this `(` is not closed
    ----
    try { .a } catch e { echo $e.message }
    =>
    (try {<.a>} catch e {(echo $<$e.message>$e)})
    ----
    try { .a } catch { .b }
    =>
    (try {<.a>} catch - {<.b>})
    ----
    try { .a }
    .b
    =>
    (try {<.a>})
    <.b>
    ----
    try {
      fail "x"
    }
    catch err {
      .a
    }
    =>
    (try {(fail 'x')} catch err {<.a>})
    ----
    try .a catch .b
    =>
    <try .a catch .b>
    ----
    try error("x") catch .
    =>
    <try error("x") catch .>
    ----
    try { .a } catch 5 { .b }
    =>
    !! expected a name after `catch`, found `5`
    ----
    catch e { }
    =>
    !! `catch` without `try`
    ----
    assert (.a)
    =>
    (assert <.a>)
    ----
    assert (images | length > 0) "no \(.x)"
    =>
    (assert (images) | <length > 0> 'no '+'\<.x>)
    ----
    assert .a
    =>
    !! expected `(` after `assert`, found `.a`
    ----
    fail "x \(.y)"
    fail bare
    fail (.a | .b)
    fail $x
    =>
    (fail 'x '+'\<.y>)
    (fail bare)
    (fail (<.a | .b>))
    (fail $<$x>$x)
    ----
    fail
    =>
    !! expected a message after `fail`
    ----
    return
    return (.a)
    return .a | .b
    return (.a), 1
    return images
    =>
    (return)
    (return <.a>)
    (return <.a | .b>)
    (return <(.a), 1>)
    (return (images))
    ----
    each { return }
    =>
    (each {(return)})
    ----
    time images | map(.a) | tags x # c
    let x = time (images) | .a
    time .a; time "x"
    time {a}
    =>
    (time =(images) | <map(.a)> | (tags x))
    (let x (time =(images) | <.a>))
    (time =<.a>)
    (time =<"x">)
    (time {<a>})
    ----
    time { images; .b }
    time
    time --help
    (time time images) | length
    images | time length | tags
    =>
    (time {(images); <.b>})
    (time)
    (time --help)
    (time =(time =(images))) | <length>
    (images) | (time =<length> | (tags))
    ----
    time )
    time images |
    =>
    (time)
    !! unexpected `)`
    !! expected a stage after `|`
    ----
    def time(x) { $x }
    time .a
    =>
    (def time [x] {<$x>$x})
    (time .a)
    ----
    exit; exit 3; exit (.a); exit $x
    =>
    (exit)
    (exit <3>)
    (exit <.a>)
    (exit <$x>$x)
    ----
    exit(3); return(.a); assert(.b) "c"
    =>
    (exit <3>)
    (return <.a>)
    (assert <.b> 'c')
    ----
    source 'a.dsh'
    source a.dsh
    source "x/\(.y)"
    source $x
    =>
    (source 'a.dsh')
    (source a.dsh)
    (source 'x/'+'\<.y>)
    (source $<$x>$x)
    ----
    source
    =>
    !! expected a path after `source`
    ----
    .a

    .b;;.c
    =>
    <.a>
    <.b>
    <.c>
    ----
    # only a comment
    =>

    ----
    {a: 1}
    {b: 2} | tags
    =>
    <{a: 1}>
    <{b: 2}> | (tags)
    ----
    { .a }
    =>
    <{ .a }>
    ----
    [1, 2
    =>
    !! this `[` is not closed
    ----
    }
    .a
    =>
    <.a>
    !! unexpected `}`
    ----
    )
    .a
    =>
    <.a>
    !! unexpected `)`
    ----
    ]
    .a
    =>
    <.a>
    !! unexpected `]`
    ----
    each { .a ) .b }
    .c
    =>
    (each {<.a>})
    <.c>
    !! unexpected `)`
    ----
    each { .a
    .b
    =>
    (each {<.a>; <.b>})
    !! this `{` is not closed
    ----
    if (.a) { for x in (.b) { echo $x
    =>
    (if <.a> {(for x <.b> {(echo $<$x>$x)})})
    !! this `{` is not closed
    !! this `{` is not closed
    ----
    images |
    =>
    !! expected a stage after `|`
    ----
    images | | tags
    =>
    !! expected a stage before `|`
    ----
    images || tags
    =>
    !! expected a stage before `|`
    ----
    | images
    =>
    !! expected a stage before `|`
    ----
    images |; .a
    =>
    <.a>
    !! expected a stage after `|`, found `;`
    ----
    (images |) | .a
    =>
    !! expected a stage after `|`, found `)`
    ----
    'a' | .b
    =>
    !! a stage cannot start with a quoted word
    ----
    .a + ; .b
    =>
    <.b>
    !! expected more after `+`
    ----
    .a + | .b
    =>
    <.a + | .b>
    ----
    .a | 'x'
    =>
    !! jq has no single quotes
    ----
    (.a | 'x'
    =>
    !! jq has no single quotes
    ----
    let x = )
    let y = ]
    let z = 1
    =>
    (let z <1>)
    !! expected a pipeline, found `)`
    !! expected a pipeline, found `]`
    ----
    echo "a
    let y = 2
    echo b
    =>
    (let y <2>)
    (echo b)
    !! this quote is not closed
    ----
    echo (
    let y = 2
    echo b
    =>
    (let y <2>)
    (echo b)
    !! this `(` is not closed
    ----
    let a = 1 let b = 2
    =>
    (let a <1 let b = 2>)
    ----
    for x in (.a) { let }
    if (.b { .c }
    while { }
    echo ok
    =>
    (for x <.a> {})
    <while { }>
    (echo ok)
    !! expected a name after `let`, found `}`
    !! this `(` is not closed
    ----
    each { echo "a }
    let b = 1
    =>
    (each {(let b <1>)})
    !! this `{` is not closed
    !! this quote is not closed
    """##
