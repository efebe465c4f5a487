import {
  AUDIT_KEPT_MAX,
  HISTORY_KEPT_DEFAULT,
  type HistoryEntry,
  isAudited,
  pageOf,
  shelfOf,
} from '@latchkey/domain/audit/history'
import type { Instant } from '@latchkey/domain/kernel'
import type { PairingStore, RecordKind, Records, Write } from '@latchkey/domain/runner-pairing/ports'
import { settle, storeTime } from '../decide.ts'
import { StoreUnavailable } from '../store-unavailable.ts'

export interface MemoryPairingStoreOptions {
  /** milliseconds since the epoch; the store never lets it run backwards */
  readonly clock: () => number
  /** how many successes, and how many failures, the history keeps */
  readonly historyKept?: number
}

/** What a memory store can show at once: for tests that check every state. */
export interface MemoryPairingStore extends PairingStore {
  peek<K extends RecordKind>(kind: K, id: string): Records[K] | undefined
  entries<K extends RecordKind>(kind: K): Iterable<readonly [id: string, value: Records[K]]>
  /** how many writes were applied since the start */
  writeCount(): number
}

interface Kept<K extends RecordKind> {
  value: Records[K]
  readonly sweepAt: Instant | null
}
type Shelves = { readonly [K in RecordKind]: Map<string, Kept<K>> }

/** Keeps everything in this process. A transaction is one turn of the event loop, which makes it atomic. */
export function memoryPairingStore(options: MemoryPairingStoreOptions): MemoryPairingStore {
  const { clock, historyKept = HISTORY_KEPT_DEFAULT } = options
  const time = storeTime(clock)
  const shelves: Shelves = {
    runner: new Map(),
    code: new Map(),
    session: new Map(),
    apps: new Map(),
    budget: new Map(),
    node: new Map(),
    operator: new Map(),
  }
  const remembered = { successes: new Array<HistoryEntry>(), failures: new Array<HistoryEntry>() }
  const audit: HistoryEntry[] = []
  let writeCount = 0
  let open = true

  const peek = <K extends RecordKind>(kind: K, id: string): Records[K] | undefined =>
    shelves[kind].get(id)?.value

  const apply = (write: Write): void => {
    writeCount++
    if ('drop' in write) return void shelves[write.drop].delete(write.id)
    const shelf: Map<string, Kept<RecordKind>> = shelves[write.put]
    shelf.set(write.id, { value: write.value, sweepAt: write.sweepAt })
  }

  const remember = (entry: HistoryEntry): void => {
    const shelf = remembered[shelfOf(entry.outcome)]
    shelf.push(entry)
    // Cut in batches: moving a thousand entries for each new one would be waste.
    if (shelf.length >= historyKept * 2) shelf.splice(0, shelf.length - historyKept)
    if (!isAudited(entry.outcome)) return
    audit.push(entry)
    if (audit.length >= AUDIT_KEPT_MAX * 2) audit.splice(0, audit.length - AUDIT_KEPT_MAX)
  }

  return {
    async run(operation) {
      if (!open) throw new StoreUnavailable('it has been closed')
      const settled = settle(peek, operation, time())
      for (const write of settled.writes) apply(write)
      for (const entry of settled.history ?? []) remember(entry)
      return settled.answer
    },
    async list(kind) {
      return [...shelves[kind].values()].map((kept) => kept.value)
    },
    async history(query) {
      const newest = [...remembered.successes.slice(-historyKept), ...remembered.failures.slice(-historyKept)]
      const kept = query.audit ? [...audit] : newest
      return pageOf(
        kept.reverse().sort((a, b) => b.at - a.at),
        query,
      )
    },
    async sweep() {
      const now = time()
      let swept = 0
      for (const shelf of Object.values(shelves)) {
        for (const [id, kept] of shelf) {
          if (kept.sweepAt !== null && kept.sweepAt <= now && shelf.delete(id)) swept++
        }
      }
      return swept
    },
    async close() {
      open = false
    },
    peek,
    *entries(kind) {
      for (const [id, kept] of shelves[kind]) yield [id, kept.value] as const
    },
    writeCount: () => writeCount,
  }
}
