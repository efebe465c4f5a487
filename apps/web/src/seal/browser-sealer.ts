import type { Sealer, SealStore } from '@latchkey/connection/app/sealer'
import { type AppKeys, appSealer } from '@latchkey/e2ee/app-sealer'
import { noblePrimitives } from '@latchkey/e2ee/primitives'
import { base64url } from '@latchkey/protocol/bytes'
import { keep, kept } from '../kept.ts'
import { browserPlatform } from '../platform.ts'
import { forgetRawKey, ownKeys } from './own-key.ts'
import { forgetPlain, keepPlain, readPlain } from './plain-store.ts'
import { openSealBase, type SealBase } from './seal-base.ts'
import { inTabTurn, type TabTurns } from './tab-turns.ts'

/** What this browser has to seal its links with; one for all of them. */

let base: Promise<SealBase | null> | null = null
const theBase = (): Promise<SealBase | null> => (base ??= openSealBase())

const store: SealStore = {
  read: async (runnerId) => {
    const held = await theBase()
    return held === null ? readPlain(runnerId) : held.runner(runnerId)
  },
  keep: async (runner) => {
    const held = await theBase()
    if (held === null) keepPlain(runner)
    else await held.keepRunner(runner)
  },
}

/** Forgets the keys to a machine: the next pairing is one with a stranger. */
export async function forgetSealed(runnerId: string): Promise<void> {
  forgetPlain(runnerId)
  forgetRawKey(runnerId)
  await (await theBase())?.forgetRunner(runnerId)
}

/** The keys of this browser, one for all machines but those that refuse it. */
export const browserKeys: AppKeys = {
  of: (runnerId) => ownKeys(theBase()).of(runnerId),
  fresh: (runnerId) => ownKeys(theBase()).fresh(runnerId),
}

export const browserSealer: Sealer = appSealer({
  // The cipher of frames has no native form in browsers; the rest is a few milliseconds a handshake.
  primitives: noblePrimitives,
  entropy: browserPlatform.randomBytes,
  nowMs: browserPlatform.nowMs,
  keys: browserKeys,
  store,
  exclusively,
})

const tabs: TabTurns = {
  read: kept,
  write: keep,
  nowMs: browserPlatform.nowMs,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  newId: () => base64url(browserPlatform.randomBytes(9)),
  onLeave: (run) => {
    addEventListener('pagehide', run)
    return () => removeEventListener('pagehide', run)
  },
}

/** The last of each name: without the browser's locks (plain HTTP) the links of this page take turns, then its tabs. */
const turns = new Map<string, Promise<unknown>>()

function exclusively<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
  const locks: LockManager | undefined = navigator.locks
  if (locks !== undefined) return locks.request(`latchkey.${name}`, run)
  const inTurn = () => inTabTurn(tabs, `turn.${name}`, run)
  const turn = (turns.get(name) ?? Promise.resolve()).then(inTurn, inTurn)
  turns.set(name, turn)
  const leave = () => {
    if (turns.get(name) === turn) turns.delete(name)
  }
  turn.then(leave, leave)
  return turn
}
