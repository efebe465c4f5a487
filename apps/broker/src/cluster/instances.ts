import { randomBytes } from 'node:crypto'
import { instant, invariant } from '@latchkey/domain/kernel'
import {
  endInstance,
  type InstanceFacts,
  isInstanceAlive,
  renewInstance,
} from '@latchkey/domain/runner-pairing/instance-lease'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import {
  type BrokerInstance,
  type InstanceId,
  parseInstanceId,
} from '@latchkey/domain/runner-pairing/records'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import { failureFields, type Log } from '../log/log.ts'
import type { InstanceDirectory } from './instance-directory.ts'

/** A lease is renewed this many times while it lasts: two renewals may fail. */
export const RENEWALS_PER_LEASE = 3
/** A renewal that failed is tried again sooner: the connection to the store may be back at any moment. */
const RENEWED_AGAIN_AFTER_MS = 500
/** After this many renewals the store is asked for instances whose facts were missed. */
const LOOKED_FOR_EVERY_RENEWALS = 10
/** An instance that is gone for this long is not asked about any more. */
const FORGOTTEN_AFTER_MS = 60 * 60 * 1_000

export type InstanceCounts = Pick<BrokerInstance['summary'], 'runners' | 'apps'>

/** Called when a broker instance changes. Each may be slow; a failure is logged, and the call repeated where that helps. */
export interface InstanceActions {
  /** its lease ran out: another instance has to watch its runners */
  gone(instance: BrokerInstance): Promise<void>
  /** this instance's own lease had run out, and holds again: its runners are back with it */
  returned(): Promise<void>
  /** how many control connections there are of each kind, for the console */
  counts(): InstanceCounts
}

interface Parts {
  readonly isAlone: boolean
  readonly store: PairingStore
  readonly rules: PairingRules
  /** the store's time, milliseconds since the epoch */
  readonly clock: () => number
  readonly log: Log
  readonly facts: (counts: InstanceCounts) => Omit<InstanceFacts, 'nodeId'>
}

/**
 * This broker process among the others: renews its lease, and keeps in memory which others there are. All else about several
 * brokers follows from these leases.
 */
export class Instances implements InstanceDirectory {
  readonly nodeId: InstanceId
  readonly #known = new Map<string, BrokerInstance>()
  /** dead instances whose runners were taken over */
  readonly #buried = new Set<string>()
  #actions: InstanceActions | null = null
  #timer: NodeJS.Timeout | null = null
  #retry: NodeJS.Timeout | null = null
  #renewals = 0
  #renewing: Promise<void> | null = null
  #heldUntilMs = 0
  #returnedAtMs = Number.NEGATIVE_INFINITY
  /** why the lease could not be renewed the last time; null when it was */
  #problem: Error | null = null

  /**
   * @param facts asked at each renewal
   * @param isAlone whether no other process can be on this store
   */
  constructor(private readonly parts: Parts) {
    const instanceId = parseInstanceId(randomBytes(16).toString('hex'))
    invariant(instanceId !== null, 'sixteen bytes in hex name a node')
    this.nodeId = instanceId
  }

  /**
   * Takes the first lease and reads the other instances; those already dead are not reported. Rejects when the store is away.
   * From here on the lease is renewed until `stop`.
   */
  async begin(actions: InstanceActions): Promise<void> {
    if (this.parts.isAlone) await this.#endOthers()
    await this.#renew()
    await this.#lookForOthers()
    this.#actions = actions
    this.#timer = setInterval(() => this.renewNow(), this.#renewEveryMs)
    this.#timer.unref()
  }

  /** Renews the lease, and rejects with why when the store did not take it: what a broker can do, it shows by this write. */
  async writeNow(): Promise<void> {
    await this.renewNow()
    if (this.#problem !== null) throw this.#problem
  }

  /** Renews the lease and looks at the others, unless that is under way. Never rejects. */
  renewNow(): Promise<void> {
    this.#renewing ??= this.#tick().finally(() => {
      this.#renewing = null
    })
    return this.#renewing
  }

  /** A fact said that an instance began or ended: reads the list now. Never rejects. */
  async lookAgain(): Promise<void> {
    if (this.#timer === null) return
    await this.#lookForOthers().catch((problem: unknown) =>
      this.parts.log.warn('node.store-away', failureFields(problem)),
    )
  }

  /** All instances that live, this one first, as they were at their last renewal. */
  get living(): readonly BrokerInstance[] {
    const now = instant(this.parts.clock())
    const others = [...this.#known.values()].filter((instance) => isInstanceAlive(instance, now))
    return others.sort((a, b) => Number(b.nodeId === this.nodeId) - Number(a.nodeId === this.nodeId))
  }

  isAlive(instanceId: string): boolean {
    return isInstanceAlive(this.#known.get(instanceId), instant(this.parts.clock()))
  }

  addressOf(instanceId: string): string | null {
    return this.#living(instanceId)?.address ?? null
  }

  publicUrlOf(instanceId: string): string | null {
    return this.#living(instanceId)?.publicUrl ?? null
  }

  /** Gives the lease back: others need not wait for its end. The store may be away; then they do. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#timer = null
    await this.#renewing
    this.#heldUntilMs = 0
    await this.parts.store
      .run(endInstance({ nodeId: this.nodeId }, this.parts.rules))
      .catch((problem: unknown) => this.parts.log.warn('node.lease-not-returned', failureFields(problem)))
  }

  /**
   * Another instance on this store that was there before this one, or null. One whose process was killed a moment ago still has its
   * lease: it counts when it renews it.
   */
  async rival(): Promise<BrokerInstance | null> {
    const before = this.living
    if (before.length < 2) return null
    await new Promise((resolve) => setTimeout(resolve, 1.5 * this.#renewEveryMs))
    await this.#lookForOthers()
    const own = this.#known.get(this.nodeId)
    const renews = (instance: BrokerInstance) =>
      instance.leaseUntil > (before.find(({ nodeId }) => nodeId === instance.nodeId)?.leaseUntil ?? 0)
    return (
      this.living.find((instance) => own !== undefined && isBefore(instance, own) && renews(instance)) ?? null
    )
  }

  get #renewEveryMs(): number {
    return this.parts.rules.instanceLeaseMs / RENEWALS_PER_LEASE
  }

  #living(instanceId: string): BrokerInstance | null {
    const instance = this.#known.get(instanceId)
    return isInstanceAlive(instance, instant(this.parts.clock())) ? instance : null
  }

  async #tick(): Promise<void> {
    try {
      const lapsedMs = this.#heldUntilMs === 0 ? 0 : this.parts.clock() - this.#heldUntilMs
      await this.#renew()
      if (lapsedMs > 0) {
        this.#returnedAtMs = this.parts.clock()
        await this.#actions?.returned()
      }
      if (++this.#renewals % LOOKED_FOR_EVERY_RENEWALS === 0) await this.#lookForOthers()
      else await this.#lookAt([...this.#known.keys()])
      if (this.#problem !== null)
        this.parts.log.info('node.store-back', { ms: Math.round(Math.max(0, lapsedMs)) })
      this.#problem = null
    } catch (problem) {
      if (this.#problem === null) this.parts.log.error('node.store-away', failureFields(problem))
      this.#problem =
        problem instanceof Error ? problem : new Error('the lease was not renewed', { cause: problem })
      this.#tryAgain()
    }
  }

  /** Instances on this store are former lives of this one, killed, or under a clock that was wrong: their leases are over. */
  async #endOthers(): Promise<void> {
    for (const { nodeId } of await this.parts.store.list('node'))
      await this.parts.store.run(endInstance({ nodeId }, this.parts.rules))
  }

  #tryAgain(): void {
    if (this.#timer === null) return
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.renewNow(), RENEWED_AGAIN_AFTER_MS)
    this.#retry.unref()
  }

  async #renew(): Promise<void> {
    const counts = this.#actions?.counts() ?? { runners: 0, apps: 0 }
    const facts = { ...this.parts.facts(counts), nodeId: this.nodeId }
    const renewed = await this.parts.store.run(renewInstance({ facts }, this.parts.rules))
    this.#heldUntilMs = renewed.leaseUntil
    this.#known.set(this.nodeId, renewed)
  }

  /** Reads every instance there is: also those that this one has not heard of. */
  async #lookForOthers(): Promise<void> {
    const found = await this.parts.store.list('node')
    const forgottenAt = this.parts.clock() - FORGOTTEN_AFTER_MS
    await this.#note(found.filter((instance) => instance.leaseUntil > forgottenAt))
    for (const id of this.#buried)
      if (!found.some((instance) => instance.nodeId === id)) this.#buried.delete(id)
  }

  async #lookAt(instanceIds: readonly string[]): Promise<void> {
    const found = await this.parts.store.run({
      keys: instanceIds.map((id) => ({ kind: 'node', id })),
      decide: (view) => ({ writes: [], answer: instanceIds.flatMap((id) => view.get('node', id) ?? []) }),
    })
    await this.#note(found)
  }

  async #note(found: readonly BrokerInstance[]): Promise<void> {
    this.#known.clear()
    for (const instance of found) this.#known.set(instance.nodeId, instance)
    const now = instant(this.parts.clock())
    // Whatever kept this instance from its own lease may have kept others too: they get the time for a renewal.
    if (now - this.#returnedAtMs < this.parts.rules.instanceLeaseMs) return
    for (const instance of found) {
      const isAlive: boolean = isInstanceAlive(instance, now)
      if (isAlive) this.#buried.delete(instance.nodeId)
      else if (instance.nodeId !== this.nodeId && !this.#buried.has(instance.nodeId)) {
        await this.#actions?.gone(instance)
        this.#buried.add(instance.nodeId)
        if (this.#actions !== null) this.parts.log.info('node.gone', { nodeId: instance.nodeId })
      }
    }
  }
}

/** Of two that start at once, one is first by both their reckoning. */
const isBefore = (one: BrokerInstance, other: BrokerInstance): boolean =>
  one.startedAt === other.startedAt ? one.nodeId < other.nodeId : one.startedAt < other.startedAt
