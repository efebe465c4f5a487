import { instant } from '@latchkey/domain/kernel'
import { retireAgedCode } from '@latchkey/domain/runner-pairing/founding-codes'
import { getAppsByRunnerId } from '@latchkey/domain/runner-pairing/founding-sessions'
import { asHeld, instanceOf } from '@latchkey/domain/runner-pairing/instance-lease'
import { runnerEndsAt } from '@latchkey/domain/runner-pairing/life'
import { type PairingStore, readRecord } from '@latchkey/domain/runner-pairing/ports'
import {
  depositRouteTickets,
  endIfDue,
  type FromConnection,
  fallSilent,
  heartbeat,
  lose,
  sayGoodbye,
} from '@latchkey/domain/runner-pairing/presence'
import {
  type BrokerInstance,
  parseRunnerId,
  type RunnerId,
  type RunnerRecord,
} from '@latchkey/domain/runner-pairing/records'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import type { Instances } from '../cluster/instances.ts'
import type { Log } from '../log/log.ts'
import { safe } from '../shell/safe.ts'
import type { PairingNotifier } from './pairing.notifier.ts'
import { PresenceWatch } from './presence-watch.ts'
import { UnsettledRunners } from './unsettled-runners.ts'

/** Socket.IO's reason when the client said so itself: a goodbye. All else is a lost connection. */
const GOODBYE = 'client namespace disconnect'
/** The store could not say whether a runner has ended or fallen silent: asked again after this. */
const ASK_AGAIN_MS = 5_000

/** What a heartbeat came to: heard, or from a connection that no longer speaks for its runner. */
export type Heard = 'heard' | 'stale'

interface Parts {
  readonly store: PairingStore
  readonly rules: PairingRules
  readonly clock: () => number
  readonly log: Log
  readonly instances: Instances
  readonly notifier: PairingNotifier
  /** a runner's life has ended, whatever ended it */
  readonly onEnded?: (runnerId: string) => void
}

/**
 * Watches the runners that are connected to this instance, and those whose instance is gone: when they fall silent, come back and
 * end. Sends the facts. Heartbeats stay in memory; changes go to the store.
 */
export class RunnerPresence {
  readonly #watch: PresenceWatch
  /** by runner id: the connection of this broker that speaks for it */
  readonly #held = new Map<string, FromConnection & { silent: boolean }>()
  readonly #unsettled: UnsettledRunners
  #stopping = false

  constructor(private readonly parts: Parts) {
    this.#watch = new PresenceWatch(parts.clock, {
      silent: safe(parts.log, 'presence.failed', (runnerId) => this.#silent(runnerId)),
      due: safe(parts.log, 'presence.failed', (runnerId) => this.#due(runnerId)),
      renewCode: (runnerId) => parts.notifier.renewCode(runnerId, 'age'),
      codeDue: safe(parts.log, 'presence.failed', (runnerId) => this.#codeDue(runnerId)),
    })
    this.#unsettled = new UnsettledRunners(parts.log, (runnerId) => this.#settle(runnerId))
  }

  /** At start: joins the watch, and takes over runners whose instance is gone. */
  async begin(): Promise<void> {
    await this.parts.instances.begin({
      gone: (node) => this.#takeOver(node),
      returned: () => this.#returned(),
      counts: () => {
        const runners = this.#held.size
        return { runners, apps: Math.max(0, this.parts.notifier.connectionCount - runners) }
      },
    })
    const nodes = new Map((await this.parts.store.list('node')).map((node) => [node.nodeId, node]))
    for (const runner of await this.parts.store.list('runner')) {
      const node = instanceOf(runner)
      if (node === null) this.#await(runner, undefined)
      else if (!this.parts.instances.isAlive(node)) this.#await(runner, nodes.get(node))
    }
  }

  /** The connections of this broker that speak for runners, but for those that are just registering again. */
  get held(): readonly FromConnection[] {
    return [...this.#held.values()].filter(({ runnerId }) => !this.#unsettled.isComing(runnerId))
  }

  /** The runners that are connected here and heard. */
  get heardRunners(): readonly string[] {
    return [...this.#held.values()].flatMap(({ runnerId, silent }) => (silent ? [] : [runnerId]))
  }

  /** By the store this connection speaks for its runner no longer: it is closed, and comes back. */
  superseded({ runnerId, epoch }: FromConnection): void {
    if (this.#held.get(runnerId)?.epoch !== epoch) return
    this.#held.delete(runnerId)
    this.#watch.gone(runnerId)
    this.parts.notifier.connectionsOver(runnerId, epoch)
    this.parts.log.info('runner.superseded-elsewhere', { runnerId })
  }

  /** Registers a runner here; when the store fails, whatever came of it is put right later. */
  registering<Result>(runnerId: string, register: () => Promise<Result>): Promise<Result> {
    return this.#unsettled.registering(runnerId, register)
  }

  registered(from: FromConnection): void {
    this.#held.set(from.runnerId, { ...from, silent: false })
    this.#hold(from.runnerId)
  }

  /** Costs nothing while the runner is heard regularly; brings it back when it was not. Rejects when that needs the store and it is away. */
  async heard(from: FromConnection): Promise<Heard> {
    const held = this.#held.get(from.runnerId)
    if (held?.epoch !== from.epoch) return 'stale'
    if (!held.silent) {
      this.#hold(from.runnerId)
      return 'heard'
    }
    const decision = await this.parts.store.run(heartbeat(from, this.parts.rules))
    if (!decision.ok) return 'stale'
    held.silent = false
    this.#hold(from.runnerId)
    if (decision.value.returned)
      this.parts.notifier.runnerOnline(from.runnerId, await this.#appsOf(from.runnerId))
    return 'heard'
  }

  codeUntil(runnerId: string, expiresAt: number): void {
    this.#watch.codeUntil(runnerId, expiresAt)
  }

  async depositRouteTickets(from: FromConnection, routeTickets: readonly string[]): Promise<void> {
    await this.parts.store.run(depositRouteTickets({ ...from, routeTickets }, this.parts.rules))
  }

  /** A connection that spoke for a runner is over. One that was superseded changes nothing. */
  async connectionEnded(from: FromConnection, reason: string): Promise<void> {
    const { runnerId } = from
    if (this.#held.get(runnerId)?.epoch === from.epoch) {
      this.#held.delete(runnerId)
      this.#watch.gone(runnerId)
    }
    // When the broker goes, its runners stay: it gives its lease back, and they come to another or the next one.
    if (this.#stopping) return
    try {
      await this.#leave(from, reason)
    } catch (problem) {
      this.#unsettled.add(runnerId)
      throw problem
    }
  }

  /** The runner has lost its right to be here: its life ends as if it had left, wherever it is connected. */
  async expel(id: string): Promise<void> {
    const record = await this.parts.store.run(readRecord('runner', id))
    if (record !== undefined) await this.#leave(record, GOODBYE)
  }

  /** From now on nothing of the store is changed by connections that end. */
  stop(): void {
    this.#stopping = true
    this.#unsettled.stop()
    this.#watch.stop()
  }

  async #leave(from: FromConnection, reason: string): Promise<void> {
    const { runnerId } = from
    const decision = await this.parts.store.run(
      reason === GOODBYE ? sayGoodbye(from, this.parts.rules) : lose(from, this.parts.rules),
    )
    if (!decision.ok) return
    if (decision.value.status === 'gone') {
      return this.#ended(runnerId, decision.value.epoch, decision.value.formerApps)
    }
    this.#watch.lost(runnerId, decision.value.until)
    this.parts.notifier.runnerAway(runnerId, decision.value.apps, decision.value.until)
    this.parts.log.info('runner.lost', { runnerId, reason })
  }

  /** What the store says of a runner that is not connected here, though it may think so. */
  async #settle(runnerId: RunnerId): Promise<void> {
    const record = await this.parts.store.run(readRecord('runner', runnerId))
    const isOurs = record !== undefined && instanceOf(record) === this.parts.instances.nodeId
    if (this.#unsettled.isComing(runnerId)) return
    if (isOurs && this.#held.get(runnerId)?.epoch !== record.epoch) {
      await this.#leave({ runnerId, epoch: record.epoch }, 'store-was-away')
    }
  }

  #hold(runnerId: string): void {
    this.#watch.heard(runnerId, this.parts.clock() + this.parts.rules.leaseMs, Number.POSITIVE_INFINITY)
  }

  async #silent(runnerId: string): Promise<void> {
    const held = this.#held.get(runnerId)
    if (held === undefined) return
    held.silent = true
    try {
      const decision = await this.parts.store.run(fallSilent(held, this.parts.rules))
      if (!decision.ok) return
      if (decision.value.status === 'gone') {
        return this.#ended(runnerId, decision.value.epoch, decision.value.formerApps)
      }
      this.#watch.lost(runnerId, decision.value.until)
      this.parts.notifier.runnerAway(runnerId, decision.value.apps, decision.value.until)
      this.parts.log.info('runner.silent', { runnerId })
    } catch (problem) {
      held.silent = false
      this.#watch.heard(runnerId, this.parts.clock() + ASK_AGAIN_MS, Number.POSITIVE_INFINITY)
      throw problem
    }
  }

  async #due(id: string): Promise<void> {
    const runnerId = parseRunnerId(id)
    if (runnerId === null) return
    try {
      const outcome = await this.parts.store.run(endIfDue({ runnerId }, this.parts.rules))
      if (outcome.status === 'gone') return this.#ended(runnerId, outcome.epoch, outcome.formerApps)
      if (outcome.endsAt === null || this.#held.has(id)) return
      // With another broker by now: that one watches.
      if (
        outcome.node !== null &&
        outcome.node !== this.parts.instances.nodeId &&
        this.parts.instances.isAlive(outcome.node)
      )
        return
      this.#watch.lost(runnerId, outcome.endsAt)
    } catch (problem) {
      // Its end holds whether recorded or not; but its apps want to hear of it.
      this.#watch.lost(runnerId, this.parts.clock() + ASK_AGAIN_MS)
      throw problem
    }
  }

  /** Others read in the store whether a code is active: at its deadline that is put right. */
  async #codeDue(id: string): Promise<void> {
    const runnerId = parseRunnerId(id)
    if (runnerId === null) return
    try {
      const { leftMs } = await this.parts.store.run(retireAgedCode({ runnerId }, this.parts.rules))
      if (leftMs !== null) this.#watch.codeAgain(id, this.parts.clock() + leftMs)
    } catch (problem) {
      this.#watch.codeAgain(id, this.parts.clock() + ASK_AGAIN_MS)
      throw problem
    }
  }

  /** Another broker is gone: its runners may come back to any, and somebody has to notice if they do not. */
  async #takeOver(node: BrokerInstance): Promise<void> {
    for (const runner of await this.parts.store.list('runner')) {
      if (instanceOf(runner) !== node.nodeId) continue
      const endsAt = this.#await(runner, node)
      if (runner.presence.status !== 'online' || endsAt === null) continue
      // Every broker notices, so each tells its own.
      const apps = await this.#appsOf(runner.runnerId)
      this.parts.notifier.runnerAwayHere(runner.runnerId, apps, endsAt, node.nodeId)
    }
  }

  /** Watches for the end of a runner that is not connected here; answers with that end, null when none is in sight. */
  #await(runner: RunnerRecord, node: BrokerInstance | undefined): number | null {
    const { runnerId, presence } = runner
    if (this.#held.has(runnerId) || presence.status === 'gone') return null
    const endsAt = runnerEndsAt(asHeld(runner, node, instant(this.parts.clock())), this.parts.rules)
    if (endsAt !== null) this.#watch.lost(runnerId, endsAt)
    return endsAt
  }

  /** This broker's lease had run out and holds again: its runners were believed away meanwhile. */
  async #returned(): Promise<void> {
    for (const { runnerId, silent } of [...this.#held.values()]) {
      if (!silent) this.parts.notifier.runnerOnline(runnerId, await this.#appsOf(runnerId))
    }
  }

  #ended(runnerId: string, epoch: number, formerApps: readonly string[]): void {
    this.#held.delete(runnerId)
    this.#watch.gone(runnerId)
    this.parts.notifier.runnerGone(runnerId, epoch, formerApps)
    this.parts.log.info('runner.gone', { runnerId, count: formerApps.length })
    this.parts.onEnded?.(runnerId)
  }

  async #appsOf(id: string): Promise<readonly string[]> {
    const runnerId = parseRunnerId(id)
    return runnerId === null ? [] : this.parts.store.run(getAppsByRunnerId({ runnerId }, this.parts.rules))
  }
}
