import { maskedPhone } from '@latchkey/domain/linking/phone'
import type { LinkingStore } from '@latchkey/domain/linking/ports'
import type { LinkingOverview } from '@latchkey/protocol/linking'
import type { SessionPool } from './session-pool.ts'

/** What the operator sees of linking: a session that another broker holds is known by its record alone. */
export async function overviewOf(store: LinkingStore, pool: SessionPool): Promise<LinkingOverview> {
  const records = await store.sessions()
  const sessions = records.map(({ sessionId, phone, linkedAt }) => {
    const here = pool.find(sessionId)?.machine.link.status
    return {
      sessionId,
      maskedPhone: phone === null ? null : maskedPhone(phone),
      state: here ?? (phone === null ? ('idle' as const) : ('elsewhere' as const)),
      linkedAt,
    }
  })
  return { sessions, restoring: pool.progress.toRestore }
}
