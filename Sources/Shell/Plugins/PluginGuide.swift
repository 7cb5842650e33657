/// `help plugins`: where plugins are found, and how one is written.
package enum PluginGuide {
    package static let text = """
        PLUGINS

        A plugin is a command that dsh did not come with. It has options, help, completion, a result with fields, and
        errors with codes, as the built-in ones do. There are two kinds to write:

          NAME.dsh    a file of definitions in dsh's own language
          dsh-NAME    a program in any language, which speaks JSON lines

        WHERE THEY ARE FOUND
          $DSH_PLUGIN_PATH         directories with `:` between them: both kinds
          $XDG_DATA_HOME/dsh/plugins   your own folder (~/.local/share/dsh/plugins): both kinds
          $PATH                    programs dsh-NAME
        The first one that is found counts; relative directories do not. A name is looked up when a line uses it and it
        is no built-in command: nothing is read or started before. No plugin can take the name of a built-in command, of
        a jq function or of a word of the language. What anyone may write to is not run.

          plugin list                  what is there, and what keeps one from being used
          plugin add FILE…             copy into your folder, once it told about itself; --link, --force, --dry-run
          plugin remove NAME…          --dry-run
          plugin info NAME…            ask it anew
          help NAME, NAME --help       its help

        A FILE OF DEFINITIONS
        Every `def` with a comment right above it is a command; the others are the file's own. Beside them the file may
        hold `filter`, `let` and `source`. It runs when one of its commands is first called, in a scope of its own.

          # Counts the images of each repository.
          #
          # Everything up to here is the help text; lines with @ say what a def cannot say.
          # @input nothing
          # @returns array
          # @field Repository text the repository
          # @field Images number how many images it has
          # @example per-repository --top 3  # the three largest
          def per-repository(
            --top = 10   # how many to show
          ) {
            images | group_by(.Repository) | map({Repository: .[0].Repository, Images: length})
              | sort_by(-.Images) | .[:($top | tonumber)]
          }

        A PROGRAM: ITS METADATA
        `dsh-NAME metadata` prints one JSON object and ends with status 0 within 10 seconds. dsh keeps it until the
        file's size or time changes, so it must hang on nothing else.

          protocol     1
          name         NAME; small letters, digits and hyphens
          summary      one line, no full stop
          version, discussion              texts; may be left out
          arguments    [{name, summary, kind, required, repeats, choices, default}]
          options      the same, with short (one letter) and value (what help calls it); written --name
          input        nothing, references (each image comes as a text) or values: what it takes from the pipe
          result       {kind, fields: [{name, kind, summary, column, fields}]}; kind: stream, array, object, text, none, any
          examples     [{line, note}]
          completes    true where it answers completion requests
          silence      seconds that a call may say nothing before it is taken for hung (300)

        Kinds of arguments and options: text, number, flag (options only), image, remote-image, file, value (any JSON).
        Kinds of fields: text, bytes, time, digest, number, boolean, list, map, object; one with a `column` is shown in
        tables.

        A PROGRAM: A CALL
        dsh starts `dsh-NAME run` in a process group of its own. Both sides write one JSON object a line, UTF-8, at most
        16 MiB, each with a `type`; a line counts when its line end has come, so flush after each. Nothing about the call
        is in the program's arguments or environment. Standard error is for people: it is shown line by line.

          dsh says                                         when
          {"type":"hello","protocol":1,"dsh":"0.1.0","features":["run","progress"]}   at once
          {"type":"call","name":…,"options":{…},"arguments":{…},"input":true,"store":"/…"}   at once
              every declared name is there: with its value, its default, null, false (flag) or [] (repeats);
              input: values are piped in; store: the image store, an OCI layout to be read only, or null
          {"type":"input","value":…}                       for each value piped in
          {"type":"end"}                                   no more input; comes in any case
          {"type":"result","id":…,"values":[…]}            the answer to run; or with "error":{code,message,hint}
          {"type":"cancel"}                                stop; the end of standard input follows

          the program says
          {"type":"hello","protocol":1}                    first, within 10 seconds
          {"type":"value","value":…}                       one value of the result
          {"type":"progress","label":…,"done":3,"total":9} shown on a terminal; done and total may be left out
          {"type":"log","level":"warning","message":…}     a line for people
          {"type":"run","id":1,"pipeline":"images | length","variables":{"name":…}}
              runs a pipeline in dsh; put what comes from outside into variables, as $name, never into the text
          {"type":"error","code":"not_found","message":…,"hint":…}   ends the call; codes are those that `catch` sees
          {"type":"done"}                                  ends the call; the program ends, too

        Back-pressure: dsh reads no further than what takes the values, and hands on input as the program reads it; a
        write may so block, on either side. A program need not read its input to the end.

        The end: after `done` the program has 2 seconds to exit. When the user presses Ctrl-C, a later stage has enough or
        something fails, it gets `cancel`, SIGTERM half a second later, and SIGKILL 2 seconds after that. What it leaves
        running in its process group ends with it. A program that crashes, writes what is no message, half a line or a
        line that is too long, or says nothing for too long is an error of its own (code external), and no harm to dsh.

        A PROGRAM: COMPLETION
        With `completes` in its metadata dsh starts it in the same way for a Tab, and instead of the call says
          {"type":"complete","words":["--name"],"prefix":"li","option":"--name","store":"/…"}
        (option: the one whose value is typed, or null). It answers within 1.5 seconds, start and all, with
          {"type":"candidates","candidates":[{"text":"libssl3","summary":"3.0.11"}]}
        Images, files and choices are completed without asking.

        EXAMPLES
        scripts/plugins/dsh-packages (Python, no library needed) and scripts/plugins/bases.dsh.
        """
}
