/** Ids as these agents print them. Nothing that a shell would act on is taken: the screen is the program's, not ours. */
const ID = '[A-Za-z0-9][A-Za-z0-9_-]{3,63}'
const COMMANDS = [
  `codex resume ${ID}`,
  `claude (?:--resume|-r) ${ID}`,
  `opencode (?:-s|--session) ${ID}`,
  `gemini --resume(?: ${ID})?`,
]
const RESUME = new RegExp(`(?<![\\w./-])(?:${COMMANDS.join('|')})(?![\\w./-])`, 'g')

// An OSC or other string, a CSI, an escape with its intermediates: what a packed screen is made of.
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are control characters.
const SEQUENCE = /\x1b(?:[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\[[0-?]*[ -/]*([@-~])|[ -/]*[0-~])/g

/**
 * The command that goes on with an agent's session, as the last line of a screen says that has one; null when none does.
 * @param screen text that draws the screen: a row begins by a move to it, and one that wraps goes on in the next
 */
export function resumeCommandIn(screen: string): string | null {
  const text = screen.replaceAll(SEQUENCE, (_, final: string | undefined) => {
    if (final === 'H') return '\n'
    return final === 'G' || final === 'X' ? ' ' : ''
  })
  return text.match(RESUME)?.at(-1) ?? null
}
