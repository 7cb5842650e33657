/// The grammar as `help grammar` prints it. What the parser does is what stands here.
package enum Grammar {
    /// The lines of the page that show the statement that begins with `keyword`; nil where there is none.
    package static func statement(_ keyword: String) -> String? {
        let lines = text.split(separator: "\n").filter { line in
            line.drop { $0 == " " }.hasPrefix("'") && line.contains("'\(keyword)'") && !line.contains(" = ")
        }
        return keyword.allSatisfy(\.isLetter) && !lines.isEmpty ? lines.joined(separator: "\n") : nil
    }

    package static let text = ##"""
        THE GRAMMAR OF DSH

        Notation: 'x' is that text; A? may be left out; A* any number, A+ at least one; A | B either; blanks may
        stand between any two parts of a statement. NAME is a letter or _, then letters, digits and _; COMMAND may
        have - too.

        Script
          script      = statement (separator statement)*
          separator   = line end | ';'
          block       = '{' script '}'
          comment     = '#' to the end of the line, where a word could start

        A line end does not count inside ( ), [ ], a string, behind a `|` or an operator of jq, behind a `\`, and
        where the next line starts with `|`. Blank lines and comments may stand in between. (At the prompt a line
        that is whole runs at once, so there only an end of line that asks for more goes on.)

        Statements
          pipeline
          'let' NAME '=' value
          'if' condition block ('else' 'if' condition block)* ('else' block)?
          'for' NAME 'in' condition ('parallel' word '--keep-going'?)? block
          'while' condition block
          'break'   'continue'
          'def' COMMAND ('(' parameters ')')? block
          'params' parameters
          'filter' NAME ('(' jq parameters ')')? ':' jq text ';'
          'try' block ('catch' NAME? block)?            without catch the error is dropped
          'assert' condition word?
          'fail' word
          'return' value?    'exit' value?
          'source' word

          condition   = '(' pipeline ')' | variable
          value       = pipeline | '(' pipeline ')'
          parameters  = (parameter (',' parameter)*)?   a line may end behind a comma
          parameter   = NAME | NAME '=' word | NAME '…' | '--' COMMAND | '--' COMMAND '=' word
                        a parameter with a default, and then `rest…`, come last among those without --;
                        `...` is `…`; --dry-run is $dry_run; in a default a word ends at a comma too

        `else` and `catch` may stand on the line behind the `}`. The comment lines directly above `def`, `params` and
        `filter` are their help; a comment that ends a parameter's line is the parameter's. A `def` is a command in
        all of the block it stands in, also above itself.

        `if`, `try`, `def`, `while` and `break` are words of jq too. They start a statement of the shell where
        its form follows: `if (…) {`, `while (…) {`, `try {`, `def NAME {` or `def NAME(…) {`, `break` alone. Else they are jq.

        Pipelines
          pipeline    = stage ('|' stage)*
          stage       = command | timed | program | explicit filter | '(' pipeline ')' | jq text
          command     = COMMAND word* block?            what the block's values mean is told by `help COMMAND`
          timed       = 'time' pipeline                 to the pipeline's end; `time { … }` takes statements
          explicit    = 'jq' option* word?              without a filter it is `.`
          program     = '!' text

        A stage is a command where its first word is the name of one (built in, plugin or `def`) and stands by itself:
        before a blank, the line's end, `|`, `;`, `)`, `{` or `}`. `images.x`, `images(1)` and `images-1` are not it. A word
        that is followed by another word, a number, a quote, a `$` or `--option` is no jq, so it is taken for a command too, one
        that does not exist; and so are `grep -v`, `head -1` and other programs that lines of `sh` go through. '(' pipeline ')' is a stage where it starts with a command or a program. Any other stage is jq.

        jq text runs to the next `|` at its top level behind which a stage that is not jq starts, to `;`, to a closing bracket
        that it did not open, or to the end of the line. Not at the top level is what stands in ( ), [ ], { },
        in strings and their \( … ), in comments, in `if … end`, in `def f: …;`, in `reduce` and `foreach`. A line goes on
        behind an operator, `,`, `|`, `as`, `then`, `def f: …;` and whatever else needs more. Right behind `as $x |` and
        `label $x |` only jq can stand. Braces belong to jq where a stage starts with them; a block's stand behind if, else,
        for, while, def, try, catch and behind the words of a command.

        Words
          word        = (bare | 'literal' | "string" | variable | interpolation | substitution)+
          bare        = any characters but blanks ' " \ $ | ; ( ) and line ends
                        `\` takes the next character as it is; a `\` at the end of a line joins it with the next
                        `{{ … }}` on one line is one piece, blanks and quotes included
                        a word that starts with `{` (but not `{{`) is a block
                        `}` ends a word in a block, where the word has no `{` for it
                        `$` that no name or `(` follows is itself; `#` inside a word is itself
          'literal'   = everything up to the next '
          "string"    = \n \t \r \b \f \" \\ \/ \$ \` \uXXXX and \( jq text ); a `\` at the end of a line joins lines;
                        $name is not looked at inside a string: write \($name)
          variable    = '$' NAME ('.' NAME | '[' jq text ']')*
          interpolation = '\(' jq text ')'
          substitution  = '(' pipeline ')' at the start of a word or behind `--name=` | '$(' pipeline ')'

        `*`, `?`, `~`, `[a-z]` and `{a,b}` are not expanded. There is no redirection: `>`, `>>`, `<`, `&` and `&&` standing alone
        are errors. A word that is one variable, interpolation (outside quotes) or substitution keeps its value's type, and so
        does what stands behind `--name=`: a `def` gets numbers, objects, arrays and null as they are (`rest…` an array's
        elements), a built-in command their text. Bare and quoted words are text, numbers among them.

        Programs
          The text behind `!` goes to `sh -c`. It ends before `|`, `;`, a line end, ` #`, and a `)` or `}` that it did not open,
          where sh's quotes, ( ), { } and backticks do not hold them; `||` and `&&` are sh's. \( jq text ) puts in a value,
          quoted for sh, everywhere but in '…'.

        Limits
          Blocks and parentheses nest 50 levels, jq text 1000. A file's first 30 errors are reported.
        """##
}
