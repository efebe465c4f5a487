import type {
  SealedEnvelope,
  SealedRunner,
  Sealer,
  SealHandshake,
  SealMeeting,
  SealRefusal,
  SealStep,
  SealStore,
} from '@latchkey/connection/app/sealer'
import { assertNever, type Entropy } from '@latchkey/domain/kernel'
import { base64url, hex } from '@latchkey/protocol/bytes'
import { AppHandshake } from './app-handshake.ts'
import type { AppStep, WayIn } from './app-steps.ts'
import { SealedChannel } from './channel.ts'
import { routeTicket } from './derivations.ts'
import { KNOWS_RIGHTS } from './grant.ts'
import type { ChannelSecrets, HandshakeRefusal } from './handshake.ts'
import type { AgreementKey, Primitives } from './primitives.ts'
import { equalInConstantTime } from './secret-bytes.ts'

/** The parts that a platform brings to seal its links. */
export interface AppSealerOptions {
  readonly primitives: Primitives
  readonly entropy: Entropy
  /** milliseconds since the epoch, by this device's clock */
  readonly nowMs: () => number
  readonly keys: AppKeys
  readonly store: SealStore
  /**
   * Runs `run` under a lock of that name, which other tabs and processes of this app take as well: two that return with the
   * same key at once would look like a clone (SECURITY C46).
   */
  readonly exclusively: <Result>(name: string, run: () => Promise<Result>) => Promise<Result>
}

/** This app's X25519 keys: one for all its runners, but for those that have refused it for ever. */
export interface AppKeys {
  of(runnerId: string): Promise<AgreementKey>
  /** A new one for this runner. Nothing has changed before `keep`: it may be the relay that speaks of refusal. */
  fresh(runnerId: string): Promise<{ readonly key: AgreementKey; keep(): Promise<void> }>
}

/** The app's end of sealing, for `AppLinkOptions.seal`: one a device, for all its links. */
export function appSealer(options: AppSealerOptions): Sealer {
  const { store } = options
  return {
    knows: async (runnerId) => (await store.read(runnerId)) !== null,
    routeTicket: async (runnerId) => {
      const known = await store.read(runnerId)
      return known === null ? null : base64url(routeTicket(known.resumeKey, runnerId))
    },
    pairingUrlTicket: ({ oneTimeSecret, runnerId }) =>
      runnerId === null ? null : base64url(routeTicket(oneTimeSecret, runnerId)),
    pairingName: async (runnerId) => (await store.read(runnerId))?.pairingName ?? null,
    handshake: (meeting) => new AppSealHandshake(options, meeting),
  }
}

/** One handshake as a link sees it: chooses the way in, holds the lock, and stores the grant before anything is sent. */
class AppSealHandshake implements SealHandshake {
  readonly #options: AppSealerOptions
  readonly #meeting: SealMeeting
  #handshake: AppHandshake | null = null
  #known: SealedRunner | null = null
  #label = ''
  #greetedAtMs = 0
  #keepKey: () => Promise<void> = async () => {}
  #over = false
  /** settled once the last grant is stored */
  #storing: Promise<unknown> = Promise.resolve()
  #release: () => void = () => {}

  constructor(options: AppSealerOptions, meeting: SealMeeting) {
    this.#options = options
    this.#meeting = meeting
  }

  /** Takes the lock of this runner until the handshake is over. */
  async begin(): Promise<SealStep> {
    const { store, exclusively, primitives, entropy } = this.#options
    const { runnerId, pid } = this.#meeting
    await new Promise<void>((entered, failed) => {
      exclusively(`latchkey-seal-${runnerId}`, () => {
        entered()
        return new Promise<void>((release) => {
          this.#release = release
          if (this.#over) release()
        })
      }).catch(failed)
    })
    if (this.#over) return refused('given-up')
    const known = await store.read(runnerId)
    const way = wayOf(this.#meeting, known)
    if (typeof way === 'string') return this.#refuse(way)
    this.#known = known
    // The lock is for returning alone. Other tabs do not wait until a person has typed a PIN.
    if (way.method !== 'resume') this.#release()
    // Greeting times grow, also when the clock was set back: the runner takes no older one (SECURITY C44).
    this.#greetedAtMs = Math.max(this.#options.nowMs(), (known?.greetedAtMs ?? 0) + 1)
    if (known !== null) await store.keep({ ...known, greetedAtMs: this.#greetedAtMs })
    const ownKey = await this.#ownKey()
    this.#handshake = new AppHandshake({
      primitives,
      entropy,
      runnerId,
      pid,
      key: ownKey,
      way,
      capabilities: KNOWS_RIGHTS,
    })
    return this.#take(await this.#handshake.begin(this.#greetedAtMs))
  }

  /** After a revocation the app comes with a new key: the old one is refused for ever, even with the right PIN. */
  async #ownKey(): Promise<AgreementKey> {
    const { keys } = this.#options
    const { runnerId, way } = this.#meeting
    // The owner's word names the key that this app has.
    const isNamed = way?.by === 'link' && way.secret.certificate !== undefined
    if (way === null || !way.asNew || isNamed) return keys.of(runnerId)
    const fresh = await keys.fresh(runnerId)
    this.#keepKey = () => fresh.keep()
    return fresh.key
  }

  hear(payload: Uint8Array): Promise<SealStep> {
    return this.#step((handshake) => handshake.hear(payload, this.#greetedAtMs))
  }

  enterPin(pin: string): Promise<SealStep> {
    return this.#step((handshake) => handshake.enterPin(pin))
  }

  async cancel(): Promise<SealStep> {
    const step = await this.#step((handshake) => handshake.cancel())
    this.#end()
    return { status: 'refused', refusal: 'given-up', send: step.send }
  }

  async #step(act: (handshake: AppHandshake) => Promise<AppStep>): Promise<SealStep> {
    if (this.#handshake === null || this.#over) return { status: 'waiting', send: [] }
    return this.#take(await act(this.#handshake))
  }

  #take(step: AppStep): SealStep | Promise<SealStep> {
    switch (step.status) {
      case 'waiting':
      case 'ignored':
        return { status: 'waiting', send: step.send }
      case 'pin-wanted': {
        const { pinDigits: digits, ttlS, runnerLabel: machine, send } = step
        this.#label = machine
        return { status: 'pin-wanted', digits, withinMs: ttlS * 1000, machine, send }
      }
      case 'open': {
        const opened = this.#opened(step)
        this.#storing = opened.catch(() => {})
        return opened
      }
      case 'ended':
        return this.#refuse(heardAs[step.refusal], step.send)
      default:
        return assertNever(step)
    }
  }

  async #opened({ grant, runner, secrets, send }: AppStep & { status: 'open' }): Promise<SealStep> {
    if (this.#over) return refused('given-up')
    const known = this.#known
    if (known !== null && !equalInConstantTime(known.reach, runner.reach))
      return this.#refuse('runner-changed')
    const { appId, resumeKey, permissions } = grant
    await this.#keepKey()
    await this.#options.store.keep({
      runnerId: this.#meeting.runnerId,
      label: known?.label ?? this.#label,
      reach: runner.reach,
      appId,
      resumeKey,
      permissions,
      greetedAtMs: this.#greetedAtMs,
      pairingName: this.#meeting.takesCredential ? hex(this.#meeting.pid) : undefined,
    })
    if (this.#over) return refused('given-up')
    this.#end()
    const { primitives, nowMs } = this.#options
    return { status: 'open', envelope: appChannel(primitives, secrets, neverBackwards(nowMs)), send }
  }

  #refuse(refusal: SealRefusal, send: readonly Uint8Array[] = []): SealStep {
    this.#end()
    return refused(refusal, send)
  }

  /** The next attempt waits for the key that is being stored: with the key before it, the runner would take it for a copy. */
  #end(): void {
    this.#over = true
    void this.#storing.then(() => this.#release())
  }
}

/** A known app comes in by its key, though it may have a code as well: no PIN is asked for twice. */
function wayOf({ way, label }: SealMeeting, known: SealedRunner | null): WayIn | SealRefusal {
  if (known !== null && way?.by === 'link' && !equalInConstantTime(way.secret.reach, known.reach))
    return 'runner-changed'
  if (known !== null && (way === null || !way.asNew)) {
    const { reach, appId, resumeKey } = known
    return { method: 'resume', reach, appId, resumeKey }
  }
  switch (way?.by) {
    case 'code':
      return { method: 'pin', code: way.code, label }
    case 'link': {
      const { certificate, oneTimeSecret, reach } = way.secret
      return certificate === undefined
        ? { method: 'qr', code: way.code, label, reach, oneTimeSecret }
        : { method: 'fleet', label, reach, secret: oneTimeSecret, certificate }
    }
    case undefined:
      return 'no-key'
  }
}

/** The app's end of an opened channel. Input is padded: its lengths and rhythm would give the keys away. */
export const appChannel = (
  { aead }: Primitives,
  secrets: ChannelSecrets,
  clock: () => number,
): SealedEnvelope => strictly(new SealedChannel({ aead, role: 'app', secrets, clock, pad: true }))

/** An honest relay swallows nothing: where a frame is missing, a new channel and the offsets on both ends make it good. */
const strictly = (channel: SealedChannel): SealedEnvelope => ({
  seal: (plaintext) => channel.seal(plaintext),
  open: (payload) => {
    const plaintext = channel.open(payload)
    return channel.framesMissing === 0 ? plaintext : null
  },
  get isStale() {
    return channel.needsNewHandshake
  },
  end: () => void channel.close(),
})

/** A clock that stands still where the platform's goes back. */
export function neverBackwards(nowMs: () => number): () => number {
  let lastMs = nowMs()
  return () => {
    lastMs = Math.max(lastMs, nowMs())
    return lastMs
  }
}

const refused = (refusal: SealRefusal, send: readonly Uint8Array[] = []): SealStep => ({
  status: 'refused',
  refusal,
  send,
})

/** The refusals of a handshake as something that a person can act upon. */
export const heardAs = {
  busy: 'busy',
  'window-closed': 'window-closed',
  expired: 'expired',
  'pin-mismatch': 'pin-mismatch',
  locked: 'locked',
  version: 'version',
  revoked: 'revoked',
  'unknown-app': 'revoked',
  cloned: 'revoked',
  replayed: 'not-authentic',
  'not-authentic': 'not-authentic',
  malformed: 'not-authentic',
  unexpected: 'not-authentic',
} satisfies Record<HandshakeRefusal, SealRefusal>
