/**
 * What this browser keeps between visits, one prefixed key each. A browser may refuse storage (private mode, blocked
 * site data): then a page forgets, and nothing else breaks.
 */
const PREFIX = 'latchkey.'

export function kept(key: string): string | null {
  try {
    return localStorage.getItem(PREFIX + key)
  } catch {
    return null
  }
}

/** Keeps `value`, or removes it with null. False when the browser does not keep anything. */
export function keep(key: string, value: string | null): boolean {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key)
    else localStorage.setItem(PREFIX + key, value)
    return true
  } catch {
    return false
  }
}

/**
 * The entries of a stored object. It was written by this page or an older one, so its readers check each value. Null where
 * the text is no object.
 */
export function entriesIn(text: string | null): ReadonlyMap<string, unknown> | null {
  if (text === null) return null
  try {
    return entriesOf(JSON.parse(text))
  } catch {
    return null
  }
}

/** The entries of `value`; null where it is no object. */
export const entriesOf = (value: unknown): ReadonlyMap<string, unknown> | null =>
  typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : null

/** Whether this browser keeps anything at all for this page. */
export function keepsAnything(): boolean {
  const works = keep('probe', '1') && kept('probe') === '1'
  keep('probe', null)
  return works
}
