import { readTypedCode } from '@latchkey/domain/runner-pairing/code'
import { brokerOrigin } from '../broker-origin.ts'
import { placeOf } from '../places.ts'
import { codeOfFragment } from './code-field.ts'

/** The meaning of a scanned or pasted text. */
export type PairingText =
  /** `link`: the fragment of a pairing URL, which may have the machine's secret in it; null for a bare code */
  | { readonly kind: 'code'; readonly code: string; readonly link: string | null }
  /** this device is to join the broker of this page */
  | { readonly kind: 'join'; readonly token: string }
  /** a share link: one terminal, for a guest. `link`: its fragment */
  | { readonly kind: 'share'; readonly link: string }
  | ElsewhereText
  | { readonly kind: 'other' }

/** A pairing URL, share link or join link of another broker. It is never opened without asking. */
export interface ElsewhereText {
  readonly kind: 'elsewhere'
  /** scheme, host and port, as the browser reads them; shown to the person */
  readonly origin: string
  /** the whole pairing URL, without a user name or a query that would only mislead */
  readonly address: string
}

/** Nine symbols and two separators of up to three characters. A longer text may contain a code, but is none. */
const BARE_CODE_CHARS_MAX = 15

/** No pairing URL is longer; the rest of a text is not searched. */
const TEXT_CHARS_MAX = 2_048

/**
 * Reads a pairing URL, a share link or a join link, of this broker or another, or a bare code.
 * @param ownOrigins where this page and its broker are
 */
export function readPairingText(text: string, ownOrigins: readonly string[]): PairingText {
  const url = urlIn(text.slice(0, TEXT_CHARS_MAX))
  if (url !== null) return readUrl(url, ownOrigins)
  const bare = text.trim()
  const [code] = bare.length > BARE_CODE_CHARS_MAX ? [] : readTypedCode(bare)
  return code === undefined ? { kind: 'other' } : { kind: 'code', code, link: null }
}

function readUrl(url: URL, ownOrigins: readonly string[]): PairingText {
  const place = placeOf({ path: url.pathname, query: url.search, fragment: url.hash }, codeOfFragment)
  const code = place.page === 'pair' ? place.code : null
  const token = place.page === 'join' ? place.token : null
  const share = place.page === 'guest' ? place.link : null
  if (code === null && token === null && share === null) return { kind: 'other' }
  if (!ownOrigins.includes(url.origin)) {
    const secret = token === null ? url.hash : `#${token}`
    return { kind: 'elsewhere', origin: url.origin, address: `${url.origin}${url.pathname}${secret}` }
  }
  if (token !== null) return { kind: 'join', token }
  if (share !== null) return { kind: 'share', link: share }
  return code === null ? { kind: 'other' } : { kind: 'code', code, link: url.hash }
}

function urlIn(text: string): URL | null {
  const [found] = /https?:\/\/\S+/i.exec(text) ?? []
  return found === undefined || !URL.canParse(found) ? null : new URL(found)
}

/** This page's own address, and its broker's where that is another. */
export const ownOrigins = (): readonly string[] => [location.origin, new URL(brokerOrigin()).origin]
