/** A piece of the reader's text: an address one can follow, or just text. */
export type Piece = { readonly text: string; readonly href: string | null; readonly found: boolean }

const ADDRESS = /https?:\/\/[^\s<>"'`\u0000-\u001f]+[^\s<>"'`.,;:!?)\]}]/g

/** `text` in pieces: web addresses, and all places that hold `sought` in upper or lower case. */
export function piecesOf(text: string, sought: string): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const match of text.matchAll(ADDRESS)) {
    pieces.push(...marked(text.slice(at, match.index), sought, null))
    pieces.push(...marked(match[0], sought, match[0]))
    at = match.index + match[0].length
  }
  return [...pieces, ...marked(text.slice(at), sought, null)]
}

function marked(text: string, sought: string, href: string | null): readonly Piece[] {
  if (text === '') return []
  if (sought === '') return [{ text, href, found: false }]
  const pieces: Piece[] = []
  const haystack = text.toLowerCase()
  const needle = sought.toLowerCase()
  let at = 0
  for (let next = haystack.indexOf(needle); next >= 0; next = haystack.indexOf(needle, at)) {
    if (next > at) pieces.push({ text: text.slice(at, next), href, found: false })
    pieces.push({ text: text.slice(next, next + needle.length), href, found: true })
    at = next + needle.length
  }
  if (at < text.length) pieces.push({ text: text.slice(at), href, found: false })
  return pieces
}
