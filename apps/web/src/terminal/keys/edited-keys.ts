import { type Subject, subject } from '@latchkey/connection/observable'
import { keep, kept } from '../../kept.ts'
import { DEFAULT_SETS, type KeySets, type SetName, setsIn, storedSets } from './key-sets.ts'
import { type Snippet, snippetsIn, withSnippet } from './snippets.ts'

const SETS = 'key-sets'
const SNIPPETS = 'snippets'

/** The rows of keys as this browser's person arranged them. */
export const keySets: Subject<KeySets> = subject(setsIn(kept(SETS)))

export function changeSet(name: SetName, ids: readonly string[]): void {
  keySets.set({ ...keySets.current, [name]: ids })
  keep(SETS, storedSets(keySets.current))
}

export const restoreSet = (name: SetName): void => changeSet(name, DEFAULT_SETS[name])

/** The person's snippets, kept by this browser alone. */
export const snippets: Subject<readonly Snippet[]> = subject(snippetsIn(kept(SNIPPETS)))

/** False: there are too many. */
export function saveSnippet(snippet: Snippet): boolean {
  const next = withSnippet(snippets.current, snippet)
  if (next !== null) store(next)
  return next !== null
}

export const removeSnippet = (id: string): void => store(snippets.current.filter((each) => each.id !== id))

function store(next: readonly Snippet[]): void {
  snippets.set(next)
  keep(SNIPPETS, next.length === 0 ? null : JSON.stringify(next))
}
