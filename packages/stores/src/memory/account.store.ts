import type { AccountSessionId } from '@latchkey/domain/accounts/account'
import { mayWrite } from '@latchkey/domain/accounts/lease'
import type { AccountKind, AccountRecords, AccountStore, AccountWrite } from '@latchkey/domain/accounts/ports'
import type { Instant } from '@latchkey/domain/kernel'
import { decideAccounts, type SealedRow } from '../accounts/decide.ts'
import { storeTime } from '../decide.ts'

interface Kept<K extends AccountKind> {
  readonly value: AccountRecords[K]
  readonly sweepAt: Instant | null
}
type Shelves = { readonly [K in AccountKind]: Map<string, Kept<K>> }

/** Keeps everything in this process. A transaction is one turn of the event loop, which makes it atomic. */
export function memoryAccountStore({ clock }: { readonly clock: () => number }): AccountStore {
  const time = storeTime(clock)
  const shelves: Shelves = { session: new Map(), phone: new Map(), secret: new Map(), budget: new Map() }
  const credentials = new Map<AccountSessionId, Map<string, SealedRow>>()

  return {
    async run(operation) {
      const read = <K extends AccountKind>(kind: K, id: string) => shelves[kind].get(id)?.value
      const { writes, answer } = decideAccounts(read, operation, time())
      for (const write of writes) apply(shelves, write)
      return answer
    },
    async sessions() {
      return [...shelves.session.values()].map(({ value }) => value)
    },
    async page({ after, limit }) {
      return [...shelves.session]
        .filter(([id]) => after === null || id > after)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([, { value }]) => value)
    },
    async writeCredentials(sessionId, epoch, rows, { replace = false } = {}) {
      if (!mayWrite(shelves.session.get(sessionId)?.value.lease ?? null, epoch)) return false
      const kept = replace ? new Map() : (credentials.get(sessionId) ?? new Map())
      for (const { kind, name, sealed } of rows) {
        const key = `${kind}\0${name}`
        if (sealed === null) kept.delete(key)
        else kept.set(key, { kind, name, sealed: sealed.slice() })
      }
      credentials.set(sessionId, kept)
      return true
    },
    async readCredentials(sessionId, wanted) {
      const kept = credentials.get(sessionId) ?? new Map()
      if (wanted === 'all') return [...kept.values()]
      return wanted.names.flatMap((name) => kept.get(`${wanted.kind}\0${name}`) ?? [])
    },
    async sweep() {
      const now = time()
      let swept = 0
      for (const shelf of Object.values(shelves))
        for (const [id, { sweepAt }] of shelf)
          if (sweepAt !== null && sweepAt <= now && shelf.delete(id)) swept++
      return swept
    },
  }
}

function apply(shelves: Shelves, write: AccountWrite): void {
  if ('drop' in write) return void shelves[write.drop].delete(write.id)
  const shelf: Map<string, Kept<AccountKind>> = shelves[write.put]
  shelf.set(write.id, { value: write.value, sweepAt: write.sweepAt })
}
