# fish completion for dsh: put it in ~/.config/fish/completions.
complete -c dsh -s c -l command -x -d 'run one line'
complete -c dsh -s o -l output -x -a 'table json jsonl raw yaml' -d 'output format'
complete -c dsh -s r -l raw -d 'texts without quotes'
complete -c dsh -l norc -d 'do not read the start file'
complete -c dsh -l check -d 'look for mistakes, run nothing'
complete -c dsh -l version -d 'show the version'
complete -c dsh -s h -l help -d 'show help'
complete -c dsh -a '(__fish_complete_suffix .dsh)'
