import type { SetName } from './key-sets.ts'

/** Programs by the name of their process. */
const PROGRAMS: ReadonlyArray<readonly [Exclude<SetName, 'shell' | 'more'>, RegExp]> = [
  ['vim', /^(n?vim?|view|rvim|vimdiff|vim\.\w+)$/],
  ['pager', /^(less|more|most|man|bat|delta|zless)$/],
  ['tmux', /^(tmux(: client)?|screen|zellij|byobu)$/],
  ['agent', /^(claude|codex|opencode|gemini|aider|goose|crush|amp|cursor-agent|qwen|copilot)$/],
]

/** Agents that run in an interpreter, and machines that do not tell of processes: the title has the name. */
const TITLES: ReadonlyArray<readonly [Exclude<SetName, 'shell' | 'more'>, RegExp]> = [
  ['vim', /\b(n?vim)$/i],
  ['pager', /^(less|man)\b/i],
  ['tmux', /^tmux\b/i],
  ['agent', /\b(claude|codex|opencode|gemini|aider|copilot|qwen)\b/i],
]

/** Processes that say nothing of what runs in them. */
const INTERPRETERS = /^(node|bun|deno|python[\d.]*|ruby)$/

/** The keys for what runs in the terminal. `program`: its process; null where the machine does not tell. */
export function setFor(program: string | null, title: string): SetName {
  const name = program?.trim() ?? ''
  const known = PROGRAMS.find(([, pattern]) => pattern.test(name))
  if (known !== undefined) return known[0]
  if (name !== '' && !INTERPRETERS.test(name)) return 'shell'
  return TITLES.find(([, pattern]) => pattern.test(title.trim()))?.[0] ?? 'shell'
}

/** Agents that take a line feed as a new line in the message, whatever else they asked of the keyboard. */
const WITH_LINE_FEED = /^(claude|codex|opencode|gemini|qwen)$/

export const takesLineFeed = (program: string | null, title: string): boolean => {
  const name = program?.trim() ?? ''
  if (WITH_LINE_FEED.test(name)) return true
  return (name === '' || INTERPRETERS.test(name)) && /\b(claude|codex|opencode|gemini|qwen)\b/i.test(title)
}
