import type { Words } from '../../words/en.ts'
import type { Modifier } from './modifiers.ts'
import type { NamedKey } from './named-key.ts'
import { isDestructive, type Snippet } from './snippets.ts'

export type KeyName = Exclude<keyof Words['keys'], 'locked' | 'nextOnly' | 'heldDown' | 'again'>

interface Look {
  /** names it where rows are kept; never changes */
  readonly id: string
  readonly label: string
  /** the name of a sign, for screen readers; null when the label is a word */
  readonly name: KeyName | null
  readonly symbol?: boolean
  /** held down it goes on */
  readonly repeats?: boolean
  /** it throws something away: a second tap types it */
  readonly twice?: boolean
}

export type BarKey =
  | (Look & { readonly kind: 'modifier'; readonly modifier: Modifier })
  | (Look & { readonly kind: 'key'; readonly key: NamedKey; readonly shift?: boolean })
  | (Look & { readonly kind: 'text'; readonly text: string })
  | (Look & { readonly kind: 'paste' })
  | (Look & { readonly kind: 'snippet'; readonly snippet: Snippet })

const named = (label: string, name: KeyName | null, key: NamedKey, more?: Partial<Look>): BarKey => ({
  kind: 'key',
  id: label,
  label,
  name,
  key,
  ...more,
})
const sign = (text: string, name: KeyName | null, label = text): BarKey => ({
  kind: 'text',
  id: label,
  label,
  name,
  text,
  symbol: true,
})
const typed = (label: string, name: KeyName, text: string, more?: Partial<Look>): BarKey => ({
  kind: 'text',
  id: label,
  label,
  name,
  text,
  ...more,
})
const arrow = (label: string, name: KeyName, key: NamedKey): BarKey =>
  named(label, name, key, { symbol: true, repeats: true })
const modifier = (label: string, held: Modifier): BarKey => ({
  kind: 'modifier',
  id: label,
  label,
  name: null,
  modifier: held,
})
const control = (letter: string, name: KeyName | null = null): BarKey =>
  sign(String.fromCharCode(letter.charCodeAt(0) & 0x1f), name, `^${letter}`)

/** The keys that rows are made of, in the order in which a person looks for them. */
export const BAR_KEYS: readonly BarKey[] = [
  named('Esc', null, 'Escape'),
  named('Tab', null, 'Tab'),
  { kind: 'key', id: '⇧Tab', label: '⇧Tab', name: 'shiftTab', key: 'Tab', shift: true },
  named('Enter', null, 'Enter'),
  { kind: 'key', id: '⇧⏎', label: '⇧⏎', name: 'newLine', key: 'Enter', shift: true },
  modifier('Ctrl', 'ctrl'),
  modifier('Alt', 'alt'),
  modifier('Shift', 'shift'),
  arrow('↑', 'up', 'ArrowUp'),
  arrow('↓', 'down', 'ArrowDown'),
  arrow('←', 'left', 'ArrowLeft'),
  arrow('→', 'right', 'ArrowRight'),
  named('Home', null, 'Home'),
  named('End', null, 'End'),
  named('PgUp', null, 'PageUp', { repeats: true }),
  named('PgDn', null, 'PageDown', { repeats: true }),
  named('⌫', 'backspace', 'Backspace', { symbol: true, repeats: true }),
  named('Del', null, 'Delete', { repeats: true }),
  named('Ins', null, 'Insert'),
  { kind: 'paste', id: 'Paste', label: 'Paste', name: 'paste' },
  control('C', 'interrupt'),
  control('D', 'endOfInput'),
  control('Z', 'suspend'),
  control('A'),
  control('B'),
  control('E'),
  control('G'),
  control('K'),
  control('L'),
  control('O'),
  control('R'),
  control('T'),
  control('U'),
  control('W'),
  control('X'),
  sign('/', 'slash'),
  sign('|', 'pipe'),
  sign('~', 'tilde'),
  sign('-', 'dash'),
  sign('_', 'underscore'),
  sign(':', 'colon'),
  sign('@', 'at'),
  sign('!', 'bang'),
  sign('?', null),
  sign('*', null),
  sign('&', null),
  sign('$', null),
  sign('\\', null),
  sign('"', null),
  sign("'", null),
  sign('`', null),
  sign('=', null),
  sign('>', null),
  sign('<', null),
  sign(' ', 'space', 'Space'),
  sign('1', null),
  sign('2', null),
  sign('3', null),
  sign('y', null),
  sign('n', null),
  sign('N', null),
  sign('q', null),
  sign('g', null),
  sign('G', null),
  sign('u', null),
  // Escape first: they also work while text is being inserted.
  typed(':w', 'save', '\u001b:w\r'),
  typed(':q', 'quit', '\u001b:q\r'),
  typed(':wq', 'saveAndQuit', '\u001b:wq\r'),
  typed(':q!', 'quitAnyway', '\u001b:q!\r', { twice: true }),
  typed('^B c', 'newWindow', '\u0002c'),
  typed('^B n', 'nextWindow', '\u0002n'),
  typed('^B p', 'lastWindow', '\u0002p'),
  typed('^B [', 'copyMode', '\u0002['),
  typed('^B d', 'detach', '\u0002d'),
  typed('^B z', 'zoomPane', '\u0002z'),
  typed('^B o', 'nextPane', '\u0002o'),
  ...([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const).map((number) =>
    named(`F${number}`, null, `F${number}`),
  ),
]

const BY_ID: ReadonlyMap<string, BarKey> = new Map(BAR_KEYS.map((key) => [key.id, key]))

const SNIPPET = 'snippet '

export const isKeyId = (id: string): boolean => BY_ID.has(id) || id.startsWith(SNIPPET)

/** A snippet as a key of a row. */
export const snippetKey = (snippet: Snippet): BarKey => ({
  kind: 'snippet',
  id: SNIPPET + snippet.id,
  label: snippet.name,
  name: null,
  snippet,
  twice: snippet.twice || isDestructive(snippet.text),
})

/** The keys with these ids, in their order; a snippet that is gone is left out. */
export function keysOf(ids: readonly string[], snippets: readonly Snippet[]): readonly BarKey[] {
  return ids.flatMap((id) => {
    const snippet = snippets.find((each) => SNIPPET + each.id === id)
    return snippet === undefined ? (BY_ID.get(id) ?? []) : snippetKey(snippet)
  })
}
