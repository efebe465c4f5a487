import type { BrokerParts } from '../broker.module.ts'
import type { PairingNotifier } from '../runner-pairing/pairing.notifier.ts'
import type { RunnerPresence } from '../runner-pairing/runner-presence.ts'
import { safe } from '../shell/safe.ts'
import { RECHECKED_EVERY_MS, recheck } from './recheck.ts'

/** Consoles of other brokers hear of changes this often at most. */
const TOLD_EVERY_MS = 500

/** What one broker does for the sake of the others from its start on: answers, tells of changes, looks again. Answers with its end. */
export function stayInTouch(
  { bus, pulse, relay, nodes, store, log }: BrokerParts,
  presence: RunnerPresence,
  notifier: PairingNotifier,
): () => void {
  bus.takeCensus = () => ({
    ...notifier.connectedHere(),
    channels: Object.fromEntries(relay.channelCounts()),
  })
  let telling: NodeJS.Timeout | null = null
  let isEcho = false
  const stopListening = pulse.listen(() => {
    if (isEcho || telling !== null) return
    telling = setTimeout(() => {
      telling = null
      bus.tell({ kind: 'changed' })
    }, TOLD_EVERY_MS)
    telling.unref()
  })
  bus.onFact(({ kind }) => {
    if (kind === 'nodes-changed') void nodes.lookAgain()
    isEcho = true
    pulse.beat()
    isEcho = false
  })
  const timer = setInterval(
    safe(log, 'cluster.recheck-failed', () =>
      recheck({
        store,
        relay,
        held: () => presence.held,
        onStale: (from) => presence.superseded(from),
      }),
    ),
    RECHECKED_EVERY_MS,
  )
  timer.unref()
  return () => {
    stopListening()
    clearInterval(timer)
    if (telling !== null) clearTimeout(telling)
  }
}
