/**
 * The file `.zshenv` of a folder that an integrated zsh takes for its own at first. It gives the user's folder back before
 * anything else, so that all further start files are the user's.
 */
export const ZSH_SCRIPT =
  String.raw`# Latchkey's shell integration. Written anew at each start; switch it off with: latchkey up --shell-integration off
if [[ -n "\${LATCHKEY_ZDOTDIR+set}" ]]; then
  builtin export ZDOTDIR="$LATCHKEY_ZDOTDIR"
  builtin unset LATCHKEY_ZDOTDIR
else
  builtin unset ZDOTDIR
fi
[[ -r "\${ZDOTDIR-$HOME}/.zshenv" ]] && builtin source "\${ZDOTDIR-$HOME}/.zshenv"

if [[ -o interactive ]]; then
  __latchkey_prompt() {
    builtin local exit="$?" url= char at
    builtin emulate -L zsh -o no_multibyte
    for ((at = 1; at <= \${#PWD}; at++)); do
      char=$PWD[at]
      if [[ "$char" == [a-zA-Z0-9/._~-] ]]; then url+=$char
      else builtin printf -v char '%%%02X' $(( #char & 255 )); url+=$char
      fi
    done
    builtin printf '\033]133;D;%s\007\033]7;file://%s\007\033]133;A\007' "$exit" "$url"
    [[ "$PS1" == *'133;B'* ]] || PS1+=$'%{\033]133;B\007%}'
  }
  __latchkey_command() {
    builtin printf '\033]133;C\007'
  }
  builtin typeset -ga precmd_functions preexec_functions
  precmd_functions+=(__latchkey_prompt)
  preexec_functions+=(__latchkey_command)
fi
`.replaceAll('\\$', '$')
