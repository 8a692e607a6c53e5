# Completion of dateline for bash: source it, or put it into /usr/share/bash-completion/completions/dateline
_dateline() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} sub=${COMP_WORDS[2]} list=
    if ((COMP_CWORD == 1)); then
        list="init serve demo publish page new withdraw reinstate picture token theme rebuild fsck status backup restore doctor record help version"
    elif ((COMP_CWORD == 2)) && [[ $command == token ]]; then
        list="add list revoke"
    elif ((COMP_CWORD == 2)) && [[ $command == theme ]]; then
        list="export check"
    elif ((COMP_CWORD == 2)) && [[ $command == record ]]; then
        list="verify key export-key import-key adopt build"
    elif ((COMP_CWORD == 2)) && [[ $command == help ]]; then
        list="init serve demo publish page new withdraw reinstate picture token theme rebuild fsck status backup restore doctor record version"
    elif [[ $word == -* ]]; then
        case $command in
            init) list="--name --url --language --zone" ;;
            serve) list="--listen --webs" ;;
            publish) list="--change --note --archive --quiet" ;;
            page) list="--note --list --quiet" ;;
            withdraw) list="--reason --legal --authority --demanded" ;;
            status) list="--json" ;;
            backup) list="--keep --verify" ;;
            restore) list="--at --key --store-only" ;;
            fsck) list="--json" ;;
            doctor) list="--verbose" ;;
            record)
                [[ $sub == build ]] && list="--key --origin"
                [[ $sub == verify ]] && list="--key"
                ;;
        esac
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        compopt -o filenames
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$list" -- "$word")
}
complete -F _dateline dateline
