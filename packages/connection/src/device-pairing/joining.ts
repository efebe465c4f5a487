import { assertNever } from '@latchkey/domain/kernel'
import { base64url } from '@latchkey/protocol/bytes'
import { received } from '@latchkey/protocol/call'
import { problem } from '@latchkey/protocol/console'
import {
  connectReply,
  type DeviceProblemCode,
  deviceFingerprint,
  type JoinEvent,
  joinEvent,
  joinMessage,
  secretHash,
} from '@latchkey/protocol/device-pairing'
import { type Observable, subject } from '../observable.ts'
import { Retry } from '../retry.ts'
import type { Cancel, Platform } from '../transport.ts'
import { eventsIn } from './event-stream.ts'
import type { JoiningSecrets } from './joining-secrets.ts'

/** An Ed25519 key as something to ask, so that the bytes may be where no script reads them. */
export interface DeviceKey {
  /** 32 bytes */
  readonly publicKey: Uint8Array
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>
}

export interface JoiningOptions {
  /** http(s), as people type it */
  readonly brokerUrl: string
  /** from the fragment of the join URL */
  readonly token: string
  /** how the device would be listed */
  readonly name: string
  readonly key: DeviceKey
  /** kept by the device before it asks: a page that dies right after the PIN matched has not lost them */
  readonly secrets: JoiningSecrets
  readonly platform: Pick<Platform, 'nowMs' | 'after' | 'randomBytes'>
  readonly fetch: (url: URL, request: RequestInit & { readonly body: string }) => Promise<Response>
}

export type JoinRefusal =
  | 'unknown'
  | 'expired'
  | 'used'
  | 'cancelled'
  | 'too-many-pins'
  | 'device-limit'
  | 'address-conflict'
  | 'too-many-tries'
  | 'failed'

/** Where a device stands on its way into the mesh. */
export type JoinState =
  /** a PIN is being asked for; `unreachable`: the broker did not answer, and is asked again by itself */
  | { readonly status: 'asking'; readonly unreachable: boolean }
  | {
      readonly status: 'pin'
      readonly pin: string
      readonly nodeId: string
      /** how it will be listed, and where */
      readonly name: string
      readonly host: string
      /** by the platform's clock */
      readonly endsAtMs: number
      /** false while the broker is out of reach: what happens there is not known */
      readonly following: boolean
    }
  | { readonly status: 'joined'; readonly nodeId: string; readonly name: string; readonly host: string }
  | { readonly status: 'refused'; readonly why: JoinRefusal; readonly detail: string }

const ANSWER_WITHIN_MS = 10_000
/** The broker says something every 15 s: after three times nothing the way to it is gone, whatever the socket says. */
const SILENT_MS_MAX = 45_000

/**
 * One device joins with one token: shows its PIN and follows until it is in or refused. What the network does on the way
 * is tried again; asking twice is asking once, since the broker knows the device by its key.
 */
export class Joining {
  readonly #options: JoiningOptions
  readonly #state = subject<JoinState>({ status: 'asking', unreachable: false })
  readonly #retry: Retry
  /** this device's own id: an answer that names another one is not for it */
  readonly #deviceId: string
  #name: string
  /** ends the request that is under way */
  #abort: AbortController | null = null

  constructor(options: JoiningOptions) {
    this.#options = options
    this.#name = options.name
    this.#deviceId = deviceFingerprint(options.key.publicKey)
    this.#retry = new Retry(options.platform, () => void this.#goOn())
    void this.#goOn()
  }

  get state(): Observable<JoinState> {
    return this.#state
  }

  /** Another name, until the PIN is typed. */
  rename(name: string): void {
    this.#name = name
    void this.#goOn()
  }

  /** After a refusal that time or a person has cured. */
  again(): void {
    this.#state.set({ status: 'asking', unreachable: false })
    void this.#goOn()
  }

  /** The device woke up or has a network again: what waits for its next try is tried now. */
  wake(): void {
    if (this.#retry.nextTryAtMs !== null) void this.#goOn()
  }

  close(): void {
    this.#retry.stop()
    this.#abort?.abort()
    this.#abort = null
  }

  async #goOn(): Promise<void> {
    this.close()
    const mine = new AbortController()
    this.#abort = mine
    const outcome = await this.#asked(mine).catch(() => 'lost' as const)
    if (this.#abort !== mine) return
    if (outcome === 'settled') return this.close()
    const { current } = this.#state
    if (current.status === 'pin') this.#state.set({ ...current, following: false })
    else if (current.status === 'asking') this.#state.set({ status: 'asking', unreachable: true })
    this.#retry.afterFailure()
  }

  /** Asks for the PIN, then follows. `lost`: it is not known what became of it. */
  async #asked(mine: AbortController): Promise<'settled' | 'lost'> {
    const { token, key, secrets } = this.#options
    const said = {
      token,
      publicKey: base64url(key.publicKey),
      name: this.#name,
      peerHash: secretHash(secrets.peerToken),
      sessionHash: secretHash(secrets.sessionSecret),
    }
    const proof = base64url(await key.sign(joinMessage(said)))
    const answer = await this.#post('pairing/connect', { ...said, proof }, mine)
    if (!answer.ok) {
      const refused = await refusalIn(answer)
      if (refused === null) return 'lost'
      // Perhaps it is this very device that has joined, and the page missed the moment.
      if (refused.code === 'ALREADY_REGISTERED') return this.#follow(mine, null)
      return this.#refuse(refused.why, refused.detail)
    }
    const told = received(connectReply, await answer.json())
    if (told === null) return this.#refuse('failed', 'the broker is of another release')
    this.#retry.succeeded()
    this.#state.set({
      status: 'pin',
      pin: told.pin,
      nodeId: this.#deviceId,
      name: told.name,
      host: told.host,
      endsAtMs: this.#options.platform.nowMs() + (told.expiresAt - told.serverTime),
      following: true,
    })
    return this.#follow(mine, told.host)
  }

  async #follow(mine: AbortController, host: string | null): Promise<'settled' | 'lost'> {
    const answer = await this.#post('pairing/follow', { token: this.#options.token }, mine)
    if (!answer.ok || answer.body === null) {
      const refused = await refusalIn(answer)
      return refused === null ? 'lost' : this.#refuse(refused.why, refused.detail)
    }
    const watch = this.#watch(mine)
    try {
      for await (const data of eventsIn(answer.body, watch.heard)) {
        const event = joinEventOf(data)
        if (event !== null && this.#happened(event, host)) return 'settled'
      }
      return 'lost'
    } finally {
      watch.end()
    }
  }

  /** True when that was the last there is to hear. */
  #happened(event: JoinEvent, host: string | null): boolean {
    switch (event.status) {
      case 'waiting':
      case 'connected':
        return false
      case 'registered': {
        const { id, name } = event.node
        if (id !== this.#deviceId) this.#refuse('used', '')
        else
          this.#state.set({
            status: 'joined',
            nodeId: id,
            name,
            host: host ?? new URL(this.#options.brokerUrl).host,
          })
        return true
      }
      case 'failed':
        this.#refuse(event.reason === 'too-many-attempts' ? 'too-many-pins' : event.reason, '')
        return true
      default:
        return assertNever(event)
    }
  }

  #refuse(why: JoinRefusal, detail: string): 'settled' {
    this.#state.set({ status: 'refused', why, detail })
    return 'settled'
  }

  /** The answer's head within its time; its body may take as long as it lasts. */
  async #post(path: string, body: object, mine: AbortController): Promise<Response> {
    const { brokerUrl, fetch, platform } = this.#options
    const stop = platform.after(ANSWER_WITHIN_MS, () => mine.abort())
    try {
      return await fetch(new URL(path, brokerUrl.endsWith('/') ? brokerUrl : `${brokerUrl}/`), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        credentials: 'omit',
        signal: mine.signal,
      })
    } finally {
      stop()
    }
  }

  /** Ends a stream that has gone silent. */
  #watch(mine: AbortController): { readonly heard: () => void; readonly end: Cancel } {
    const { platform } = this.#options
    let stop: Cancel = () => {}
    const heard = () => {
      stop()
      stop = platform.after(SILENT_MS_MAX, () => mine.abort())
    }
    heard()
    return { heard, end: () => stop() }
  }
}

function joinEventOf(data: string): JoinEvent | null {
  try {
    return received(joinEvent, JSON.parse(data))
  } catch {
    return null
  }
}

/** Why the broker refuses; null when it may be asked again: it failed, or somebody in front of it did. */
async function refusalIn(
  answer: Response,
): Promise<{ readonly why: JoinRefusal; readonly code: string; readonly detail: string } | null> {
  const told = received(problem, await answer.json().catch(() => null))
  if (told === null || told.status >= 500) return null
  const why = Object.entries(REFUSALS).find(([code]) => code === told.code)?.[1] ?? 'failed'
  return { why, code: told.code, detail: told.detail ?? '' }
}

const REFUSALS: Partial<Readonly<Record<DeviceProblemCode, JoinRefusal>>> = {
  TOKEN_UNKNOWN: 'unknown',
  MALFORMED_TOKEN: 'unknown',
  TOKEN_EXPIRED: 'expired',
  TOKEN_USED: 'used',
  ALREADY_REGISTERED: 'used',
  PAIRING_CANCELLED: 'cancelled',
  TOO_MANY_ATTEMPTS: 'too-many-pins',
  DEVICE_LIMIT: 'device-limit',
  IP_CONFLICT: 'address-conflict',
  TOO_MANY_PAIRINGS: 'too-many-tries',
  RATE_LIMITED: 'too-many-tries',
}
