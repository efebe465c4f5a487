import type { HistoryEntry } from '@latchkey/domain/audit/history'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { ActivityView } from '@latchkey/protocol/console'
import type { HistoryReply, HistoryRequest } from '@latchkey/protocol/history'

interface Parts {
  readonly store: PairingStore
  readonly clock: () => number
}

/** Reads the history of pairing attempts, as the wire has it. */
export class HistoryDesk {
  constructor(private readonly parts: Parts) {}

  /** One page, and what the next is asked with: it ends where this one began, however much happens meanwhile. */
  async page({ since, until, runner, outcome, from, limit, skip }: HistoryRequest): Promise<HistoryReply> {
    const untilMs = until ?? Math.floor(this.parts.clock())
    const found = await this.parts.store.history({
      limit: limit + 1,
      skip,
      untilMs,
      audit: from === 'audit',
      ...(since === undefined ? {} : { sinceMs: since }),
      ...(runner === undefined ? {} : { runnerId: runner }),
      ...(outcome === undefined ? {} : { outcome }),
    })
    const entries = await this.views(found.slice(0, limit))
    return { entries, next: found.length > limit ? { until: untilMs, skip: skip + limit } : null }
  }

  /** With the names of the runners, as they are called now. */
  async views(entries: readonly HistoryEntry[]): Promise<ActivityView[]> {
    const ids = [...new Set(entries.flatMap(({ runnerId }) => runnerId ?? []))]
    const keys = ids.map((id) => ({ kind: 'runner' as const, id }))
    const labels = await this.parts.store.run({
      keys,
      decide: (view) => ({
        writes: [],
        answer: new Map(ids.map((id) => [id, view.get('runner', id)?.label ?? null])),
      }),
    })
    return entries.map((entry) => activityOf(entry, labels))
  }
}

/** One entry for the console. */
export const activityOf = (
  entry: HistoryEntry,
  labels: ReadonlyMap<string, string | null>,
): ActivityView => ({
  at: entry.at,
  outcome: entry.outcome,
  appSessionId: entry.appSessionId ?? '',
  runnerId: entry.runnerId,
  runnerLabel: entry.runnerId === null ? null : (labels.get(entry.runnerId) ?? null),
  maskedCode: entry.maskedCode,
  errorCode: entry.errorCode,
  subject: entry.subject,
})
