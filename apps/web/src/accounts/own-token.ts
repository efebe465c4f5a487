const KEY = 'latchkey.link-token'

/**
 * The token of this tab's pairing URL. It is wiped from the address at once, and a phone that had to make room for WhatsApp
 * loads the page again: so it is kept in the storage of this tab alone.
 */
export function ownToken(fromLink: string | null): string | null {
  try {
    if (fromLink !== null) sessionStorage.setItem(KEY, fromLink)
    return fromLink ?? sessionStorage.getItem(KEY)
  } catch {
    return fromLink
  }
}
