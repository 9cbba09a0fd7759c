/** What a shell needs to ask `alfred __complete` for candidates: a line each, with a tab before what it is about; or `:files`. */

const bash = `# Completion of alfred for bash. In ~/.bashrc: source <(alfred completion bash)
_alfred() {
  local line=\${COMP_LINE:0:COMP_POINT} words candidate about IFS=$' \\t\\n'
  # Not COMP_WORDS: bash cuts host:port in three.
  read -ra words <<<"$line"
  [[ $line == *' ' ]] && words+=('')
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate about; do
    if [[ $candidate == :files ]]; then
      compopt -o filenames 2>/dev/null
      IFS=$'\\n' COMPREPLY=($(compgen -f -- "\${words[\${#words[@]}-1]}"))
      return
    fi
    COMPREPLY+=("$candidate")
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _alfred alfred`;

const zsh = `#compdef alfred
# Completion of alfred for zsh. In ~/.zshrc, after compinit: source <(alfred completion zsh)
_alfred() {
  local line
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
      return
    fi
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe alfred candidates
}
compdef _alfred alfred`;

const fish = `# Completion of alfred for fish: alfred completion fish > ~/.config/fish/completions/alfred.fish
function __alfred_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l candidates ($words[1] __complete -- $words[2..-1] 2>/dev/null)
    if test "$candidates" = :files
        __fish_complete_path (commandline -ct)
    else if test -n "$candidates"
        printf '%s\\n' $candidates
    end
end
complete -c alfred -f -a '(__alfred_complete)'`;

export const COMPLETION_SCRIPTS = { bash, zsh, fish } as const;

export type Shell = keyof typeof COMPLETION_SCRIPTS;
