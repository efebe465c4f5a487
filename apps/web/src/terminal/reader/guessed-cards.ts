import { type Card, TEXT } from './card.ts'

/**
 * What prompts look like where no shell marks them: a sign behind a name, a folder or nothing. Each kind is one prompt of one
 * person, so that lines of another kind in the same output (a `$ npm install` of a manual) are not taken for it.
 */
const PROMPTS: readonly RegExp[] = [
  // user@host:folder$ command, [user@host folder]$ command, (venv) before either
  /^(?:\([\w.-]+\) )?\[?[\w.-]+@[\w.-]+[: ][^$#%❯>]{0,120}[$#%❯>](?: (?<command>.*))?$/u,
  // ➜  folder git:(main) ✗ command
  /^➜ {1,2}\S+(?: git:\([^)]*\))?(?: ✗)?(?: (?<command>.*))?$/u,
  // ~/folder $ command, ~/folder ❯ command
  /^[~/][\w./~@+-]* ?[$#%❯>](?: (?<command>.*))?$/u,
  // host% command, bash-5.2$ command
  /^[\w.-]{1,40}[%$#](?: (?<command>.*))?$/u,
  // ❯ command
  /^[❯λ](?: (?<command>.*))?$/u,
  // $ command
  /^\$(?: (?<command>.*))?$/u,
  // # command, of root: only where the last line is one, since comments and headings begin alike
  /^#(?: (?<command>.*))?$/u,
]
const ROOT = PROMPTS.length - 1

/** Lines of a terminal whose shell marks nothing, cut before each line that looks like its prompt. */
export function guessedCards(lines: readonly string[]): readonly Card[] {
  const prompt = promptOf(lines)
  const cards: Card[] = []
  let current: { command: string | null; readonly lines: string[] } = { command: null, lines: [] }
  const close = (runs: boolean) => {
    const { command } = current
    if (command === null && current.lines.length === 0) return
    const text = { ...TEXT, key: `g${cards.length}`, lines: trimmed(current.lines) }
    cards.push(command === null ? text : { ...text, kind: 'guessed', command, runs })
  }
  let isTyping = false
  for (const line of lines) {
    const command = prompt === null ? undefined : commandOf(line, prompt)
    if (command === undefined) {
      isTyping = false
      current.lines.push(line)
      continue
    }
    close(false)
    isTyping = true
    current = command === '' ? { command: null, lines: [] } : { command, lines: [] }
  }
  // The last line is where the next command is typed, or a command that has printed nothing yet: that cannot be told apart.
  const last = lines.at(-1)
  if (!isTyping || last === undefined) close(true)
  else cards.push({ ...TEXT, key: `g${cards.length}`, kind: 'prompt', lines: [last] })
  return cards
}

/** The command behind a prompt of this kind; empty for none, undefined when the line is no prompt. */
function commandOf(line: string, prompt: RegExp): string | undefined {
  const match = prompt.exec(line)
  return match === null ? undefined : (match.groups?.['command'] ?? '').trim()
}

/** The kind of the last line if that is a prompt, else the one that most lines have. */
function promptOf(lines: readonly string[]): RegExp | null {
  const last = lines.at(-1) ?? ''
  const atEnd = PROMPTS.find((prompt) => prompt.test(last))
  if (atEnd !== undefined) return atEnd
  const counts = PROMPTS.map((prompt, kind) =>
    kind === ROOT ? 0 : lines.filter((line) => prompt.test(line)).length,
  )
  const most = Math.max(...counts)
  return most === 0 ? null : (PROMPTS[counts.indexOf(most)] ?? null)
}

function trimmed(lines: readonly string[]): readonly string[] {
  const end = lines.findLastIndex((line) => line.trim() !== '')
  return lines.slice(0, end + 1)
}
