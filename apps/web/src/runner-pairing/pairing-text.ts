import { readTypedCode } from '@latchkey/domain/runner-pairing/code'
import { brokerOrigin } from '../broker-origin.ts'
import { placeOf } from '../places.ts'
import { codeOfFragment } from './code-field.ts'

/** What a text that was scanned or pasted asks of the page. */
export type PairingText =
  /** `link`: the fragment of a whole link, which may have the machine's secret in it; null for a bare code */
  | { readonly kind: 'code'; readonly code: string; readonly link: string | null }
  /** this device is to join the broker of this page */
  | { readonly kind: 'join'; readonly token: string }
  | ElsewhereText
  | { readonly kind: 'other' }

/** A link of the same form that another broker answers for. It is never opened without asking. */
export interface ElsewhereText {
  readonly kind: 'elsewhere'
  /** scheme, host and port, as the browser itself would read them: what a person is shown */
  readonly origin: string
  /** the whole link, without a user name or a query that would only mislead */
  readonly address: string
}

/** Nine symbols, two separators of up to three characters: what is longer is a text around something. */
const BARE_CODE_CHARS_MAX = 15

/** What is longer is no link of ours, and is not searched. */
const TEXT_CHARS_MAX = 2_048

/**
 * Reads a link to this page, a link to another broker, or a bare code.
 * @param ownOrigins where this page and its broker are
 */
export function readPairingText(text: string, ownOrigins: readonly string[]): PairingText {
  const url = linkIn(text.slice(0, TEXT_CHARS_MAX))
  if (url !== null) return readLink(url, ownOrigins)
  const bare = text.trim()
  const [code] = bare.length > BARE_CODE_CHARS_MAX ? [] : readTypedCode(bare)
  return code === undefined ? { kind: 'other' } : { kind: 'code', code, link: null }
}

function readLink(url: URL, ownOrigins: readonly string[]): PairingText {
  const place = placeOf({ path: url.pathname, query: url.search, fragment: url.hash }, codeOfFragment)
  const code = place.page === 'pair' ? place.code : null
  const token = place.page === 'join' ? place.token : null
  if (code === null && token === null) return { kind: 'other' }
  if (!ownOrigins.includes(url.origin)) {
    const secret = token === null ? url.hash : `#${token}`
    return { kind: 'elsewhere', origin: url.origin, address: `${url.origin}${url.pathname}${secret}` }
  }
  if (token !== null) return { kind: 'join', token }
  return code === null ? { kind: 'other' } : { kind: 'code', code, link: url.hash }
}

function linkIn(text: string): URL | null {
  const [found] = /https?:\/\/\S+/i.exec(text) ?? []
  return found === undefined || !URL.canParse(found) ? null : new URL(found)
}

/** This page's own address, and its broker's where that is another. */
export const ownOrigins = (): readonly string[] => [location.origin, new URL(brokerOrigin()).origin]
