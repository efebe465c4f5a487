import { PATH } from '../../files/file-path.ts'
import { looksLikeFile } from './path-in.ts'

/** A piece of the reader's text: an address one can follow, a path of the machine, or just text. */
export interface Piece {
  readonly text: string
  readonly href: string | null
  readonly found: boolean
  /** the whole path that this is a piece of */
  readonly path?: string
}

const ADDRESS = /https?:\/\/[^\s<>"'`\u0000-\u001f]+[^\s<>"'`.,;:!?)\]}]/g

/** `text` in pieces: web addresses, and all places that hold `sought` in upper or lower case. */
export function piecesOf(text: string, sought: string): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const match of text.matchAll(ADDRESS)) {
    pieces.push(...withPaths(text.slice(at, match.index), sought))
    pieces.push(...marked(match[0], sought, match[0]))
    at = match.index + match[0].length
  }
  return [...pieces, ...withPaths(text.slice(at), sought)]
}

function withPaths(text: string, sought: string): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const match of text.matchAll(PATH)) {
    const [path] = match
    if (!looksLikeFile(path)) continue
    pieces.push(...marked(text.slice(at, match.index), sought, null))
    pieces.push(...marked(path, sought, null).map((piece) => ({ ...piece, path })))
    at = match.index + path.length
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
