const KEY = 'latchkey.link-token'

/**
 * The token of this tab's link. It leaves the address at once, and a phone that had to make room for WhatsApp loads the page
 * anew: so the tab keeps it, and nobody else.
 */
export function ownToken(fromLink: string | null): string | null {
  try {
    if (fromLink !== null) sessionStorage.setItem(KEY, fromLink)
    return fromLink ?? sessionStorage.getItem(KEY)
  } catch {
    return fromLink
  }
}
