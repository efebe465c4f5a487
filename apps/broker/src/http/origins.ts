import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { isMachineAddress, multicastName } from './machine-addresses.ts'

/** Why a request is not served, and with which HTTP status. */
export const REFUSAL_STATUS = {
  /** two readers of it might take it for two hosts: more than one Host, or a target that names another one (RFC 9112, 3.2) */
  HOST_AMBIGUOUS: 400,
  HOST_NOT_ALLOWED: 421,
  ORIGIN_NOT_ALLOWED: 403,
} as const
export type OriginRefusal = keyof typeof REFUSAL_STATUS

/** Which pages may talk to this broker, and under which names it may be asked for. */
export interface Origins {
  /** null when the request may go on */
  refusalOf(request: IncomingMessage): OriginRefusal | null
  allows(origin: string): boolean
}

export interface OriginRules {
  readonly publicUrl: string | undefined
  /** the address of this very broker, to which pages of the public one come for their terminals */
  readonly nodePublicUrl?: string | undefined
  readonly allowedOrigins: readonly string[]
  /** known once it listens */
  readonly port: () => number
}

/**
 * A browser sends the Origin of the page. Ours is one of our names and addresses with our port, the public URL, or one the
 * operator allowed; and the page that was loaded from the very address it now connects to, if that address is safe from DNS
 * rebinding. A client without Origin is no browser and is admitted as it is.
 */
export function origins(rules: OriginRules): Origins {
  const allowed = new Set([
    ...rules.allowedOrigins,
    ...[rules.publicUrl, rules.nodePublicUrl].filter((url) => url !== undefined),
  ])
  const namedHosts = new Set([...allowed].map((origin) => new URL(origin).hostname))

  /** Rebinding needs a DNS name of the attacker's; an address, or a name that only we answer to, is none. */
  const isSafeHost = (host: string): boolean =>
    isIP(host.replace(/^\[|\]$/g, '')) !== 0 || isOwnName(host) || namedHosts.has(host)

  const allows = (origin: string): boolean => {
    if (allowed.has(origin)) return true
    if (!URL.canParse(origin)) return false
    const url = new URL(origin)
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
    return port === rules.port() && (isOwnName(url.hostname) || isOwnAddress(url.hostname))
  }

  return {
    allows,
    refusalOf({ headers, rawHeaders, url = '/' }) {
      const host = hostOf(headers.host)
      if (isAmbiguous(rawHeaders, url, host?.host)) return 'HOST_AMBIGUOUS'
      if (host === null || !isSafeHost(host.hostname)) return 'HOST_NOT_ALLOWED'
      const { origin } = headers
      if (origin === undefined || allows(origin)) return null
      // `null`, `file://` and the like parse to no host and are refused.
      const isSame = URL.canParse(origin) && /^https?:/.test(origin) && new URL(origin).host === host.host
      return isSame ? null : 'ORIGIN_NOT_ALLOWED'
    },
  }
}

/**
 * Node keeps the first of two Host headers and looks into no target, while a proxy in front may go by the other one.
 * @param target as in the request line: a path, or an absolute address
 */
function isAmbiguous(rawHeaders: readonly string[], target: string, host: string | undefined): boolean {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  if (hosts.length > 1) return true
  if (target.startsWith('/')) return false
  if (!URL.canParse(target)) return true
  const { protocol, host: named, username, password } = new URL(target)
  return !/^https?:$/.test(protocol) || named !== host || username !== '' || password !== ''
}

/** Names of this machine that an attacker's DNS cannot redirect for a browser here or on the local network. */
function isOwnName(host: string): boolean {
  const own = hostname().toLowerCase()
  return host === 'localhost' || host.endsWith('.localhost') || host === own || host === multicastName()
}

function isOwnAddress(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  if (isIP(bare) === 0) return false
  return bare === '::1' || /^127\./.test(bare) || isMachineAddress(bare)
}

function hostOf(header: string | undefined): { readonly host: string; readonly hostname: string } | null {
  if (header === undefined || !URL.canParse(`http://${header}`)) return null
  const url = new URL(`http://${header}`)
  const plain =
    url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' && url.hash === ''
  return plain ? { host: url.host, hostname: url.hostname } : null
}
