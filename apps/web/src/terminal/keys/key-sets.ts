import { entriesIn } from '../../kept.ts'
import { BAR_KEYS, type BarKey, isKeyId, keysOf, snippetKey } from './bar-keys.ts'
import type { Snippet } from './snippets.ts'

/** The rows that a person can edit: the first ones of a shell and of some programs, and those behind them. */
export const SET_NAMES = ['shell', 'vim', 'pager', 'tmux', 'agent', 'more'] as const
export type SetName = (typeof SET_NAMES)[number]
/** The ids of its keys, in their order. */
export type KeySets = Readonly<Record<SetName, readonly string[]>>

/** Two rows of six. */
export const PAGE_KEYS = 12
/** Two pages. */
export const SET_KEYS_MAX = 24

const row = (keys: string): readonly string[] => keys.split('  ')

/**
 * Arrows form an inverted T under the right thumb, ^C stands apart from them, under Ctrl. In the rows of a program the same
 * keys stay in the same places.
 */
export const DEFAULT_SETS: KeySets = {
  shell: [...row('Esc  Ctrl  Alt  /  ↑  |'), ...row('Tab  ^C  ~  ←  ↓  →')],
  vim: [...row('Esc  Ctrl  :  /  ↑  :w'), ...row('Tab  u  :q  ←  ↓  →')],
  pager: [...row('q  /  n  N  ↑  PgUp'), ...row('g  G  PgDn  ←  ↓  →')],
  tmux: [...row('Esc  Ctrl  ^B  ^B c  ↑  ^B n'), ...row('Tab  ^C  ^B [  ←  ↓  →')],
  agent: [...row('Esc  Ctrl  ⇧Tab  /  ↑  @'), ...row('Tab  ^C  ⇧⏎  ←  ↓  →')],
  more: [...row('-  Paste  ⇧Tab  Home  PgUp  ⌫'), ...row('^D  ^Z  Del  End  PgDn  Enter')],
}

/** The sets in a stored text: what it does not have, or has in another form, is the default. */
export function setsIn(text: string | null): KeySets {
  const entries = entriesIn(text)
  const idsOf = (name: SetName): readonly string[] => {
    const value = entries?.get(name)
    if (!Array.isArray(value)) return DEFAULT_SETS[name]
    const ids = value.filter((id): id is string => typeof id === 'string' && isKeyId(id))
    return ids.length === 0 ? DEFAULT_SETS[name] : [...new Set(ids)].slice(0, SET_KEYS_MAX)
  }
  const [shell, vim, pager, tmux, agent, more] = SET_NAMES.map(idsOf)
  return { ...DEFAULT_SETS, ...defined({ shell, vim, pager, tmux, agent, more }) }
}

const defined = (sets: Readonly<Record<SetName, readonly string[] | undefined>>): Partial<KeySets> =>
  Object.fromEntries(Object.entries(sets).filter(([, ids]) => ids !== undefined))

/** The sets that differ from the default, as text to keep; null when none does. */
export function storedSets(sets: KeySets): string | null {
  const edited = SET_NAMES.filter((name) => !isDefault(sets, name))
  return edited.length === 0
    ? null
    : JSON.stringify(Object.fromEntries(edited.map((name) => [name, sets[name]])))
}

export const isDefault = (sets: KeySets, name: SetName): boolean =>
  sets[name].length === DEFAULT_SETS[name].length &&
  sets[name].every((id, at) => id === DEFAULT_SETS[name][at])

/** One key further to the front (-1) or to the end (1). */
export function withMoved(ids: readonly string[], id: string, by: -1 | 1): readonly string[] {
  const at = ids.indexOf(id)
  const to = at + by
  if (at < 0 || to < 0 || to >= ids.length) return ids
  const rest = ids.filter((each) => each !== id)
  return [...rest.slice(0, to), id, ...rest.slice(to)]
}

/** With a key before `before`, or at the end. The same ids when it is there already, or the set is full. */
export function withAdded(ids: readonly string[], id: string, before: string | null): readonly string[] {
  if (ids.includes(id) || ids.length >= SET_KEYS_MAX) return ids
  const at = before === null ? -1 : ids.indexOf(before)
  return at < 0 ? [...ids, id] : [...ids.slice(0, at), id, ...ids.slice(at)]
}

/** Without a key; the last one stays, so that there is a row. */
export const withRemoved = (ids: readonly string[], id: string): readonly string[] =>
  ids.length <= 1 ? ids : ids.filter((each) => each !== id)

const F_KEYS = BAR_KEYS.filter(({ id }) => /^F\d+$/.test(id))

/** The pages of two rows: those of the program in front, the shell's, the others, snippets, function keys. */
export function pagesOf(
  sets: KeySets,
  inFront: SetName,
  snippets: readonly Snippet[],
): readonly (readonly BarKey[])[] {
  const names: readonly SetName[] = inFront === 'shell' ? ['shell', 'more'] : [inFront, 'shell', 'more']
  return [
    ...names.flatMap((name) => inRows(keysOf(sets[name], snippets), PAGE_KEYS)),
    ...inRows(snippets.map(snippetKey), PAGE_KEYS),
    F_KEYS,
  ]
}

const WIDE_COUNT = 11
const ARROWS = row('←  ↓  ↑  →')
const WIDE_FIRST = row('Esc  Tab  Ctrl  ^C  /  |  ~  ←  ↓  ↑  →')

/** The arrows stay together at the end of the row, under the right thumb. */
function wideFirst(ids: readonly string[]): readonly string[] {
  const arrows = ARROWS.filter((id) => ids.includes(id))
  return [...ids.filter((id) => !arrows.includes(id)).slice(0, WIDE_COUNT - arrows.length), ...arrows]
}

/** One row for a phone on its side: the keys that are wanted most first, then all others. */
export function wideRows(
  sets: KeySets,
  inFront: SetName,
  snippets: readonly Snippet[],
): readonly (readonly BarKey[])[] {
  const isShell = inFront === 'shell' && isDefault(sets, inFront)
  const first = keysOf(isShell ? WIDE_FIRST : wideFirst(sets[inFront]), snippets)
  const all = [...first, ...pagesOf(sets, inFront, snippets).flat()]
  return inRows([...new Map(all.map((key) => [key.id, key])).values()], WIDE_COUNT)
}

/** Rows of six, for a narrow window of little height. */
export const narrowRows = (
  sets: KeySets,
  inFront: SetName,
  snippets: readonly Snippet[],
): readonly (readonly BarKey[])[] => pagesOf(sets, inFront, snippets).flatMap((page) => inRows(page, 6))

const inRows = (keys: readonly BarKey[], count: number): readonly (readonly BarKey[])[] =>
  Array.from({ length: Math.ceil(keys.length / count) }, (_, at) => keys.slice(at * count, (at + 1) * count))
