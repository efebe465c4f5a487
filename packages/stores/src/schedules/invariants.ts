import { instant } from '@latchkey/domain/kernel'
import { asHeld, instanceOf } from '@latchkey/domain/runner-pairing/instance-lease'
import type { MemoryPairingStore } from '../memory/pairing.store.ts'
import { must, type Oracle } from './oracle.ts'

/** What must be true of the records themselves at every moment. */
export function checkRecords(store: MemoryPairingStore, oracle: Oracle): void {
  const held = new Set<string>()
  for (const [runner, stored] of store.entries('runner')) {
    const record = asHeld(stored, store.peek('node', instanceOf(stored) ?? ''), instant(oracle.now))
    if (record.code) {
      must(!held.has(record.code.code), 'I1', `two runners hold ${record.code.code}`)
      held.add(record.code.code)
    }
    if (record.presence.status === 'online' && oracle.now < record.presence.leaseUntil) {
      must(oracle.isOnline(runner), 'I11', `${runner} looks online without a heartbeat`)
    }
  }
  for (const [runner, apps] of store.entries('apps')) {
    for (const app of apps) {
      const at = store.peek('session', app)?.runnerId
      must(at === runner, 'I15', `${app} is listed with ${runner} but paired with ${at}`)
    }
  }
  for (const [subject, budget] of store.entries('budget')) {
    must(budget.failures.length <= 61, 'I21', `${subject} keeps ${budget.failures.length} stamps`)
  }
}

/** Longer than anything may be kept. */
const LONG_MS = 60 * 24 * 60 * 60 * 1_000

/** All ends are gone: no pairing may stay valid, and no record may stay for ever. */
export async function checkAtRest(
  store: MemoryPairingStore,
  oracle: Oracle,
  runners: readonly string[],
  endIfDue: (runner: string) => Promise<unknown>,
): Promise<void> {
  const { leaseMs, graceMs, codeLifeMs } = oracle.deadlines
  oracle.now += Math.max(codeLifeMs, leaseMs + graceMs) + 1
  for (const runner of runners) await endIfDue(runner)
  for (const [code, claim] of store.entries('code')) {
    must(claim.status === 'tombstone', 'I6', `${code} outlived everything`)
  }
  for (const [runner, record] of store.entries('runner'))
    must(record.code === null, 'I6', `${runner} still holds a code`)
  for (const [runner] of store.entries('apps')) must(false, 'I6', `${runner} still lists apps`)
  oracle.now += LONG_MS
  await store.sweep()
  for (const kind of ['code', 'session', 'budget', 'runner', 'node'] as const) {
    for (const [id] of store.entries(kind)) must(false, 'I6', `the sweep left ${kind} ${id}`)
  }
}
