import { join } from 'node:path'
import {
  admitGuest,
  isOpen,
  newShare,
  type ShareRefusal,
  type ShareWish,
} from '@latchkey/domain/sharing/share'
import { SHARE_ID_BYTES } from '@latchkey/e2ee/messages'
import type { ProvedApp } from '@latchkey/e2ee/runner-steps'
import { SHARE_SECRET_BYTES, shareFragment } from '@latchkey/e2ee/share-url'
import { base64url } from '@latchkey/protocol/bytes'
import type { ListedShare } from '@latchkey/protocol/terminal/shares'
import { KeptFile } from '../kept-file.ts'
import { decodeShares, encodeShares, type KeptShare } from './share-file.ts'

/** What a link needs to know of the terminals here. */
export interface SharedTerminals {
  /** when its program began; null: no such terminal, or its program has ended */
  startedAtMs(terminal: number): number | null
  /** whether a channel of this app shows it now */
  isWatchedBy(terminal: number, app: string): boolean
}

export interface ShareBookOptions {
  /** null: links end with this process */
  readonly folder: string | null
  readonly runnerId: string
  /** the runner's X25519 key */
  readonly reach: Uint8Array
  readonly terminals: SharedTerminals
  readonly randomBytes: (byteCount: number) => Uint8Array
  readonly nowMs: () => number
  /** ends every channel of this guest, at once */
  readonly onTurnedAway: (app: string) => void
  /** the route tickets are others now */
  readonly onTickets: () => void
  readonly onTrouble: (problem: unknown) => void
}

/** A guest with what its channel needs. */
export interface AdmittedGuest {
  readonly app: string
  readonly label: string
  readonly terminal: number
  readonly type: boolean
  /** earlier output is hidden from it */
  readonly knownSinceMs: number
  readonly endsAtMs: number
}

export type OpenedShare =
  | { readonly ok: true; readonly share: ListedShare; readonly fragment: string }
  | { readonly ok: false; readonly code: 'NO_SUCH_TERMINAL' | 'FAILED'; readonly message: string }

/** The share links of this machine. Each opens one terminal, counts its guests, and ends by itself. */
export class ShareBook {
  readonly #options: ShareBookOptions
  readonly #file: KeptFile | null
  readonly #shares = new Map<string, KeptShare>()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #listeners = new Set<() => void>()
  /** the guests that were there when it was last told */
  #here = ''

  constructor(options: ShareBookOptions) {
    const { folder, terminals, nowMs } = options
    this.#options = options
    this.#file = folder === null ? null : new KeptFile(join(folder, 'shares.json'))
    const kept = this.#file?.read()?.toString('utf8')
    for (const share of kept === undefined ? [] : decodeShares(kept))
      if (isOpen(share, nowMs()) && terminals.startedAtMs(share.terminal) === share.startedAtMs) {
        this.#shares.set(share.id, share)
        this.#endInTime(share)
      }
  }

  get list(): readonly ListedShare[] {
    return [...this.#shares.values()].map((share) => this.#listed(share))
  }

  /** Calls `listener` whenever a link or one of its guests has changed. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Resolves once the link outlives this process. */
  async open(wish: ShareWish): Promise<OpenedShare> {
    const { randomBytes, nowMs, terminals, runnerId, reach, onTickets } = this.#options
    const startedAtMs = terminals.startedAtMs(wish.terminal)
    if (startedAtMs === null)
      return { ok: false, code: 'NO_SUCH_TERMINAL', message: 'This terminal is no more.' }
    const shareId = randomBytes(SHARE_ID_BYTES)
    const id = Buffer.from(shareId).toString('hex')
    const made = newShare(wish, { id, startedAtMs, openShares: this.#shares.size }, nowMs())
    if (!made.ok) return { ok: false, code: 'FAILED', message: REFUSALS[made.refusal] }
    const secret = randomBytes(SHARE_SECRET_BYTES)
    const fragment = shareFragment({ runnerId, reach, shareId, secret })
    if (fragment === null)
      return { ok: false, code: 'FAILED', message: 'A machine with this id cannot be named in a link.' }
    const share: KeptShare = { ...made.value, secret }
    this.#shares.set(id, share)
    this.#endInTime(share)
    onTickets()
    this.#changed()
    await this.#save()
    return { ok: true, share: this.#listed(share), fragment }
  }

  /** Ends a link: its guests are gone when this returns. False when there is none of that id. */
  end(id: string): boolean {
    const share = this.#shares.get(id)
    if (share === undefined) return false
    this.#shares.delete(id)
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    for (const { app } of share.guests) this.#options.onTurnedAway(app)
    this.#options.onTickets()
    this.#changed()
    this.#save().catch(this.#options.onTrouble)
    return true
  }

  /** The terminal is there no more, or its program has ended. */
  terminalEnded(terminal: number): void {
    for (const share of [...this.#shares.values()]) if (share.terminal === terminal) this.end(share.id)
  }

  /** For a handshake: the secret of an open link; null for every other. */
  secretOf(shareId: Uint8Array): Uint8Array | null {
    const share = this.#shares.get(Buffer.from(shareId).toString('hex'))
    return share !== undefined && isOpen(share, this.#options.nowMs()) ? Uint8Array.from(share.secret) : null
  }

  /** From each of them a route ticket is derived. */
  get secrets(): readonly Uint8Array[] {
    return [...this.#shares.values()].map(({ secret }) => secret)
  }

  /** Counts a guest that has proved link and key. Written down before it is answered. */
  async admit(proved: ProvedApp): Promise<AdmittedGuest | 'expired' | 'replayed'> {
    const { randomBytes, nowMs } = this.#options
    const share = proved.shareId && this.#shares.get(Buffer.from(proved.shareId).toString('hex'))
    if (!share) return 'expired'
    const came = admitGuest(
      share,
      {
        key: base64url(proved.appKey),
        label: proved.label ?? '',
        greetedAtMs: proved.greetedAtMs,
        freshApp: Buffer.from(randomBytes(16)).toString('hex'),
      },
      nowMs(),
    )
    if (!came.ok) return came.refusal === 'replayed' ? 'replayed' : 'expired'
    const { guest } = came.value
    this.#shares.set(share.id, { ...came.value.share, secret: share.secret })
    this.#changed()
    await this.#save()
    const { terminal, type, history, endsAtMs } = share
    const knownSinceMs = history ? 0 : guest.firstSeenAtMs
    return { app: guest.app, label: guest.label, terminal, type, knownSinceMs, endsAtMs }
  }

  /** Whether this guest's link is still open. */
  isWelcome(app: string): boolean {
    return [...this.#shares.values()].some(({ guests }) => guests.some((guest) => guest.app === app))
  }

  /** The watchers of a terminal may have changed. */
  stirred(): void {
    if (this.#shares.size > 0 && this.#whoIsHere() !== this.#here) this.#changed()
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  #endInTime({ id, endsAtMs }: KeptShare): void {
    const inMs = Math.max(0, endsAtMs - this.#options.nowMs())
    this.#timers.set(id, setTimeout(() => this.end(id), inMs).unref())
  }

  #listed(share: KeptShare): ListedShare {
    return {
      share: share.id,
      terminal: share.terminal,
      mayType: share.type,
      history: share.history,
      createdAt: share.createdAtMs,
      endsAt: share.endsAtMs,
      guestsMax: share.guestsMax,
      guests: share.guests.map(({ app, label, lastSeenAtMs }) => ({
        label,
        here: this.#options.terminals.isWatchedBy(share.terminal, app),
        lastSeenAt: lastSeenAtMs,
      })),
    }
  }

  #whoIsHere(): string {
    const { terminals } = this.#options
    const guests = [...this.#shares.values()].flatMap(({ guests, terminal }) =>
      guests.filter(({ app }) => terminals.isWatchedBy(terminal, app)),
    )
    return guests.map(({ app }) => app).join(' ')
  }

  #changed(): void {
    this.#here = this.#whoIsHere()
    for (const listener of this.#listeners) listener()
  }

  async #save(): Promise<void> {
    await this.#file?.write(encodeShares(this.#shares.values()))
  }
}

const REFUSALS: Readonly<Record<ShareRefusal, string>> = {
  'too-many-links': 'Sixteen links are open on this machine. End one first.',
  'bad-time': 'A link lives between one minute and seven days.',
  'bad-count': 'A link lets in between 1 and 16 browsers.',
}
