import type { Key, PairingStore, View } from '@latchkey/domain/runner-pairing/ports'
import type { FromConnection } from '@latchkey/domain/runner-pairing/presence'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import type { AppHolder } from '../terminal/channels.ts'
import type { TerminalRelay } from '../terminal/relay.ts'

/** What another broker told may be lost: no wrong connection outlives this. */
export const RECHECKED_EVERY_MS = 5_000
/** Read at once: one round trip each. */
export const KEYS_PER_READ = 200

export interface RecheckParts {
  readonly store: PairingStore
  readonly relay: TerminalRelay
  /** the control connections here that speak for runners */
  readonly held: () => readonly FromConnection[]
  /** this connection no longer speaks for its runner */
  readonly onStale: (from: FromConnection) => void
}

/**
 * Compares the connections of this instance with the store: runners by their epoch, terminal channels by their pairing. Closes
 * those that the store no longer allows. Rejects when the store is away; then everything stays as it is.
 */
export async function recheck({ store, relay, held, onStale }: RecheckParts): Promise<void> {
  for (const some of chunks(held())) {
    const stale = await read(store, some.map(runnerKey), (view) =>
      some.filter(({ runnerId, epoch }) => {
        const record = view.get('runner', runnerId)
        const isConnected = record?.presence.status === 'online' || record?.presence.status === 'silent'
        return record?.epoch !== epoch || !isConnected
      }),
    )
    for (const from of stale) onStale(from)
  }
  for (const some of chunks(relay.attachedApps())) {
    const keys = some.flatMap((holder): Key[] => [sessionKey(holder), runnerKey(holder)])
    const stale = await read(store, keys, (view) => some.filter((holder) => !isStillPaired(view, holder)))
    for (const { appSessionId, runnerId } of stale) relay.endApp(appSessionId, runnerId, CloseReason.unpaired)
  }
}

/** A session used too long ago is ended when it is used again; here only what somebody ended counts. */
function isStillPaired(view: View, { appSessionId, runnerId, gen }: AppHolder): boolean {
  const session = view.get('session', appSessionId)
  const runner = view.get('runner', runnerId)
  return session?.runnerId === runnerId && session.gen === gen && runner?.gen === gen
}

const runnerKey = ({ runnerId }: { readonly runnerId: string }): Key => ({ kind: 'runner', id: runnerId })
const sessionKey = ({ appSessionId }: AppHolder): Key => ({ kind: 'session', id: appSessionId })

const read = <Answer>(store: PairingStore, keys: readonly Key[], look: (view: View) => Answer) =>
  store.run({ keys, decide: (view) => ({ writes: [], answer: look(view) }) })

function* chunks<T>(all: readonly T[]): Iterable<readonly T[]> {
  for (let at = 0; at < all.length; at += KEYS_PER_READ) yield all.slice(at, at + KEYS_PER_READ)
}
