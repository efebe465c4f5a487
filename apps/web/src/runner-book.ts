import { type Subject, subject } from '@latchkey/connection/observable'
import { entriesIn, entriesOf, keep, kept } from './kept.ts'

/** A machine this browser has paired with, and its right to reach it: one credential for each. */
export interface KnownRunner {
  readonly runnerId: string
  readonly label: string
  readonly credential: string
  readonly pairedAt: number
}

const KEY = 'machines'
/** More than a person pairs with; keeps a broken page from filling the browser's storage. */
const RUNNERS_MAX = 50

/** The machines in a stored text. Entries of another form are left out. */
export function readBook(text: string | null): readonly KnownRunner[] {
  const entries = entriesIn(text)
  return entries === null ? [] : [...entries.values()].flatMap((value) => runnerOf(value) ?? [])
}

function runnerOf(value: unknown): KnownRunner | null {
  const at = entriesOf(value)
  const [runnerId, label, credential, pairedAt] = ['runnerId', 'label', 'credential', 'pairedAt'].map(
    (name) => at?.get(name),
  )
  return typeof runnerId === 'string' &&
    typeof label === 'string' &&
    typeof credential === 'string' &&
    typeof pairedAt === 'number'
    ? { runnerId, label, credential, pairedAt }
    : null
}

/** The newest pairing of a runner stands for it; the one paired last comes first. */
export function withRunner(book: readonly KnownRunner[], runner: KnownRunner): readonly KnownRunner[] {
  return [runner, ...book.filter((each) => each.runnerId !== runner.runnerId)].slice(0, RUNNERS_MAX)
}

export const book: Subject<readonly KnownRunner[]> = subject(readBook(kept(KEY)))

function save(next: readonly KnownRunner[]): void {
  keep(KEY, next.length === 0 ? null : JSON.stringify(next))
  book.set(next)
}

export const remember = (runner: KnownRunner): void => save(withRunner(book.current, runner))

/** Changes the entry of one machine; its place in the list stays. */
export function update(runnerId: string, change: Partial<Omit<KnownRunner, 'runnerId'>>): void {
  save(book.current.map((each) => (each.runnerId === runnerId ? { ...each, ...change } : each)))
}

export const forget = (runnerId: string): void =>
  save(book.current.filter((each) => each.runnerId !== runnerId))

export const knownRunner = (runnerId: string): KnownRunner | undefined =>
  book.current.find((each) => each.runnerId === runnerId)

// Another window paired or forgot: this one shows it too.
addEventListener('storage', (event) => {
  if (event.key === `latchkey.${KEY}`) book.set(readBook(event.newValue))
})
