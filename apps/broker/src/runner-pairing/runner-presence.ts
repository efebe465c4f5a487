import { getAppsByRunnerId } from '@latchkey/domain/runner-pairing/founding-sessions'
import type { Operation, PairingStore } from '@latchkey/domain/runner-pairing/ports'
import {
  depositRouteTickets,
  endIfDue,
  type FromConnection,
  lose,
  sayGoodbye,
} from '@latchkey/domain/runner-pairing/presence'
import { parseRunnerId } from '@latchkey/domain/runner-pairing/records'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import { Inject, Injectable } from '@nestjs/common'
import type { Log } from '../log/log.ts'
import { safe } from '../shell/safe.ts'
import { CLOCK, LOG, PAIRING_RULES, PAIRING_STORE } from '../wiring.ts'
import { PairingNotifier } from './pairing.notifier.ts'
import { PresenceWatch } from './presence-watch.ts'

/** Socket.IO's reason when the client said so itself: a goodbye. All else is a lost connection. */
const GOODBYE = 'client namespace disconnect'
/** The store could not say whether a runner has ended: asked again after this. */
const ASK_AGAIN_MS = 5_000

/** Keeps watch over when runners fall silent, come back and end, and has it told. */
@Injectable()
export class RunnerPresence {
  readonly #store: PairingStore
  readonly #rules: PairingRules
  readonly #clock: () => number
  readonly #log: Log
  readonly #notifier: PairingNotifier
  readonly #watch: PresenceWatch
  #stopping = false

  constructor(
    @Inject(PAIRING_STORE) store: PairingStore,
    @Inject(PAIRING_RULES) rules: PairingRules,
    @Inject(CLOCK) clock: () => number,
    @Inject(LOG) log: Log,
    @Inject(PairingNotifier) notifier: PairingNotifier,
  ) {
    this.#store = store
    this.#rules = rules
    this.#clock = clock
    this.#log = log
    this.#notifier = notifier
    this.#watch = new PresenceWatch(clock, {
      silent: safe(log, 'presence.failed', (runnerId, endsAt) => this.#silent(runnerId, endsAt)),
      due: safe(log, 'presence.failed', (runnerId) => this.#due(runnerId)),
      renewCode: (runnerId) => notifier.askForCode(runnerId, 'age'),
    })
  }

  /** At start: runners the store believes alive may come back, and end if they do not. */
  async begin(): Promise<void> {
    for (const { runnerId, presence, code } of await this.#store.list('runner')) {
      if (presence.status === 'online') {
        this.#watch.heard(runnerId, presence.leaseUntil, presence.leaseUntil + this.#rules.graceMs)
      } else if (presence.status === 'suspended') this.#watch.lost(runnerId, presence.graceUntil)
      else continue
      if (code !== null && code.usedCount === 0) this.#watch.codeUntil(runnerId, code.expiresAt)
    }
  }

  registered(runnerId: string): void {
    const leaseUntil = this.#clock() + this.#rules.leaseMs
    this.#watch.heard(runnerId, leaseUntil, leaseUntil + this.#rules.graceMs)
  }

  /** @param renewed `returned`: its apps believed it away */
  async heard(
    runnerId: string,
    renewed: { readonly leaseUntil: number; readonly returned: boolean },
  ): Promise<void> {
    this.#watch.heard(runnerId, renewed.leaseUntil, renewed.leaseUntil + this.#rules.graceMs)
    if (renewed.returned) this.#notifier.runnerOnline(runnerId, await this.#appsOf(runnerId))
  }

  codeUntil(runnerId: string, expiresAt: number): void {
    this.#watch.codeUntil(runnerId, expiresAt)
  }

  async depositRouteTickets(from: FromConnection, routeTickets: readonly string[]): Promise<void> {
    await this.#run(depositRouteTickets({ ...from, routeTickets }, this.#rules))
  }

  /** A connection that spoke for a runner is over. One that was superseded changes nothing. */
  async connectionEnded(from: FromConnection, reason: string): Promise<void> {
    // When the broker goes, its runners stay: their leases run on, and they come back to the next one.
    if (this.#stopping) return
    const { runnerId } = from
    const decision = await this.#run(
      reason === GOODBYE ? sayGoodbye(from, this.#rules) : lose(from, this.#rules),
    )
    if (!decision.ok) return
    if (decision.value.status === 'gone') return this.#ended(runnerId, decision.value.formerApps)
    this.#watch.lost(runnerId, decision.value.until)
    this.#notifier.runnerAway(runnerId, decision.value.apps, decision.value.until)
    this.#log.info('runner.lost', { runnerId, reason })
  }

  stop(): void {
    this.#stopping = true
    this.#watch.stop()
  }

  async #silent(runnerId: string, endsAt: number): Promise<void> {
    this.#notifier.runnerAway(runnerId, await this.#appsOf(runnerId), endsAt)
    this.#log.info('runner.silent', { runnerId })
  }

  async #due(id: string): Promise<void> {
    const runnerId = parseRunnerId(id)
    if (runnerId === null) return
    try {
      const outcome = await this.#run(endIfDue({ runnerId }, this.#rules))
      if (outcome.status === 'gone') this.#ended(runnerId, outcome.formerApps)
      else if (outcome.endsAt !== null) this.#watch.lost(runnerId, outcome.endsAt)
    } catch (problem) {
      // Its end holds whether recorded or not; but its apps want to hear of it.
      this.#watch.lost(runnerId, this.#clock() + ASK_AGAIN_MS)
      throw problem
    }
  }

  #ended(runnerId: string, formerApps: readonly string[]): void {
    this.#watch.gone(runnerId)
    this.#notifier.runnerGone(runnerId, formerApps)
    this.#log.info('runner.gone', { runnerId, count: formerApps.length })
  }

  async #appsOf(id: string): Promise<readonly string[]> {
    const runnerId = parseRunnerId(id)
    return runnerId === null ? [] : this.#run(getAppsByRunnerId({ runnerId }, this.#rules))
  }

  #run<Answer>({ keys, decide }: Operation<Answer>): Promise<Answer> {
    return this.#store.transaction(keys, decide)
  }
}
