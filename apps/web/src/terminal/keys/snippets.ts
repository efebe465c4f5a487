import { entriesIn, entriesOf } from '../../kept.ts'

/** Text with a name that one key types. A person writes it in the editor of keys; nothing typed in a terminal becomes one. */
export interface Snippet {
  readonly id: string
  readonly name: string
  readonly text: string
  /** Enter is pressed after it */
  readonly enter: boolean
  /** a second tap types it; one that looks destructive always asks for that */
  readonly twice: boolean
}

/** More than fits into a few rows of keys. */
export const SNIPPETS_MAX = 48
export const SNIPPET_NAME_CHARS_MAX = 24
export const SNIPPET_CHARS_MAX = 4_000

/** Commands that remove, overwrite or stop something that does not come back by itself. */
const DESTRUCTIVE = [
  /\brm\s+(-\S*\s+)*-?\S*[rf]/,
  /\b(shred|wipefs|mkfs(\.\w+)?|fdisk|parted)\b/,
  /\bdd\b.*\bof=/,
  /\bgit\s+(reset\s+--hard|clean\s+-\S*f|checkout\s+--\s|restore\b|branch\s+-D|stash\s+(drop|clear))/,
  /\bgit\s+push\b.*(--force|-f\b|--delete|\s:\S)/,
  /\b(shutdown|reboot|poweroff|halt)\b/,
  /\b(kill|pkill|killall)\b/,
  /\bdocker\s+(system|volume|image|container)\s+(prune|rm)/,
  /\bkubectl\s+delete\b/,
  /\bterraform\s+(destroy|apply)\b/,
  /\b(drop|truncate)\s+(table|database|schema)\b/i,
  /\bdelete\s+from\b/i,
  /(^|[^>])>\s*\/(dev|etc)\//,
  /^:(q|qa|wq?a?)!/m,
]

/** Whether the text looks as if it threw something away. A guess that only ever adds a tap. */
export const isDestructive = (text: string): boolean => DESTRUCTIVE.some((pattern) => pattern.test(text))

/** The snippets in a stored text; entries of another form are left out. */
export function snippetsIn(text: string | null): readonly Snippet[] {
  const stored = [...(entriesIn(text)?.values() ?? [])]
  return stored.flatMap((value) => snippetOf(value) ?? []).slice(0, SNIPPETS_MAX)
}

function snippetOf(value: unknown): Snippet | null {
  const at = entriesOf(value)
  const [id, name, text] = ['id', 'name', 'text'].map((key) => at?.get(key))
  if (typeof id !== 'string' || typeof name !== 'string' || typeof text !== 'string') return null
  if (id === '' || name === '' || text === '' || text.length > SNIPPET_CHARS_MAX) return null
  return {
    id,
    name: name.slice(0, SNIPPET_NAME_CHARS_MAX),
    text,
    enter: at?.get('enter') === true,
    twice: at?.get('twice') === true,
  }
}

/** The list with `snippet` in the place of the one with its id, or at the end. Null: there are too many. */
export function withSnippet(list: readonly Snippet[], snippet: Snippet): readonly Snippet[] | null {
  const isKnown = list.some(({ id }) => id === snippet.id)
  if (!isKnown && list.length >= SNIPPETS_MAX) return null
  return isKnown ? list.map((each) => (each.id === snippet.id ? snippet : each)) : [...list, snippet]
}

/** An id that none of them has. */
export const nextSnippetId = (list: readonly Snippet[]): string =>
  String(Math.max(0, ...list.map(({ id }) => Number(id) || 0)) + 1)
