import type { Words } from '../../words/en.ts'
import type { Modifier } from './modifiers.ts'
import type { NamedKey } from './named-key.ts'

type KeyName = Exclude<keyof Words['keys'], 'locked' | 'nextOnly'>

interface Look {
  readonly label: string
  /** the name of a sign, for screen readers; null when the label is a word */
  readonly name: KeyName | null
  readonly symbol?: boolean
  /** held down it goes on */
  readonly repeats?: boolean
}

export type BarKey =
  | (Look & { readonly kind: 'modifier'; readonly modifier: Modifier })
  | (Look & { readonly kind: 'key'; readonly key: NamedKey; readonly shift?: boolean })
  | (Look & { readonly kind: 'text'; readonly text: string })

const key = (label: string, name: KeyName | null, named: NamedKey, more?: Partial<Look>): BarKey => ({
  kind: 'key',
  label,
  name,
  key: named,
  ...more,
})
const text = (label: string, name: KeyName, typed: string): BarKey => ({
  kind: 'text',
  label,
  name,
  text: typed,
  symbol: true,
})
const arrow = (label: string, name: KeyName, named: NamedKey): BarKey =>
  key(label, name, named, { symbol: true, repeats: true })

/** Two rows of six: arrows form an inverted T under the right thumb, ^C stands apart from them, under Ctrl. */
const FIRST: readonly BarKey[] = [
  key('Esc', null, 'Escape'),
  { kind: 'modifier', label: 'Ctrl', name: null, modifier: 'ctrl' },
  { kind: 'modifier', label: 'Alt', name: null, modifier: 'alt' },
  text('/', 'slash', '/'),
  arrow('↑', 'up', 'ArrowUp'),
  text('|', 'pipe', '|'),
  key('Tab', null, 'Tab'),
  text('^C', 'interrupt', '\u0003'),
  text('~', 'tilde', '~'),
  arrow('←', 'left', 'ArrowLeft'),
  arrow('↓', 'down', 'ArrowDown'),
  arrow('→', 'right', 'ArrowRight'),
]

const SECOND: readonly BarKey[] = [
  text('-', 'dash', '-'),
  text('_', 'underscore', '_'),
  { kind: 'key', label: '⇧Tab', name: 'shiftTab', key: 'Tab', shift: true },
  key('Home', null, 'Home'),
  key('PgUp', null, 'PageUp', { repeats: true }),
  key('⌫', 'backspace', 'Backspace', { symbol: true, repeats: true }),
  text('^D', 'endOfInput', '\u0004'),
  text('^Z', 'suspend', '\u001a'),
  key('Del', null, 'Delete', { repeats: true }),
  key('End', null, 'End'),
  key('PgDn', null, 'PageDown', { repeats: true }),
  key('Enter', null, 'Enter'),
]

const THIRD: readonly BarKey[] = ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const).map((number) =>
  key(`F${number}`, null, `F${number}`),
)

export const KEY_SETS: readonly [readonly BarKey[], ...(readonly BarKey[])[]] = [FIRST, SECOND, THIRD]

/** Rows of six, for a narrow window of little height. */
export const NARROW_ROWS: readonly (readonly BarKey[])[] = KEY_SETS.flatMap((set) => [
  set.slice(0, 6),
  set.slice(6),
])

const WIDE_COUNT = 11
const LABELS_FIRST = ['Esc', 'Tab', 'Ctrl', '^C', '/', '|', '~', '←', '↓', '↑', '→'] as const
const ALL = KEY_SETS.flat()
/** One row for a phone on its side: the keys that are wanted most first, then all others. */
export const WIDE_ROWS: readonly (readonly BarKey[])[] = inRows([
  ...LABELS_FIRST.flatMap((label) => ALL.filter((each) => each.label === label)),
  ...ALL.filter((each) => !LABELS_FIRST.some((label) => label === each.label)),
])

function inRows(keys: readonly BarKey[]): readonly (readonly BarKey[])[] {
  return Array.from({ length: Math.ceil(keys.length / WIDE_COUNT) }, (_, row) =>
    keys.slice(row * WIDE_COUNT, (row + 1) * WIDE_COUNT),
  )
}
