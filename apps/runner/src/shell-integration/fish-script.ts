/** What an integrated fish reads after the user's own configuration. Since 4.0 fish prints the marks by itself, since 3.0 its folder. */
export const FISH_SCRIPT = String.raw`# Latchkey's shell integration. Written anew at each start; switch it off with: latchkey up --shell-integration off
if status is-interactive; and string match -qr '^[0-3]\.' -- $version
  function __latchkey_prompt --on-event fish_prompt
    printf '\033]7;file://%s\007\033]133;A\007' (string escape --style=url -- $PWD)
  end
  function __latchkey_command --on-event fish_preexec
    printf '\033]133;C\007'
  end
  function __latchkey_ended --on-event fish_postexec
    printf '\033]133;D;%s\007' $status
  end
end
`
