import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { FromConnection } from '@latchkey/domain/runner-pairing/presence'
import type { RedisConnection } from '@latchkey/stores/redis/connection'
import { stampHeartbeats } from '@latchkey/stores/redis/heartbeat-stamps'
import type { Log } from '../log/log.ts'
import type { ChangeSignal } from '../shell/change-signal.ts'
import { safe } from '../shell/safe.ts'
import type { TerminalRelay } from '../terminal/relay.ts'
import type { Census, ClusterBus } from './cluster-bus.ts'
import type { Instances } from './instances.ts'
import { RECHECKED_EVERY_MS, recheck } from './recheck.ts'

/** As often as runners send theirs. */
export const STAMPED_EVERY_MS = 10_000
/** Consoles of other brokers hear of changes this often at most. */
const TOLD_EVERY_MS = 500

interface Parts {
  readonly bus: ClusterBus
  readonly changes: ChangeSignal
  readonly relay: TerminalRelay
  readonly instances: Instances
  readonly store: PairingStore
  readonly clock: () => number
  readonly log: Log
  /** the runners that are connected to this broker */
  readonly presence: {
    readonly held: readonly FromConnection[]
    readonly heardRunners: readonly string[]
    superseded(from: FromConnection): void
  }
  readonly notifier: { connectedHere(): Omit<Census, 'channels'> }
  /** null where there is none */
  readonly redis: RedisConnection | null
}

/** What one broker does for the sake of the others from its start on: answers, tells of changes, looks again. Answers with its end. */
export function stayInTouch(parts: Parts): () => void {
  const { bus, changes, relay, instances, store, clock, log, presence, notifier, redis } = parts
  bus.takeCensus = () => ({
    ...notifier.connectedHere(),
    channels: Object.fromEntries(relay.channelCounts()),
  })
  let telling: NodeJS.Timeout | null = null
  let isEcho = false
  const stopListening = changes.listen(() => {
    if (isEcho || telling !== null) return
    telling = setTimeout(() => {
      telling = null
      bus.tell({ kind: 'changed' })
    }, TOLD_EVERY_MS)
    telling.unref()
  })
  bus.onFact(({ kind }) => {
    if (kind === 'nodes-changed') void instances.lookAgain()
    isEcho = true
    changes.notify()
    isEcho = false
  })
  const timers = [
    every(
      RECHECKED_EVERY_MS,
      safe(log, 'cluster.recheck-failed', () =>
        recheck({ store, relay, held: () => presence.held, onStale: (from) => presence.superseded(from) }),
      ),
    ),
    every(
      STAMPED_EVERY_MS,
      safe(log, 'cluster.stamps-failed', () =>
        redis === null ? null : stampHeartbeats(redis, presence.heardRunners, clock()),
      ),
    ),
  ]
  return () => {
    stopListening()
    for (const timer of timers) clearInterval(timer)
    if (telling !== null) clearTimeout(telling)
  }
}

function every(ms: number, run: () => void): NodeJS.Timeout {
  const timer = setInterval(run, ms)
  timer.unref()
  return timer
}
