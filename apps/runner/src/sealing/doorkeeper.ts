import { join } from 'node:path'
import { BoundedMap } from '@latchkey/domain/bounded'
import { routeTicket, routeTicketDigest } from '@latchkey/e2ee/derivations'
import type { Method } from '@latchkey/e2ee/handshake'
import { cleanLabel } from '@latchkey/e2ee/label'
import { ONE_TIME_SECRET_BYTES, pairingFragment } from '@latchkey/e2ee/pairing-url'
import { drawPin } from '@latchkey/e2ee/pin-exchange'
import type { AgreementKey } from '@latchkey/e2ee/primitives'
import { RunnerHandshake } from '@latchkey/e2ee/runner-handshake'
import type { ProvedApp } from '@latchkey/e2ee/runner-steps'
import { base64url, utf8 } from '@latchkey/protocol/bytes'
import type { ListedApp } from '@latchkey/protocol/runner-apps'
import { DEVICES_MAX, ROUTE_TICKETS_MAX } from '@latchkey/protocol/runner-pairing'
import type { ChannelOpening } from '@latchkey/protocol/terminal/channel'
import type { FleetBook } from '../fleet/fleet-book.ts'
import { KeptFile } from '../kept-file.ts'
import type { ShareBook } from '../sharing/share-book.ts'
import { type AdmittedApp, admittedApp, type TrackedHandshake } from './admitted-app.ts'
import { AppBook, type BookOwner, hex } from './app-book.ts'
import type { AppRecord } from './app-file.ts'
import { labelOf, listed, withoutSession } from './listed-apps.ts'
import { OtherWays } from './other-ways.ts'
import * as guard from './pairing-guard.ts'
import { type PlainApp, PlainApps } from './plain-apps.ts'
import { primitives } from './primitives.ts'
import { Prompt, type Visitor } from './prompt.ts'
import { LOOK, narrowed, permsOf, type Rights, rightsOf } from './rights.ts'
import type { PromptOutcome, SealingEvent } from './sealing-events.ts'

export interface DoorkeeperOptions {
  readonly runner: BookOwner & { readonly label: string; readonly reachKey: AgreementKey }
  /** the share links; null: none are made here */
  readonly shares: ShareBook | null
  /** this machine's owner and the owner's devices; null: it has none */
  readonly fleet: FleetBook | null
  readonly onTrouble: (problem: unknown) => void
  /** where known apps are kept; null: nowhere */
  readonly folder: string | null
  readonly viewOnly: boolean
  readonly randomBytes: (byteCount: number) => Uint8Array
  readonly nowMs: () => number
  readonly onEvent: (event: SealingEvent) => void
  /** the most that the operator lets an app do that came in this session; null or absent: nothing is taken away */
  readonly capOf?: (appSessionId: string) => Rights | null
  /** the route tickets are others now */
  readonly onTickets: () => void
  /** ends every channel of this app, at once */
  readonly onTurnedAway: (appId: string) => void
  /** Its rights changed: its channels end, and the app comes back with the new rights. */
  readonly onRights: (appId: string) => void
  /** its key is refused for ever; `plainSession` is the app session of one that has none */
  readonly onRevoked: (appId: string, plainSession: string | null) => void
  /** the code on the screen shall be another one */
  readonly onRotate: () => void
}

/** Pairings whose code is remembered, so that who typed the one before has not typed in vain. */
const CODES_MAX = 256

/** Decides which apps are admitted: the rules, counts and memory behind every handshake. The broker has no say. */
export class Doorkeeper {
  readonly book: AppBook
  readonly plain = new PlainApps()
  readonly #options: DoorkeeperOptions
  readonly #ways: OtherWays
  readonly #guardFile: KeptFile | null
  #guard = guard.OPEN_GUARD
  #prompt: Prompt | null = null
  #code = ''
  /** by the pairing's pid: the code that was typed for it */
  readonly #codes = new BoundedMap<string, string>(CODES_MAX)
  #oneTimeSecret: Uint8Array
  #promptsOverUntilMs = 0

  private constructor(options: DoorkeeperOptions, book: AppBook) {
    this.#options = options
    this.book = book
    this.#ways = new OtherWays({ ...options, book })
    this.#guardFile = options.folder === null ? null : new KeptFile(join(options.folder, 'pairing.json'))
    this.#oneTimeSecret = options.randomBytes(ONE_TIME_SECRET_BYTES)
    const kept = this.#guardFile?.read()?.toString('utf8')
    // Counts that cannot be read are no reason to count from nothing.
    if (kept !== undefined)
      this.#guard = guard.decodeGuard(kept) ?? guard.lockedBy(guard.OPEN_GUARD, 'guessing')
  }

  /** Throws `UnusableAppBook`. */
  static async open(options: DoorkeeperOptions): Promise<Doorkeeper> {
    const { folder, runner: owner, randomBytes, nowMs } = options
    return new Doorkeeper(options, await AppBook.open({ folder, owner, randomBytes, nowMs }))
  }

  get locked(): guard.LockReason | null {
    return this.#guard.locked
  }

  get prompt(): Prompt | null {
    return this.#prompt
  }

  /** whether the broker has taken a code of this machine */
  get hasCode(): boolean {
    return this.#code !== ''
  }

  get fragment(): string {
    const { reach, runnerId } = this.#options.runner
    const seal = { reach, runnerId, oneTimeSecret: this.#oneTimeSecret }
    return pairingFragment({ code: this.#code, seal })
  }

  /** A new code is shown, and with it goes a new one-time secret. */
  codeIs(code: string): void {
    if (code === this.#code) return
    this.#code = code
    this.#renewSecret()
  }

  /** Somebody paired at the broker, with the code that is shown now. */
  paired(pid: string): void {
    this.#codes.set(pid, this.#code)
  }

  /** SHA-256 of the text of each ticket that opens a way here, the likeliest first. */
  routeTickets(): readonly string[] {
    const { runnerId } = this.#options.runner
    const known = this.book.apps.filter(({ standing }) => standing === 'welcome')
    const keys = known.flatMap(({ keys: { confirmed, offered } }) =>
      offered === null ? [confirmed] : [confirmed, offered],
    )
    return [this.#oneTimeSecret, ...this.#ways.secrets, ...keys]
      .slice(0, ROUTE_TICKETS_MAX)
      .map((secret) => hex(routeTicketDigest(utf8(base64url(routeTicket(secret, runnerId))))))
  }

  /** The devices whose apps are known here, the one seen last first. */
  deviceIds(): readonly string[] {
    return [...new Set(this.book.apps.flatMap(({ deviceId }) => deviceId ?? []))].slice(0, DEVICES_MAX)
  }

  /** a handshake to come in over this channel. Tell `leave` when it is over, whatever became of it. */
  handshake(opening: ChannelOpening, visitor: Visitor): TrackedHandshake {
    const { runner, randomBytes } = this.#options
    const secret = this.#oneTimeSecret
    const handshake = new RunnerHandshake({
      primitives,
      entropy: randomBytes,
      pid: Uint8Array.from(Buffer.from(opening.pid, 'hex')),
      code: this.#codes.get(opening.pid) ?? this.#code,
      runner: { ...runner, reach: runner.reachKey, sign: runner.sign.publicKey },
      pinDigits: guard.PIN_DIGITS,
      pinTtlS: guard.PIN_TTL_S,
      policy: {
        admit: (method) => this.#admits(method, visitor),
        ...this.#ways.policy,
        oneTimeSecret: () => (secret === this.#oneTimeSecret ? secret : null),
        isRevoked: (appKey) => this.book.isRevoked(appKey),
      },
    })
    const cap = this.#options.capOf?.(opening.appSessionId ?? '') ?? null
    return { handshake, isSecretGood: () => secret === this.#oneTimeSecret, cap }
  }

  async show(visitor: Visitor, pin: string, label: string): Promise<void> {
    const { nowMs, onEvent } = this.#options
    if (this.#prompt?.visitor !== visitor) return
    onEvent(this.#prompt.show(pin, label, guard.PIN_TTL_S * 1000, nowMs()))
    await this.#count(guard.prompted(this.#guard, visitor.address, nowMs()))
  }

  /**
   * Takes the one place at the door, from which somebody can be shown to the owner; why not, when that cannot be. Taken
   * now: the next one may ask before this one is on the screen.
   */
  ask(visitor: Visitor): 'locked' | 'window-closed' | 'busy' | null {
    const refusal = guard.mayPrompt(this.#guard, visitor.address, this.#options.nowMs())
    if (refusal === 'window-closed') this.#tellPromptsOver()
    if (refusal !== null) return refusal
    if (this.#prompt !== null) return 'busy'
    this.#prompt = new Prompt(visitor)
    return null
  }

  /** Shows its owner an app that cannot seal. It counts as one that is asked for a PIN. */
  showPlain(visitor: Visitor): Promise<void> {
    return this.show(visitor, drawPin(this.#options.randomBytes, guard.PIN_DIGITS), labelOf(visitor))
  }

  /** The owner lets in the app that waits, if it is the one that `pin` names and cannot seal. */
  accept(pin: string): boolean {
    const shown = this.#prompt?.shown ?? null
    const accept = this.#prompt?.visitor.accept ?? null
    if (shown === null || accept === null || shown.pin !== pin) return false
    accept(shown.viewOnly)
    return true
  }

  /** The record of an app session that cannot seal; null: the owner has to be asked. */
  plainApp(appSessionId: string): PlainApp | 'turned-away' | null {
    if (this.plain.isTurnedAway(appSessionId)) return 'turned-away'
    return this.plain.seen(appSessionId, this.#options.nowMs())
  }

  letPlainIn(visitor: Visitor, appSessionId: string, viewOnly: boolean): PlainApp {
    const { randomBytes, nowMs, capOf } = this.#options
    const app: PlainApp = {
      app: hex(randomBytes(16)),
      appSessionId,
      label: labelOf(visitor),
      mayType: !viewOnly && !this.#options.viewOnly && capOf?.(appSessionId)?.type !== false,
      standing: 'welcome',
      sealed: false,
      createdAt: nowMs(),
      lastSeenAt: nowMs(),
    }
    this.plain.letIn(app)
    return app
  }

  /** Every app that comes in here without being asked, the one seen last first. */
  get known(): readonly ListedApp[] {
    return [...this.book.apps.map(listed), ...this.plain.list.map(withoutSession)].sort(
      (a, b) => b.lastSeenAt - a.lastSeenAt,
    )
  }

  async rename(appId: string, label: string): Promise<void> {
    this.plain.rename(appId, cleanLabel(label))
    await this.book.rename(appId, label)
  }

  /** A guess is made: it is counted before the answer can tell whether it was right (SECURITY C41). */
  async burn(visitor: Visitor): Promise<void> {
    if (this.#prompt?.visitor === visitor) this.#prompt.burn()
    await this.#count(guard.guessed(this.#guard))
  }

  /** What an app that has proved itself is given, or why it shall not come in after all. */
  async grant(
    app: ProvedApp,
    { isSecretGood, cap }: TrackedHandshake,
  ): Promise<AdmittedApp | 'expired' | 'replayed' | 'revoked' | 'cloned'> {
    if (app.method === 'share') return this.#ways.guest(app, cap)
    if (app.method === 'fleet') {
      const device = await this.#ways.device(app)
      if (typeof device === 'string') return device
      this.#options.onTickets()
      return this.#admitted(await this.#ways.capped(device, cap), app)
    }
    if (app.method === 'resume') {
      const back = await this.book.welcomeBack(app)
      if (back === 'cloned' && app.appId !== null) await this.cloned(app.appId)
      if (typeof back === 'string') return back
      // Before the app has its new key: it may come back by that at once.
      this.#options.onTickets()
      return this.#admitted(await this.#ways.capped(back, cap), app)
    }
    if (app.method === 'qr') {
      if (!isSecretGood()) return 'expired'
      this.#renewSecret()
    }
    const perms = permsOf(narrowed(rightsOf(this.#perms(app.method), false), cap))
    if (app.method === 'pin') await this.#count(guard.proved(this.#guard))
    const record = await this.book.admit(app, perms)
    this.#options.onTickets()
    return this.#admitted(record, app)
  }

  /** Whether this app, or this guest, is let in now. */
  isWelcome(appId: string): boolean {
    return this.#ways.isWelcome(appId)
  }

  /** The owner's list, or what it allows here, has changed: its devices lose or change their rights at once. */
  fleetChanged(): void {
    const { onTickets, onTurnedAway, onTrouble } = this.#options
    for (const { appId, rights } of this.#ways.changed()) {
      const done = rights === null ? this.book.forget(appId) : this.giveRights(appId, rights)
      if (rights === null) onTurnedAway(appId)
      done.catch(onTrouble)
    }
    onTickets()
  }

  /** Two came with the keys of one app (SECURITY C46): neither stays, until the owner has decided. */
  async cloned(appId: Uint8Array): Promise<void> {
    const id = hex(appId)
    const label = this.book.get(id)?.label ?? ''
    const held = this.book.hold(id)
    this.#options.onTurnedAway(id)
    this.#options.onEvent({ type: 'app-standing', standing: 'held', app: id, label })
    this.#options.onTickets()
    await held
  }

  /** The handshake of this visitor is over: others may come. */
  leave(visitor: Visitor, outcome: PromptOutcome): void {
    const prompt = this.#prompt
    if (prompt?.visitor !== visitor) return
    this.#prompt = null
    const told = prompt.end(outcome)
    if (told !== null) this.#options.onEvent(told)
    if (outcome === 'sealed' || outcome === 'accepted' || this.#guard.locked === null) return
    this.#options.onEvent({ type: 'locked', reason: this.#guard.locked })
    this.#options.onRotate()
  }

  /** Gives a known app these rights, and no others; false when there is no such app, or it cannot seal. */
  async giveRights(appId: string, rights: Rights): Promise<boolean> {
    const app = this.book.get(appId)
    if (app === null) return false
    await this.book.permit(appId, permsOf(rights))
    this.#options.onRights(appId)
    return true
  }

  /** What the app whose PIN is shown shall be able to do; `more` is given to one that only looks. */
  decide(viewOnly: boolean, more: Omit<Rights, 'type'> = LOOK): void {
    const changed = this.#prompt?.decide(viewOnly, more)
    if (changed) this.#options.onEvent(changed)
  }

  /** False when there is no such app. The key is refused from this moment on. */
  async revoke(appId: string, reason: string): Promise<boolean> {
    const revoked = this.book.revoke(appId, reason)
    const plain = this.plain.turnAway(appId)
    this.#options.onTurnedAway(appId)
    this.#options.onRevoked(appId, plain?.appSessionId ?? null)
    const app = (await revoked) ?? plain
    if (app === null) return false
    this.#options.onEvent({ type: 'app-standing', standing: 'revoked', app: appId, label: app.label })
    this.#options.onTickets()
    return true
  }

  async lock(): Promise<void> {
    if (this.#guard.locked === 'owner') return
    await this.#count(guard.lockedBy(this.#guard, 'owner'))
    if (this.#prompt === null) {
      this.#options.onEvent({ type: 'locked', reason: 'owner' })
      this.#options.onRotate()
    } else this.#prompt.visitor.refuse('locked')
  }

  async unlock(): Promise<void> {
    const wasLocked = this.#guard.locked !== null
    await this.#count(guard.unlocked())
    if (wasLocked) this.#options.onEvent({ type: 'unlocked' })
  }

  stop(): void {
    this.#prompt?.end('gone')
    this.#prompt = null
  }

  #admits(method: Method, visitor: Visitor): 'locked' | 'window-closed' | 'busy' | null {
    switch (method) {
      case 'resume':
        return null
      case 'share':
      case 'fleet':
      case 'qr':
        return this.#guard.locked === null ? null : 'locked'
      case 'pin':
        return this.ask(visitor)
    }
  }

  /** Told once for each pause of prompts: a relay that floods must not flood this as well. */
  #tellPromptsOver(): void {
    const nowMs = this.#options.nowMs()
    const until = guard.promptsAgainAtMs(this.#guard, null, nowMs)
    // One address has had its share: others are still asked.
    if (until <= nowMs || until === this.#promptsOverUntilMs) return
    this.#promptsOverUntilMs = until
    this.#options.onEvent({ type: 'prompts-over', until })
  }

  #perms(method: Method): number {
    if (this.#options.viewOnly) return permsOf(LOOK)
    const decided = method === 'pin' ? this.#prompt?.rights : undefined
    return permsOf(decided ?? { ...LOOK, type: true })
  }

  #admitted(record: AppRecord, { capabilities }: ProvedApp): AdmittedApp {
    const { viewOnly } = this.#options
    return admittedApp(record, { viewOnly, revocationRev: this.book.revocationRev, capabilities })
  }

  #renewSecret(): void {
    this.#oneTimeSecret = this.#options.randomBytes(ONE_TIME_SECRET_BYTES)
    this.#options.onTickets()
    if (this.#code !== '') this.#options.onEvent({ type: 'fragment', fragment: this.fragment })
  }

  async #count(counts: guard.PairingGuard): Promise<void> {
    this.#guard = counts
    await this.#guardFile?.write(`${JSON.stringify(counts)}\n`)
  }
}
