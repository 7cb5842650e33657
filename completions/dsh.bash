# bash completion for dsh: source it, or put it where your system keeps such files.
_dsh() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    COMPREPLY=()
    case $previous in
        -o|--output) mapfile -t COMPREPLY < <(compgen -W 'table json jsonl raw yaml' -- "$current"); return ;;
        -c|--command) return ;;
    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '-c --command -o --output -r --raw --norc --check --fmt --write --version -h --help' -- "$current")
    else
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -X '!*.dsh' -- "$current"; compgen -d -- "$current")
    fi
}
complete -F _dsh dsh
