import type { PhoneNumber } from '@latchkey/domain/accounts/account'
import { type Closing, closingOf, undecodable } from '@latchkey/domain/accounts/close-cause'
import type { SocketEvent } from '@latchkey/domain/accounts/effects'
import { dialledDigits } from '@latchkey/domain/accounts/phone'
import type { SocketOptions, WhatsAppSocket } from '@latchkey/domain/accounts/ports'
import {
  type AuthenticationCreds,
  Browsers,
  type ConnectionState,
  makeWASocket,
  type WAVersion,
} from 'baileys'
import { freshCreds, type KeptAuth, keepAuth, readLinkedCreds } from './auth-state.ts'
import { confirmedCode } from './confirmed-code.ts'
import { harden, type Sock, terminate } from './hardening.ts'
import { proxyAgent } from './proxy-agent.ts'
import { quietLogger } from './quiet-logger.ts'

/** Which WhatsApp is spoken to, and as what. */
export interface LibrarySettings {
  /** where WhatsApp is; the library's own address when null */
  readonly url: string | null
  /** the client version to claim, `2.3000.1043857760`; the library's own when null */
  readonly version: string | null
}

/** WebSocket upgrade and handshake together: a page waits for this. */
const CONNECT_MS_MAX = 10_000
/** WhatsApp's answer to any one question after login. */
const QUERY_MS_MAX = 60_000
/** Telling WhatsApp that this device goes; after that it is gone here whatever the answer. */
const LOG_OUT_MS_MAX = 5_000

/** Nothing is kept that could log in: as if WhatsApp had said so. */
const nothingKept: Closing = closingOf(401, 'no linked credentials are kept')

/** Opens one connection. Resolves once it is under way; never rejects for what WhatsApp does. */
export async function openSocket(settings: LibrarySettings, options: SocketOptions): Promise<WhatsAppSocket> {
  const creds = options.as === 'fresh' ? freshCreds() : await readLinkedCreds(options.shelf)
  if (creds === null) {
    options.on({ event: 'closed', closing: nothingKept })
    return noSocket
  }
  const auth = keepAuth(creds, options.shelf, options.onWriteFailed)
  return new Connection(makeSock(settings, options, auth), creds, auth, options.on)
}

const noSocket: WhatsAppSocket = {
  askForCode: () => {},
  flush: async () => {},
  logOut: async () => {},
  end: async () => {},
}

function makeSock({ url, version }: LibrarySettings, options: SocketOptions, auth: KeptAuth): Sock {
  const { qrMs, method, deviceName, proxy } = options
  const claimed = versionOf(version)
  const [system, browser, release] = Browsers.macOS('Chrome')
  return makeWASocket({
    auth: auth.state,
    logger: quietLogger,
    // The phone lists the first as the name. WhatsApp confirms codes for the names of known systems only.
    browser: [method === 'qr' && deviceName !== null ? deviceName : system, browser, release],
    connectTimeoutMs: CONNECT_MS_MAX,
    defaultQueryTimeoutMs: QUERY_MS_MAX,
    // Else the phone would stop notifying its owner.
    markOnlineOnConnect: false,
    syncFullHistory: false,
    ...(url === null ? {} : { waWebSocketUrl: url }),
    ...(proxy !== null && { agent: proxyAgent(proxy) }),
    ...(claimed === null ? {} : { version: claimed }),
    ...(qrMs === null ? {} : { qrTimeout: qrMs }),
  })
}

function versionOf(text: string | null): WAVersion | null {
  const [major, minor, patch] = (text ?? '').split('.').map(Number)
  return major === undefined || minor === undefined || patch === undefined ? null : [major, minor, patch]
}

/** One connection of Baileys behind the port. */
class Connection implements WhatsAppSocket {
  readonly #sock: Sock
  readonly #creds: AuthenticationCreds
  readonly #auth: KeptAuth
  readonly #unharden: () => void
  #tell: ((said: SocketEvent) => void) | null
  readonly #ended: Promise<void>
  #noteEnd: () => void = () => {}

  constructor(sock: Sock, creds: AuthenticationCreds, auth: KeptAuth, on: (said: SocketEvent) => void) {
    this.#sock = sock
    this.#creds = creds
    this.#auth = auth
    this.#tell = on
    this.#ended = new Promise((resolve) => {
      this.#noteEnd = resolve
    })
    this.#unharden = harden(sock, creds, {
      qr: (text) => this.#say({ event: 'qr', text }),
      codeTyped: () => this.#say({ event: 'code-typed' }),
      freshCodeWanted: () => this.#say({ event: 'fresh-code-wanted' }),
      passkeyRequired: () => this.#say({ event: 'passkey-required' }),
      unreadable: () => this.#close(undecodable),
    })
    sock.ev.on('creds.update', this.#onCreds)
    sock.ev.on('connection.update', this.#onUpdate)
  }

  askForCode(phone: PhoneNumber): void {
    confirmedCode(this.#sock, dialledDigits(phone), this.#ended).then(
      (verdict) => {
        if (verdict === null) return
        this.#say(
          verdict.ok ? { event: 'code', code: verdict.code } : { event: 'code-refused', why: verdict.why },
        )
      },
      () => this.#say({ event: 'code-refused', why: 'refused' }),
    )
  }

  flush(): Promise<void> {
    return this.#auth.flush()
  }

  async logOut(): Promise<void> {
    this.#detach()
    const { promise: late, cancel } = afterMs(LOG_OUT_MS_MAX)
    await Promise.race([this.#sock.logout().catch(() => {}), late])
    cancel()
    await this.end()
  }

  async end(): Promise<void> {
    this.#detach()
    // Baileys' own end waits for the peer and for what it was doing; the connection itself is gone within the bound.
    await this.#sock.end(undefined).catch(() => terminate(this.#sock))
    await this.#auth.close()
  }

  readonly #onCreds = (): void => this.#auth.credsChanged()

  readonly #onUpdate = (update: Partial<ConnectionState>): void => {
    if (update.isNewLogin === true) this.#sayPhone('paired')
    if (update.connection === 'open') this.#sayPhone('open')
    if (update.connection === 'close') this.#close(closingFrom(update.lastDisconnect?.error))
  }

  #sayPhone(event: 'paired' | 'open'): void {
    const phone = phoneOf(this.#creds.me?.id)
    if (phone === null) this.#close(undecodable)
    else this.#say({ event, phone })
  }

  #say(said: SocketEvent): void {
    this.#tell?.(said)
  }

  /** The last event of this connection: later ones are dropped. */
  #close(closing: Closing): void {
    const tell = this.#tell
    this.#detach()
    tell?.({ event: 'closed', closing })
    this.#sock.end(undefined).catch(() => terminate(this.#sock))
  }

  #detach(): void {
    this.#tell = null
    this.#noteEnd()
    this.#sock.ev.off('connection.update', this.#onUpdate)
    this.#sock.ev.off('creds.update', this.#onCreds)
    this.#unharden()
    // Late errors have to be caught, though they change nothing.
    this.#sock.ws.on('error', ignore)
  }
}

const ignore = (): void => {}

/** `79001234567:3@s.whatsapp.net` → `+79001234567`. */
function phoneOf(jid: string | undefined): PhoneNumber | null {
  const digits = /^(\d{5,20})(:\d+)?@/.exec(jid ?? '')?.[1]
  return digits === undefined ? null : (`+${digits}` as PhoneNumber)
}

/** What Baileys reports of an end: an error with an HTTP-like status, sometimes with WhatsApp's own data. */
function closingFrom(problem: unknown): Closing {
  const output = property(problem, 'output')
  const statusCode = Number(property(output, 'statusCode'))
  const expire = Number(property(property(problem, 'data'), 'expire'))
  return closingOf(
    Number.isInteger(statusCode) && statusCode > 0 ? statusCode : null,
    problem instanceof Error ? problem.message : '',
    Number.isFinite(expire) && expire > 0 ? expire : null,
  )
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

function afterMs(ms: number): { readonly promise: Promise<void>; readonly cancel: () => void } {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return { promise, cancel: () => clearTimeout(timer) }
}
