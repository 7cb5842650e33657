/// Scripts and their layout.
let formatCases = ##"""
    images   -q|length;let x=1 ;  $x
    =>
    images -q | length
    let x = 1
    $x
    ----
    #!/usr/bin/env dsh
    # What it does.


    params   a,b = 1 ,--flag,--option='x' # the last


    let x = ( images | length )   # how many
      # above
    $x
    # end
    =>
    #!/usr/bin/env dsh
    # What it does.

    params a, b = 1, --flag, --option = 'x'  # the last

    let x = (images | length)  # how many
    # above
    $x
    # end
    ----
    f --n=( images|length )  --m=$( .a|length )
    =>
    f --n=(images | length) --m=$(.a|length)
    ----
    if(.a){echo   b}else   if ( $x ) {
    echo c;echo d
    } else { }
    =>
    if (.a) { echo b } else if ($x) {
      echo c
      echo d
    } else { }
    ----
    for x in (1,2) parallel 4 --keep-going{


          # first
      $x

      # last

    }
    =>
    for x in (1,2) parallel 4 --keep-going {
      # first
      $x

      # last
    }
    ----
    images # all of them
    |map(.Size |
           . + 1)  # sizes
      | # together
    add
    =>
    images  # all of them
      | map(.Size |
             . + 1)  # sizes
        | # together
      add
    ----
    each {
    let x = {
      a: "two
      lines",  # kept
      b: 1
    }
        }
    =>
    each {
      let x = {
        a: "two
      lines",  # kept
        b: 1
      }
    }
    ----
    # Doc.
    def  f ( a,   # the first
       # about the next
       b = (images|length),
       --flag ) {
    return ( . )  }
    def g(){ break }
    =>
    # Doc.
    def f(
      a,  # the first
      # about the next
      b = (images | length),
      --flag
    ) {
      return (.)
    }
    def g() { break }
    ----
    try{ fail "x" }
    # if that fails
    catch   e { $e }
    while ( false ) { }   # never
    =>
    try { fail "x" }
    # if that fails
    catch e { $e }
    while (false) { }  # never
    ----
    tag $(images|.[0])   "b \(.c | d)" 'e  f' \
        --more   $x.y[0]
    !ls   -l |  # not ours
      length
    jq   -r   '.a | .b'
    filter  f( $x ):  $x+
       1 ;
    =>
    tag $(images | .[0]) "b \(.c | d)" 'e  f' \
      --more $x.y[0]
    !ls   -l  # not ours
      | length
    jq -r '.a | .b'
    filter  f( $x ):  $x+
       1 ;
    ----
    let x = ( # here
      images )
    assert ( 1 == 1 )   "fine"; exit(3)
    time   images|length
    (images | length)|. + 1
    =>
    let x = ( # here
      images )
    assert (1 == 1) "fine"
    exit (3)
    time images | length
    (images | length) | . + 1
    ----
    params a,  # first
      rest...   # others
    if ($a) { # why
      $a }
    =>
    params a,  # first
      rest...  # others
    if ($a) {  # why
      $a
    }
    """##
