import { PAGE_KEY_HEADER } from '@latchkey/protocol/console'
import { keep, kept } from '../kept.ts'

const KEY = 'operator'
/** For a browser that keeps nothing: the session then lasts as long as this page. */
let here: string | null = null

/**
 * The half of the operator's session that this page keeps, as the headers of a request. A cookie alone would sign in the
 * pages of all ports of its host; the storage of a page belongs to its own port.
 */
export function operatorHeaders(): Readonly<Record<string, string>> {
  const key = here ?? kept(KEY)
  return key === null ? {} : { [PAGE_KEY_HEADER]: key }
}

/** @param key null: signed out */
export function keepPageKey(key: string | null): void {
  here = key
  keep(KEY, key)
}
