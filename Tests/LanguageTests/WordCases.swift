/// Commands, their words, blocks and programs.
let wordsCases = ##"""
    echo
    =>
    (echo)
    ----
    echo a b  c	d
    =>
    (echo a b c d)
    ----
    echo 'a b' "c d" 'a'b"c"
    =>
    (echo 'a b' 'c d' 'a'+b+'c')
    ----
    echo '' ""
    =>
    (echo '' '')
    ----
    echo a'' ''
    =>
    (echo a+'' '')
    ----
    echo "a\n\t\"\\\/\u0041\ud83d\ude00\$x"
    =>
    (echo 'a
    	"\/A😀$x')
    ----
    echo a\ b \'c \"d \\ \| \; \# \$x
    =>
    (echo a b 'c "d \ | ; # $x)
    ----
    echo "a \(.x) b\(.y)"
    =>
    (echo 'a '+'\<.x>+' b'+'\<.y>)
    ----
    echo "\(.x)"
    =>
    (echo '\<.x>)
    ----
    echo \(.x) a\(.x | f)b
    =>
    (echo \<.x> a+\<.x | f>+b)
    ----
    echo "\("a\("b")")"
    =>
    (echo '\<"a\("b")">)
    ----
    echo $x $x.a $x.a.b $x[0] $x["a b"].c $x[] $x.a[0][1]
    =>
    (echo $<$x>$x $<$x.a>$x $<$x.a.b>$x $<$x[0]>$x $<$x["a b"].c>$x $<$x[]>$x $<$x.a[0][1]>$x)
    ----
    echo $x.tar.gz $x/y $x-y $x:$y $x$y $x, $x. $x.. $x.1
    =>
    (echo $<$x.tar.gz>$x $<$x>$x+/y $<$x>$x+-y $<$x>$x+:+$<$y>$y $<$x>$x+$<$y>$y $<$x>$x+, $<$x>$x+. $<$x>$x+.. $<$x>$x+.1)
    ----
    echo $ a$ $1 $$ $- $x_1
    =>
    (echo $ a$ $1 $$ $- $<$x_1>$x_1)
    ----
    echo $x[$i].b $x[.a | length]
    =>
    (echo $<$x[$i].b>$x,i $<$x[.a | length]>$x)
    ----
    echo $ENV.HOME $__loc__ $ENV
    =>
    (echo $<$ENV.HOME> $<$__loc__> $<$ENV>)
    ----
    echo (images) $(images | length) (.a) (1 + 2)
    =>
    (echo ((images)) ((images) | <length>) (<.a>) (<1 + 2>))
    ----
    echo a$(images)b (.a)b $x(.b)
    =>
    !! unexpected `(` inside a word
    ----
    echo a(b)
    =>
    !! unexpected `(` inside a word
    ----
    echo --n=(images -q) --n=$(.a) --n=$x.a --n='v'
    =>
    (echo --n=+((images -q)) --n=+(<.a>) --n=+$<$x.a>$x --n=+'v')
    ----
    images | head -1 | grep -v 'x' | head - 1 | f -1
    =>
    (images) | (head -1) | (grep -v 'x') | <head - 1 | f -1>
    ----
    echo -n=(.a)
    =>
    !! unexpected `(` inside a word
    ----
    echo --n=a(.a)
    =>
    !! unexpected `(` inside a word
    ----
    echo (echo (echo (.a)))
    =>
    (echo ((echo ((echo (<.a>))))))
    ----
    echo (images
      -q
      | .[0]) b
    =>
    (echo ((images -q) | <.[0]>) b)
    ----
    echo ( # c
     .a )
    =>
    (echo (<.a>))
    ----
    echo --format='{{.Config.Cmd}}' --format="x y" --format {{json .}} {{ .ID | json "x" }}
    =>
    (echo --format=+'{{.Config.Cmd}}' --format=+'x y' --format {{json .}} {{ .ID | json "x" }})
    ----
    echo {{a
    =>
    (echo {{a)
    ----
    echo {{a}}{{b}} x{{a}} {{{a}}}
    =>
    (echo {{a}}{{b}} x{{a}} {{{a}}})
    ----
    echo -q --all -n5 --x=y --x= =y -
    =>
    (echo -q --all -n5 --x=y --x= =y -)
    ----
    echo nginx:1.25@sha256:abc ghcr.io/a/b https://x.y/z?a=b&c=d#e [::1]:5000/x localhost:5000/a
    =>
    (echo nginx:1.25@sha256:abc ghcr.io/a/b https://x.y/z?a=b&c=d#e [::1]:5000/x localhost:5000/a)
    ----
    echo * ? ~ ~/x a*b [a-z] % @ : , . .. ... / + ^ !
    =>
    (echo * ? ~ ~/x a*b [a-z] % @ : , . .. ... / + ^ !)
    ----
    echo a#b # c
    =>
    (echo a#b)
    ----
    echo a;echo b ; echo c
    =>
    (echo a)
    (echo b)
    (echo c)
    ----
    echo a|echo b | echo c
    =>
    (echo a) | (echo b) | (echo c)
    ----
    echo a{b}c {a,b}
    =>
    (echo a{b}c {<a,b>})
    ----
    each { echo a{b}c }
    =>
    (each {(echo a{b}c)})
    ----
    each {echo a}
    =>
    (each {(echo a)})
    ----
    each { echo {} }
    =>
    (each {(echo {})})
    ----
    each {.a}; echo b
    =>
    (each {<.a>})
    (echo b)
    ----
    each { .a } | .b
    =>
    (each {<.a>}) | <.b>
    ----
    each -n 4 { each { .a; .b } }
    =>
    (each -n 4 {(each {<.a>; <.b>})})
    ----
    time { pull a } | .x
    =>
    (time {(pull a)}) | <.x>
    ----
    watch 5s {
      images
      | .[0]

      echo a # b
    }
    =>
    (watch 5s {(images) | <.[0]>; (echo a)})
    ----
    each { {a: 1} | .b }
    =>
    (each {<{a: 1} | .b>})
    ----
    each { {a: 1} }
    =>
    (each {<{a: 1}>})
    ----
    each { [{a: {b: 1}}] | tags }
    =>
    (each {<[{a: {b: 1}}]> | (tags)})
    ----
    (each { .a }) | .b
    =>
    (each {<.a>}) | <.b>
    ----
    let x = (each { .a
    .b } | collect)
    =>
    (let x (each {<.a>; <.b>}) | (collect))
    ----
    echo a\
    b c \
      d
    =>
    (echo ab c d)
    ----
    echo "a\
    b"
    =>
    (echo 'ab')
    ----
    echo "a
    b" 'c
    d'
    =>
    (echo 'a
    b' 'c
    d')
    ----
    echo > file
    =>
    !! `>` is no operator of this shell
    ----
    echo a && echo b
    =>
    !! `&&` is no operator of this shell
    ----
    echo '>' ">=1" >=1 a>b
    =>
    (echo '>' '>=1' >=1 a>b)
    ----
    echo ${x}
    =>
    !! `${ … }` is no form of this shell
    ----
    echo ${x
    =>
    !! `${ … }` is no form of this shell
    ----
    echo "\q"
    =>
    !! unknown escape `\q`
    ----
    echo "\u12"
    =>
    !! `\u` needs four hexadecimal digits that name a character
    ----
    echo "\ud800"
    =>
    !! `\u` needs four hexadecimal digits that name a character
    ----
    echo "\()"
    =>
    !! expected a filter inside `\( … )`
    ----
    echo "a
    =>
    !! this quote is not closed
    ----
    echo 'a
    =>
    !! this quote is not closed
    ----
    echo (a
    =>
    !! this `(` is not closed
    ----
    echo \
    =>
    !! a `\` at the end of the text escapes nothing
    ----
    echo }
    =>
    !! unexpected `}`
    ----
    echo a}
    =>
    (echo a})
    ----
    echo )
    =>
    (echo)
    !! unexpected `)`
    ----
    echo ]
    =>
    (echo ])
    ----
    echo ()
    =>
    !! expected a pipeline, found `)`
    ----
    echo (images;)
    =>
    !! expected `)` after the pipeline, found `;`
    !! unexpected `)`
    ----
    echo "é日本😀" é日本😀
    =>
    (echo 'é日本😀' é日本😀)
    ----
    docker run --rm -it -v "$x":/a 'b c' | .x
    =>
    (docker run --rm -it -v $<$x>$x+:/a 'b c') | <.x>
    ----
    docker images --format "table {{.ID}}\t{{.Tag}}\"\$x\\"
    =>
    (docker images --format 'table {{.ID}}\t{{.Tag}}"$x\')
    ----
    docker images --filter "dangling=true" -q --no-trunc
    =>
    (docker images --filter 'dangling=true' -q --no-trunc)
    ----
    docker image ls --format '{{.Repository}}:{{.Tag}}' | .x
    =>
    (docker image ls --format '{{.Repository}}:{{.Tag}}') | <.x>
    ----
    !ls
    =>
    (!ls)
    ----
    ! ls -l  
    =>
    (!ls -l)
    ----
    !ls -l | wc -l
    =>
    (!ls -l) | (wc -l)
    ----
    !ls | !wc -l
    =>
    (!ls) | (!wc -l)
    ----
    !(ls | wc -l; echo a) | length
    =>
    (!(ls | wc -l; echo a)) | <length>
    ----
    !a && b || c | .x
    =>
    (!a && b || c) | <.x>
    ----
    !echo "a | b; c" 'd | e' `f | g` $(h | i) ${j} \| k | .x
    =>
    (!echo "a | b; c" 'd | e' `f | g` $(h | i) ${j} \| k) | <.x>
    ----
    !echo "it's" 'say "x"' # comment
    =>
    (!echo "it's" 'say "x"')
    ----
    !echo a#b
    =>
    (!echo a#b)
    ----
    !echo \(.x) "\(.y)" '\(.z)' "$(echo \(.a))"
    =>
    (!echo <.x> ""<.y>" '\(.z)' "$(echo <.a>)")
    ----
    !sed 's/\(a\)/b/' | .x
    =>
    (!sed 's/\(a\)/b/') | <.x>
    ----
    each { !echo {a} }
    =>
    (each {(!echo {a})})
    ----
    each { !echo a } | .x
    =>
    (each {(!echo a)}) | <.x>
    ----
    (!ls
     -l) | .x
    =>
    (!ls
     -l) | <.x>
    ----
    !ls \
      -l
    .x
    =>
    (!ls \
      -l)
    <.x>
    ----
    !echo "a
    =>
    !! this `"` is not closed
    ----
    !echo 'a
    =>
    !! this quote is not closed
    ----
    !
    =>
    !! expected a program after `!`
    ----
    images | !
    =>
    !! expected a program after `!`
    ----
    .x | !cat | .y
    =>
    <.x> | (!cat) | <.y>
    ----
    !cat <<< "\(.a | tojson)" > /dev/null 2>&1 | length
    =>
    (!cat <<< ""<.a | tojson>" > /dev/null 2>&1) | <length>
    """##
