/// What is wrong, whole and as it is shown.
let errorCases = ##"""
    .[] as $x | tags
    =>
    error[syntax]: `tags` is a command, and `as` binds a variable for jq alone
      --> test.dsh:1:13
     1 | .[] as $x | tags
       |             ^^^^ expected jq
       = help: keep the value with `let` or walk it with `for`, then use it as `$name`
    ----
    (images | length) + 1
    =>
    error[syntax]: a command's result is no term of a filter
      --> test.dsh:1:19
     1 | (images | length) + 1
       |                   ^ expected `|` or the end
       = help: keep it with `let x = (…)` and use `$x`, or pipe it on
    ----
    "unclosed
    =>
    error[syntax]: this string is not closed
      --> test.dsh:1:1
     1 | "unclosed
       | ^ opened here
       = help: close it with `"`
    ----
    "a\(.b
    =>
    error[syntax]: this `\(` is not closed
      --> test.dsh:1:4
     1 | "a\(.b
       |    ^ opened here
       = help: close it with `)`
    ----
    .a['x']
    =>
    error[syntax]: jq has no single quotes
      --> test.dsh:1:4
     1 | .a['x']
       |    ^
       = help: write a string as "…"; a filter as a whole can stand in quotes as `jq '…'`
    ----
    {a: (1]}
    =>
    error[syntax]: expected `)`, found `]`
      --> test.dsh:1:7
     1 | {a: (1]}
       |       ^ expected `)`
       = help: `(` is open since line 1, column 5
    ----
    if .a { echo x }
    echo b
    =>
    error[syntax]: this `if` is not closed
      --> test.dsh:1:1
     1 | if .a { echo x }
       | ^^ opened here
       = help: jq writes `if … then … else … end`; the shell's own `if (pipeline) { … }` starts a statement
    ----
    if .a then .b
    echo b
    =>
    error[syntax]: this `if` is not closed
      --> test.dsh:1:1
     1 | if .a then .b
       | ^^ opened here
       = help: jq writes `if … then … else … end`; the shell's own `if (pipeline) { … }` starts a statement
    ----
    reduce .[] as $x
    =>
    error[syntax]: this `reduce` is not closed
      --> test.dsh:1:1
     1 | reduce .[] as $x
       | ^^^^^^ opened here
       = help: jq writes `reduce SOURCE as $x (START; UPDATE)`
    ----
    def f: 1;
    =>
    error[syntax]: expected more after `;`
      --> test.dsh:1:9
     1 | def f: 1;
       |         ^ nothing follows
    ----
    jq . .
    =>
    error[syntax]: `jq` takes one filter
      --> test.dsh:1:6
     1 | jq . .
       |      ^ a second one
       = help: its input is what is piped in; quote a filter that has blanks in it
    ----
    jq '.a | ('
    echo b
    =>
    error[syntax]: this `(` is not closed
      --> test.dsh:1:10
     1 | jq '.a | ('
       |          ^ opened here
       = help: close it with `)`
    ----
    tags |= 3
    =>
    error[syntax]: `|=` needs jq on its left
      --> test.dsh:1:6
     1 | tags |= 3
       |      ^^
       = help: a command's result is piped on with `|`
    ----
    try {a: 1} | x
    =>
    error[syntax]: expected the end of the statement, found `|`
      --> test.dsh:1:12
     1 | try {a: 1} | x
       |            ^ unexpected
       = help: put a new line or `;` between statements
    ----
    (images; tags)
    =>
    error[syntax]: expected `)` after the pipeline, found `;`
      --> test.dsh:1:8
     1 | (images; tags)
       |        ^ expected `)`
       = help: parentheses hold one pipeline; statements go into a block
    error[syntax]: unexpected `)`
      --> test.dsh:1:14
     1 | (images; tags)
       |              ^ nothing is open here
    ----
    echo a$(images)b (.a)b $x(.b)
    =>
    error[syntax]: unexpected `(` inside a word
      --> test.dsh:1:26
     1 | echo a$(images)b (.a)b $x(.b)
       |                          ^
       = help: write `$( … )` for a pipeline's value, or quote the word
    ----
    echo a(b)
    =>
    error[syntax]: unexpected `(` inside a word
      --> test.dsh:1:7
     1 | echo a(b)
       |       ^
       = help: write `$( … )` for a pipeline's value, or quote the word
    ----
    echo > file
    =>
    error[syntax]: `>` is no operator of this shell
      --> test.dsh:1:6
     1 | echo > file
       |      ^
       = help: use `| write FILE`; quote it where it is text
    ----
    docker images 2>/dev/null
    =>
    error[syntax]: `2>/dev/null` is no operator of this shell
      --> test.dsh:1:15
     1 | docker images 2>/dev/null
       |               ^^^^^^^^^^^
       = help: errors are caught with `try { … } catch e { … }`, and `| write FILE` writes results; quote it where it is text
    ----
    docker images > list.txt
    =>
    error[syntax]: `>` is no operator of this shell
      --> test.dsh:1:15
     1 | docker images > list.txt
       |               ^
       = help: use `| write FILE` for values, `| !cat > FILE` for Docker's text; quote it where it is text
    ----
    docker image save nginx >a.tar; save nginx > a.tar
    =>
    error[syntax]: `>a.tar` is no operator of this shell
      --> test.dsh:1:25
     1 | docker image save nginx >a.tar; save nginx > a.tar
       |                         ^^^^^^
       = help: use `-o FILE`; quote it where it is text
    error[syntax]: `>` is no operator of this shell
      --> test.dsh:1:44
     1 | docker image save nginx >a.tar; save nginx > a.tar
       |                                            ^
       = help: use `-o FILE`; quote it where it is text
    ----
    docker import - < a.tar
    =>
    error[syntax]: `<` is no operator of this shell
      --> test.dsh:1:17
     1 | docker import - < a.tar
       |                 ^
       = help: name the file instead of `-`; quote it where it is text
    ----
    for x in (1, 2) { $x } | collect
    =>
    error[syntax]: a statement with a block is no stage of a pipeline
      --> test.dsh:1:24
     1 | for x in (1, 2) { $x } | collect
       |                        ^ unexpected
       = help: `… | each { … } | collect` is one; or put the statement into a `def` and pipe that on
    ----
    docker load <images.tar
    =>
    error[syntax]: `<images.tar` is no operator of this shell
      --> test.dsh:1:13
     1 | docker load <images.tar
       |             ^^^^^^^^^^^
       = help: use `-i FILE`; quote it where it is text
    ----
    echo a && echo b
    =>
    error[syntax]: `&&` is no operator of this shell
      --> test.dsh:1:8
     1 | echo a && echo b
       |        ^^
       = help: an error stops a script, so a new line or `;` does it; quote it where it is text
    ----
    echo ${x}
    =>
    error[syntax]: `${ … }` is no form of this shell
      --> test.dsh:1:6
     1 | echo ${x}
       |      ^^^^
       = help: write `$x`, or `\($x)` where more text follows
    ----
    echo ${x
    =>
    error[syntax]: `${ … }` is no form of this shell
      --> test.dsh:1:6
     1 | echo ${x
       |      ^^^
       = help: write `$x`, or `\($x)` where more text follows
    ----
    echo "\q"
    =>
    error[syntax]: unknown escape `\q`
      --> test.dsh:1:7
     1 | echo "\q"
       |       ^^
       = help: there are \n \t \r \b \f \" \\ \/ \$ \uXXXX and \( … ); a backslash itself is \\
    ----
    echo "\u12"
    =>
    error[syntax]: `\u` needs four hexadecimal digits that name a character
      --> test.dsh:1:7
     1 | echo "\u12"
       |       ^^
    ----
    echo "\ud800"
    =>
    error[syntax]: `\u` needs four hexadecimal digits that name a character
      --> test.dsh:1:7
     1 | echo "\ud800"
       |       ^^^^^^
    ----
    echo "\()"
    =>
    error[syntax]: expected a filter inside `\( … )`
      --> test.dsh:1:7
     1 | echo "\()"
       |       ^^^
       = help: `\(.)` is the input itself
    ----
    echo "a
    =>
    error[syntax]: this quote is not closed
      --> test.dsh:1:6
     1 | echo "a
       |      ^ opened here
       = help: close it with `"`
    ----
    echo 'a
    =>
    error[syntax]: this quote is not closed
      --> test.dsh:1:6
     1 | echo 'a
       |      ^ opened here
       = help: close it with `'`
    ----
    echo (a
    =>
    error[syntax]: this `(` is not closed
      --> test.dsh:1:6
     1 | echo (a
       |      ^ opened here
       = help: close it with `)`
    ----
    echo \
    =>
    error[syntax]: a `\` at the end of the text escapes nothing
      --> test.dsh:1:6
     1 | echo \
       |      ^
    ----
    echo }
    =>
    error[syntax]: unexpected `}`
      --> test.dsh:1:6
     1 | echo }
       |      ^ nothing is open here
       = help: quote it where it is text: `'}'`
    ----
    echo )
    =>
    error[syntax]: unexpected `)`
      --> test.dsh:1:6
     1 | echo )
       |      ^ nothing is open here
    ----
    echo ()
    =>
    error[syntax]: expected a pipeline, found `)`
      --> test.dsh:1:7
     1 | echo ()
       |       ^
    ----
    echo (images;)
    =>
    error[syntax]: expected `)` after the pipeline, found `;`
      --> test.dsh:1:13
     1 | echo (images;)
       |             ^ expected `)`
       = help: parentheses hold one pipeline; statements go into a block
    error[syntax]: unexpected `)`
      --> test.dsh:1:14
     1 | echo (images;)
       |              ^ nothing is open here
    ----
    !echo "a
    =>
    error[syntax]: this `"` is not closed
      --> test.dsh:1:7
     1 | !echo "a
       |       ^ opened here
    ----
    !echo 'a
    =>
    error[syntax]: this quote is not closed
      --> test.dsh:1:7
     1 | !echo 'a
       |       ^ opened here
    ----
    !
    =>
    error[syntax]: expected a program after `!`
      --> test.dsh:1:2
     1 | !
       |  ^ the text ends here
    ----
    images | !
    =>
    error[syntax]: expected a program after `!`
      --> test.dsh:1:11
     1 | images | !
       |           ^ the text ends here
    ----
    let x =
      images
    =>
    error[syntax]: expected a value after `=`
      --> test.dsh:1:8
     1 | let x =
       |        ^ the line ends here
    ----
    let x
    =>
    error[syntax]: expected `=` after `let x`
      --> test.dsh:1:6
     1 | let x
       |      ^ the text ends here
       = help: write `let x = pipeline`
    ----
    let
    =>
    error[syntax]: expected a name after `let`
      --> test.dsh:1:4
     1 | let
       |    ^ the text ends here
    ----
    let $x = 1
    =>
    error[syntax]: a variable is named without `$` where it is set
      --> test.dsh:1:5
     1 | let $x = 1
       |     ^^
       = help: write `x`; `$` is for using it
    ----
    let my-x = 1
    =>
    error[syntax]: a variable's name has no `-`
      --> test.dsh:1:5
     1 | let my-x = 1
       |     ^^^^
       = help: use letters, digits and `_`
    ----
    let x == 1
    =>
    error[syntax]: expected `=` after `let x`, found `==`
      --> test.dsh:1:7
     1 | let x == 1
       |       ^^ expected `=`
       = help: write `let x = pipeline`
    ----
    let 1 = 2
    =>
    error[syntax]: expected a name after `let`, found `1`
      --> test.dsh:1:5
     1 | let 1 = 2
       |     ^ expected a name
    ----
    if (.a) { .b } .c
    =>
    error[syntax]: expected the end of the statement, found `.c`
      --> test.dsh:1:16
     1 | if (.a) { .b } .c
       |                ^^ unexpected
       = help: put a new line or `;` between statements
    ----
    if (.a) .b
    =>
    error[syntax]: this `if` is not closed
      --> test.dsh:1:1
     1 | if (.a) .b
       | ^^ opened here
       = help: jq writes `if … then … else … end`; the shell's own `if (pipeline) { … }` starts a statement
    ----
    if
    =>
    error[syntax]: this `if` is not closed
      --> test.dsh:1:1
     1 | if
       | ^^ opened here
       = help: jq writes `if … then … else … end`; the shell's own `if (pipeline) { … }` starts a statement
    ----
    if ( { .a }
    echo b
    =>
    error[syntax]: this `(` is not closed
      --> test.dsh:1:4
     1 | if ( { .a }
       |    ^ opened here
       = help: close it with `)`
    ----
    else { .a }
    echo b
    =>
    error[syntax]: `else` without `if`
      --> test.dsh:1:1
     1 | else { .a }
       | ^^^^
       = help: `else` follows the `}` of the block before it
    ----
    if (.a) { .b } ; else { .c }
    =>
    error[syntax]: `else` without `if`
      --> test.dsh:1:18
     1 | if (.a) { .b } ; else { .c }
       |                  ^^^^
       = help: `else` follows the `}` of the block before it
    ----
    for x in images { }
    =>
    error[syntax]: expected `(` after `in`, found `images`
      --> test.dsh:1:10
     1 | for x in images { }
       |          ^^^^^^ expected `(`
       = help: put the pipeline in parentheses
    ----
    for x of (y) { }
    =>
    error[syntax]: expected `in` after `for x`, found `of`
      --> test.dsh:1:7
     1 | for x of (y) { }
       |       ^^ expected `in`
       = help: write `for x in (pipeline) { … }`
    ----
    for $x in (y) { }
    =>
    error[syntax]: a variable is named without `$` where it is set
      --> test.dsh:1:5
     1 | for $x in (y) { }
       |     ^^
       = help: write `x`; `$` is for using it
    ----
    for x in (y) parallel { }
    =>
    error[syntax]: expected a number after `parallel`, found `{`
      --> test.dsh:1:23
     1 | for x in (y) parallel { }
       |                       ^ expected a number
    ----
    for x in (y) .a
    =>
    error[syntax]: expected `{` after the values, found `.a`
      --> test.dsh:1:14
     1 | for x in (y) .a
       |              ^^ expected `{`
    ----
    break 3
    =>
    error[syntax]: expected the end of the statement, found `3`
      --> test.dsh:1:7
     1 | break 3
       |       ^ unexpected
       = help: put a new line or `;` between statements
    ----
    def a(x: y) { }
    =>
    error[syntax]: expected `,` after `x`, found `:`
      --> test.dsh:1:8
     1 | def a(x: y) { }
       |        ^ expected `,`
       = help: commas part parameters
    ----
    def a(x, x) { }
    =>
    error[syntax]: two parameters are called `x`
      --> test.dsh:1:10
     1 | def a(x, x) { }
       |          ^
       = help: as variables `-` and `_` are the same
    ----
    def a(x-y) { }
    =>
    error[syntax]: a parameter's name has no `-`
      --> test.dsh:1:7
     1 | def a(x-y) { }
       |       ^^^
       = help: use letters, digits and `_`; an option starts with `--`
    ----
    def a(--x-y, --x_y) { }
    =>
    error[syntax]: two parameters are called `x_y`
      --> test.dsh:1:16
     1 | def a(--x-y, --x_y) { }
       |                ^^^
       = help: as variables `-` and `_` are the same
    ----
    def a(r…, x) { }
    =>
    error[syntax]: no parameter can follow `r…`
      --> test.dsh:1:11
     1 | def a(r…, x) { }
       |           ^
       = help: `r…` takes all that is left: put it last
    ----
    def a(x = 1, y) { }
    =>
    error[syntax]: `y` needs a default too
      --> test.dsh:1:14
     1 | def a(x = 1, y) { }
       |              ^
       = help: `x` before it has one, so it could never be left out
    ----
    def a($x) { }
    =>
    error[syntax]: a parameter is named without `$`
      --> test.dsh:1:7
     1 | def a($x) { }
       |       ^^
    ----
    def a(x { }
    echo b
    =>
    error[syntax]: this `(` is not closed
      --> test.dsh:1:6
     1 | def a(x { }
       |      ^ opened here
       = help: close it with `)`
    ----
    def if { .a }
    =>
    error[syntax]: `if` is a word of the language
      --> test.dsh:1:5
     1 | def if { .a }
       |     ^^
       = help: give the command another name
    ----
    if true; then echo 1; else echo 2; fi; let = 1
    =>
    error[syntax]: `if …; then` is a form of another shell
      --> test.dsh:1:1
     1 | if true; then echo 1; else echo 2; fi; let = 1
       | ^^^^^^^^^^^^^
       = help: write `if (pipeline) { … } else { … }`
    error[syntax]: expected a name after `let`, found `=`
      --> test.dsh:1:44
     1 | if true; then echo 1; else echo 2; fi; let = 1
       |                                            ^ expected a name
    ----
    for i in a b; do echo "fi"
      echo 'done'
    done
    let = 1
    =>
    error[syntax]: `for …; do` is a form of another shell
      --> test.dsh:1:1
     1 | for i in a b; do echo "fi"
       | ^^^^^^^^^^^^^^^^
       = help: write `for NAME in (pipeline) { … }`
    error[syntax]: expected a name after `let`, found `=`
      --> test.dsh:4:5
     4 | let = 1
       |     ^ expected a name
    ----
    while true ;do
    =>
    error[syntax]: `while …; do` is a form of another shell
      --> test.dsh:1:1
     1 | while true ;do
       | ^^^^^^^^^^^^^^
       = help: write `while (pipeline) { … }`
    ----
    echo {a: 1} | length; let = 1
    =>
    error[syntax]: `{` opens a block here, and this is an object
      --> test.dsh:1:6
     1 | echo {a: 1} | length; let = 1
       |      ^
       = help: an object as an argument stands in parentheses: `echo ({a: 1})`
    error[syntax]: expected a name after `let`, found `=`
      --> test.dsh:1:27
     1 | echo {a: 1} | length; let = 1
       |                           ^ expected a name
    ----
    let n = $(images | length)
    =>
    error[syntax]: `$( … )` is a word, and a stage starts here
      --> test.dsh:1:9
     1 | let n = $(images | length)
       |         ^^
       = help: leave out the `$`: a pipeline is a value as it is, in `( … )` where more follows
    ----
    echo `images`
    =>
    error[syntax]: backticks run nothing here
      --> test.dsh:1:6
     1 | echo `images`
       |      ^^^^^^^^
       = help: `( … )` puts the values of a pipeline in, as in `echo (images | .[0])`; quote it where it is text
    ----
    exit 3 4
    =>
    error[syntax]: `exit` takes one status
      --> test.dsh:1:8
     1 | exit 3 4
       |        ^ a second value
       = help: write `exit 3`
    ----
    def f(a, --n 3) { $a }
    =>
    error[syntax]: expected `,` after `n`, found `3`
      --> test.dsh:1:14
     1 | def f(a, --n 3) { $a }
       |              ^ expected `,`
       = help: an option with a default is `--n = 3`
    ----
    params a b
    =>
    error[syntax]: expected `,` after `a`, found `b`
      --> test.dsh:1:10
     1 | params a b
       |          ^ expected `,`
       = help: commas part parameters
    ----
    params a = , b
    =>
    error[syntax]: expected a default after `a =`, found `,`
      --> test.dsh:1:12
     1 | params a = , b
       |            ^ expected a default
    ----
    params --
    =>
    error[syntax]: expected a parameter after the list's start or `,`
      --> test.dsh:1:10
     1 | params --
       |          ^ the text ends here
       = help: `name`, `name = default`, `rest…`, `--flag`, `--option = default`
    ----
    filter f
    =>
    error[syntax]: expected `:` after `filter f`
      --> test.dsh:1:9
     1 | filter f
       |         ^ the text ends here
       = help: write `filter f: jq body;`
    ----
    filter f: .a
    =>
    error[syntax]: this `filter` has no end
      --> test.dsh:1:8
     1 | filter f: .a
       |        ^ its body starts here
       = help: end the body with `;`
    ----
    filter tags: .a;
    =>
    error[syntax]: `tags` is a command already
      --> test.dsh:1:8
     1 | filter tags: .a;
       |        ^^^^
       = help: give the filter another name
    ----
    filter f(: .a;
    =>
    error[syntax]: this `(` is not closed
      --> test.dsh:1:9
     1 | filter f(: .a;
       |         ^ opened here
       = help: close it with `)`
    ----
    try { .a } catch 5 { .b }
    =>
    error[syntax]: expected a name after `catch`, found `5`
      --> test.dsh:1:18
     1 | try { .a } catch 5 { .b }
       |                  ^ expected a name
    ----
    catch e { }
    =>
    error[syntax]: `catch` without `try`
      --> test.dsh:1:1
     1 | catch e { }
       | ^^^^^
       = help: `catch` follows the `}` of the block before it
    ----
    assert .a
    =>
    error[syntax]: expected `(` after `assert`, found `.a`
      --> test.dsh:1:8
     1 | assert .a
       |        ^^ expected `(`
       = help: put the pipeline in parentheses
    ----
    fail
    =>
    error[syntax]: expected a message after `fail`
      --> test.dsh:1:5
     1 | fail
       |     ^ the text ends here
    ----
    source
    =>
    error[syntax]: expected a path after `source`
      --> test.dsh:1:7
     1 | source
       |       ^ the text ends here
    ----
    [1, 2
    =>
    error[syntax]: this `[` is not closed
      --> test.dsh:1:1
     1 | [1, 2
       | ^ opened here
       = help: close it with `]`
    ----
    }
    .a
    =>
    error[syntax]: unexpected `}`
      --> test.dsh:1:1
     1 | }
       | ^ nothing is open here
    ----
    )
    .a
    =>
    error[syntax]: unexpected `)`
      --> test.dsh:1:1
     1 | )
       | ^ nothing is open here
    ----
    ]
    .a
    =>
    error[syntax]: unexpected `]`
      --> test.dsh:1:1
     1 | ]
       | ^ nothing is open here
    ----
    each { .a ) .b }
    .c
    =>
    error[syntax]: unexpected `)`
      --> test.dsh:1:11
     1 | each { .a ) .b }
       |           ^ nothing is open here
    ----
    each { .a
    .b
    =>
    error[syntax]: this `{` is not closed
      --> test.dsh:1:6
     1 | each { .a
       |      ^ opened here
       = help: close the block with `}`
    ----
    if (.a) { for x in (.b) { echo $x
    =>
    error[syntax]: this `{` is not closed
      --> test.dsh:1:9
     1 | if (.a) { for x in (.b) { echo $x
       |         ^ opened here
       = help: close the block with `}`
    error[syntax]: this `{` is not closed
      --> test.dsh:1:25
     1 | if (.a) { for x in (.b) { echo $x
       |                         ^ opened here
       = help: close the block with `}`
    ----
    images |
    =>
    error[syntax]: expected a stage after `|`
      --> test.dsh:1:8
     1 | images |
       |        ^ nothing follows
    ----
    images | | tags
    =>
    error[syntax]: expected a stage before `|`
      --> test.dsh:1:10
     1 | images | | tags
       |          ^
    ----
    images || tags
    =>
    error[syntax]: expected a stage before `|`
      --> test.dsh:1:9
     1 | images || tags
       |         ^
       = help: there is no `||`: use `try { … } catch e { … }`
    ----
    | images
    =>
    error[syntax]: expected a stage before `|`
      --> test.dsh:1:1
     1 | | images
       | ^
    ----
    images |; .a
    =>
    error[syntax]: expected a stage after `|`, found `;`
      --> test.dsh:1:9
     1 | images |; .a
       |         ^ expected a stage
    ----
    (images |) | .a
    =>
    error[syntax]: expected a stage after `|`, found `)`
      --> test.dsh:1:10
     1 | (images |) | .a
       |          ^ expected a stage
    ----
    'a' | .b
    =>
    error[syntax]: a stage cannot start with a quoted word
      --> test.dsh:1:1
     1 | 'a' | .b
       | ^
       = help: jq text stands unquoted; `jq '…'` is the form with quotes
    ----
    .a + ; .b
    =>
    error[syntax]: expected more after `+`
      --> test.dsh:1:4
     1 | .a + ; .b
       |    ^ nothing follows
    ----
    .a | 'x'
    =>
    error[syntax]: jq has no single quotes
      --> test.dsh:1:6
     1 | .a | 'x'
       |      ^
       = help: write a string as "…"; a filter as a whole can stand in quotes as `jq '…'`
    ----
    (.a | 'x'
    =>
    error[syntax]: jq has no single quotes
      --> test.dsh:1:7
     1 | (.a | 'x'
       |       ^
       = help: write a string as "…"; a filter as a whole can stand in quotes as `jq '…'`
    ----
    let x = )
    let y = ]
    let z = 1
    =>
    error[syntax]: expected a pipeline, found `)`
      --> test.dsh:1:9
     1 | let x = )
       |         ^
    error[syntax]: expected a pipeline, found `]`
      --> test.dsh:2:9
     2 | let y = ]
       |         ^
    ----
    echo "a
    let y = 2
    echo b
    =>
    error[syntax]: this quote is not closed
      --> test.dsh:1:6
     1 | echo "a
       |      ^ opened here
       = help: close it with `"`
    ----
    echo (
    let y = 2
    echo b
    =>
    error[syntax]: this `(` is not closed
      --> test.dsh:1:6
     1 | echo (
       |      ^ opened here
       = help: close it with `)`
    ----
    for x in (.a) { let }
    if (.b { .c }
    while { }
    echo ok
    =>
    error[syntax]: expected a name after `let`, found `}`
      --> test.dsh:1:21
     1 | for x in (.a) { let }
       |                     ^ expected a name
    error[syntax]: this `(` is not closed
      --> test.dsh:2:4
     2 | if (.b { .c }
       |    ^ opened here
       = help: close it with `)`
    ----
    each { echo "a }
    let b = 1
    =>
    error[syntax]: this `{` is not closed
      --> test.dsh:1:6
     1 | each { echo "a }
       |      ^ opened here
       = help: close the block with `}`
    error[syntax]: this quote is not closed
      --> test.dsh:1:13
     1 | each { echo "a }
       |             ^ opened here
       = help: close it with `"`
    """##
