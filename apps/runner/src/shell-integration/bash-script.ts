/**
 * What an integrated bash reads in place of the user's own start file, which it reads first. It prints the marks of OSC 133
 * around prompts and commands, and the folder (OSC 7). Older ones than 4.4 have no PS0, and do not mark where a command begins.
 */
export const BASH_SCRIPT =
  String.raw`# Latchkey's shell integration. Written anew at each start; switch it off with: latchkey up --shell-integration off
if [[ -n "\${LATCHKEY_LOGIN_SHELL-}" ]]; then
  builtin unset LATCHKEY_LOGIN_SHELL
  [[ -r /etc/profile ]] && builtin source /etc/profile
  for __latchkey_file in ~/.bash_profile ~/.bash_login ~/.profile; do
    [[ -r "$__latchkey_file" ]] && { builtin source "$__latchkey_file"; break; }
  done
  builtin unset __latchkey_file
elif [[ -r ~/.bashrc ]]; then
  builtin source ~/.bashrc
fi

__latchkey_folder() {
  builtin local LC_ALL=C path="$PWD" char code at
  __latchkey_url=
  for ((at = 0; at < \${#path}; at++)); do
    char=\${path:at:1}
    case "$char" in
      [a-zA-Z0-9/._~-]) __latchkey_url+=$char ;;
      *)
        builtin printf -v code %d "'$char"
        builtin printf -v char '%%%02X' $((code & 255))
        __latchkey_url+=$char
        ;;
    esac
  done
  __latchkey_pwd=$PWD
}

# First of all that runs before a prompt: the exit code of the command is still there, and is left for what follows.
__latchkey_ended() {
  builtin local exit="$?"
  [[ "\${__latchkey_pwd-}" == "$PWD" ]] || __latchkey_folder
  builtin printf '\033]133;D;%s\007\033]7;file://%s\007' "$exit" "$__latchkey_url"
  return $exit
}

# Last of all: whatever has made the prompt has done so.
__latchkey_prompt() {
  builtin local exit="$?"
  [[ "\${PS1-}" == *'133;B'* ]] || PS1="\${PS1-}"'\[\e]133;B\a\]'
  builtin printf '\033]133;A\007'
  return $exit
}

if [[ $- == *i* && ! -o posix ]]; then
  if [[ "$(builtin declare -p PROMPT_COMMAND 2>/dev/null)" == 'declare -a'* ]]; then
    PROMPT_COMMAND=(__latchkey_ended "\${PROMPT_COMMAND[@]}" __latchkey_prompt)
  else
    PROMPT_COMMAND="__latchkey_ended"$'\n'"\${PROMPT_COMMAND-}"$'\n'"__latchkey_prompt"
  fi
  PS0="\${PS0-}"'\e]133;C\a'
fi
`.replaceAll('\\$', '$')
