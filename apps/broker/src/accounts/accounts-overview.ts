import { maskedPhone } from '@latchkey/domain/accounts/phone'
import type { AccountStore } from '@latchkey/domain/accounts/ports'
import type { AccountsOverview } from '@latchkey/protocol/accounts'
import type { SessionPool } from './session-pool.ts'

/** What the operator sees of linking: a session that another broker holds is known by its record alone. */
export async function overviewOf(store: AccountStore, pool: SessionPool): Promise<AccountsOverview> {
  const records = await store.sessions()
  const sessions = records.map(({ sessionId, companyId, phone, linkedAt }) => {
    const isElsewhere = phone !== null && !pool.isHere(sessionId)
    return {
      sessionId,
      companyId: companyId ?? null,
      maskedPhone: phone === null ? null : maskedPhone(phone),
      state: isElsewhere ? ('elsewhere' as const) : (pool.find(sessionId)?.machine.account.status ?? 'idle'),
      linkedAt,
    }
  })
  return { sessions, restoring: pool.progress.toRestore }
}
