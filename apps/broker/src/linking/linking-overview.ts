import { maskedPhone } from '@latchkey/domain/linking/phone'
import type { LinkingStore } from '@latchkey/domain/linking/ports'
import type { LinkingOverview } from '@latchkey/protocol/linking'
import type { SessionPool } from './session-pool.ts'

/** What the operator sees of linking: a session that another broker holds is known by its record alone. */
export async function overviewOf(store: LinkingStore, pool: SessionPool): Promise<LinkingOverview> {
  const records = await store.sessions()
  const sessions = records.map(({ sessionId, companyId, phone, linkedAt }) => {
    const isElsewhere = phone !== null && !pool.isHere(sessionId)
    return {
      sessionId,
      companyId: companyId ?? null,
      maskedPhone: phone === null ? null : maskedPhone(phone),
      state: isElsewhere ? ('elsewhere' as const) : (pool.find(sessionId)?.machine.link.status ?? 'idle'),
      linkedAt,
    }
  })
  return { sessions, restoring: pool.progress.toRestore }
}
