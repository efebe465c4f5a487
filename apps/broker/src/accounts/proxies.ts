import type { AccountSessionId } from '@latchkey/domain/accounts/account'
import { setProxy } from '@latchkey/domain/accounts/operations'
import type { AccountStore } from '@latchkey/domain/accounts/ports'
import type { AccountProxy, AccountRecord } from '@latchkey/domain/accounts/records'
import type { CredentialSeal } from './credential-seal.ts'

const URL_CHARACTERS_MAX = 1_024
/** RFC 1929 counts each in one byte. */
const SECRET_BYTES_MAX = 255

/** A proxy as it is used, and as it may be shown. */
export type ReadProxy =
  | { readonly ok: true; readonly url: string; readonly shown: string }
  | { readonly ok: false; readonly says: string }

const wrong = (says: string): ReadProxy => ({ ok: false, says })

/** Reads the address of a proxy. A refusal says which part is wrong, and repeats nothing of it. */
export function readProxy(text: string): ReadProxy {
  if (text.length > URL_CHARACTERS_MAX) return wrong(`a proxy has ${URL_CHARACTERS_MAX} characters at most`)
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null) return wrong('a proxy looks like socks5://name:password@proxy.example:1080')
  if (url.protocol !== 'http:' && url.protocol !== 'socks5:')
    return wrong('a proxy begins with http:// or socks5://')
  // Of http, the parser leaves the usual port out.
  const port = url.port || (/:80(?:\/|$)/.test(text) ? '80' : '')
  if (url.hostname === '' || port === '' || port === '0') return wrong('a proxy has a host and a port')
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '')
    return wrong('nothing comes after the port of a proxy')
  for (const secret of [url.username, url.password]) {
    const bytes = decoded(secret)
    if (bytes === null || bytes.length > SECRET_BYTES_MAX || /[\0\r\n]/.test(bytes.toString('latin1')))
      return wrong(`name and password of a proxy have ${SECRET_BYTES_MAX} bytes at most, percent-encoded`)
  }
  if (url.username.includes('%3A') && url.protocol === 'http:')
    return wrong('the name at an http proxy has no colon')
  const place = `${url.hostname}:${port}`
  const secrets = url.username === '' && url.password === '' ? '' : `${url.username}:${url.password}@`
  return { ok: true, url: `${url.protocol}//${secrets}${place}`, shown: `${url.protocol}//${place}` }
}

function decoded(text: string): Buffer | null {
  try {
    return Buffer.from(decodeURIComponent(text))
  } catch {
    return null
  }
}

const placeOf = (sessionId: AccountSessionId) => [sessionId, 'proxy', 'url']

/** Seals a proxy for the record of its account. */
export const sealProxy = (
  seal: CredentialSeal,
  sessionId: AccountSessionId,
  { url, shown }: { readonly url: string; readonly shown: string },
): AccountProxy => ({ sealed: seal.seal(placeOf(sessionId), url).toString('base64url'), shown })

/** The address of a kept proxy. Throws when no key opens it: without its proxy an account must not connect. */
export const openProxy = (
  seal: CredentialSeal,
  sessionId: AccountSessionId,
  { sealed }: AccountProxy,
): string => seal.open(placeOf(sessionId), Buffer.from(sealed, 'base64url'))

/** Seals the proxy of an account with the key in use now, where it was sealed with an older one. */
export async function resealProxy(
  store: AccountStore,
  seal: CredentialSeal,
  { sessionId, proxy = null }: AccountRecord,
): Promise<void> {
  if (proxy === null || seal.isCurrent(Buffer.from(proxy.sealed, 'base64url'))) return
  const { shown } = proxy
  const url = openProxy(seal, sessionId, proxy)
  await store.run(setProxy(sessionId, sealProxy(seal, sessionId, { url, shown })))
}
