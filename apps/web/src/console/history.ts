import type { ActivityView } from '@latchkey/protocol/console'
import { type HistoryReply, type historyOutcome, historyReply } from '@latchkey/protocol/history'
import { useEffect, useRef, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'

export type Outcome = (typeof historyOutcome)['options'][number]

/** Which attempts are wanted. */
export interface HistoryFilter {
  readonly outcome: Outcome | null
  readonly runnerId: string | null
  /** null for any time */
  readonly lastMs: number | null
  /** asks the audit, which goes back further and holds pairings, their ends and bans */
  readonly audit: boolean
}

export const EVERYTHING: HistoryFilter = { outcome: null, runnerId: null, lastMs: null, audit: false }

export interface History {
  /** null until the broker has answered */
  readonly entries: readonly ActivityView[] | null
  readonly failed: boolean
  /** asks for the page before; null when this is all there is */
  readonly earlier: (() => void) | null
}

const PAGE = 50
/** While much happens the list is asked for anew this often at most. */
const ANEW_EVERY_MS = 1_000

/**
 * The attempts that `filter` wants, the newest first, asked for anew whenever something has happened.
 * @param stamp changes when something has happened
 */
export function useHistory(filter: HistoryFilter, stamp: string, serverTime: number): History {
  const [pages, setPages] = useState<readonly HistoryReply[]>([])
  const [failed, setFailed] = useState(false)
  const last = useRef({ filter, atMs: 0 })
  const now = useRef(serverTime)
  now.current = serverTime
  useEffect(() => {
    let left = false
    const look = async () => {
      last.current = { filter, atMs: Date.now() }
      const answer = await asked(historyReply, 'GET', pathOf(filter, now.current, null))
      if (left) return
      setFailed(!answer.ok)
      // Earlier pages stay on the screen: the newest page alone is replaced.
      if (answer.ok) setPages((before) => (before.length > 1 ? before : [answer.value]))
    }
    // A new filter is applied at once.
    const isNew = last.current.filter !== filter
    const waitMs = isNew ? 0 : Math.max(0, last.current.atMs + ANEW_EVERY_MS - Date.now())
    const timer = setTimeout(() => void look(), waitMs)
    return () => {
      left = true
      clearTimeout(timer)
    }
  }, [filter, stamp])
  // The entries of one filter are not shown under another.
  useEffect(() => () => setPages([]), [filter])
  const next = pages.at(-1)?.next ?? null
  const asking = useRef(false)
  const earlier = async () => {
    // A second tap while a page loads asks for nothing.
    if (asking.current) return
    asking.current = true
    const answer = await asked(historyReply, 'GET', pathOf(filter, now.current, next))
    asking.current = false
    setFailed(!answer.ok)
    if (answer.ok) setPages((before) => [...before, answer.value])
  }
  return {
    entries: pages.length === 0 ? null : pages.flatMap(({ entries }) => entries),
    failed,
    earlier: next === null ? null : () => void earlier(),
  }
}

/** The address of a page; without `next` that of the newest. */
export function pathOf(filter: HistoryFilter, serverTime: number, next: HistoryReply['next']): string {
  const { outcome, runnerId, lastMs, audit } = filter
  const query = new URLSearchParams({ limit: String(PAGE) })
  if (outcome !== null) query.set('outcome', outcome)
  if (runnerId !== null) query.set('runner', runnerId)
  if (lastMs !== null) query.set('since', String(serverTime - lastMs))
  if (audit) query.set('from', 'audit')
  if (next !== null) {
    query.set('until', String(next.until))
    query.set('skip', String(next.skip))
  }
  return `/operator/history?${query}`
}
