import type { PushRules } from '@latchkey/protocol/terminal/push'
import type { PushNews } from './notify.ts'

const MINUTES_A_DAY = 1_440

/** Whether an app with these rules wants to be called for this now. */
export function wants(rules: PushRules, news: PushNews, nowMs: number): boolean {
  if (rules.muted.includes(news.terminal) || !wantsKind(rules, news.kind)) return false
  const { quiet } = rules
  if (quiet === null || (quiet.exceptNeeds && isUrgent(news.kind))) return true
  const minute = minuteOfDay(nowMs, quiet.zone)
  const sinceFrom = (minute - quiet.from + MINUTES_A_DAY) % MINUTES_A_DAY
  return sinceFrom >= (quiet.to - quiet.from + MINUTES_A_DAY) % MINUTES_A_DAY
}

/** A person is waited for. */
export const isUrgent = (kind: PushNews['kind']): boolean => kind === 'needs-you' || kind === 'question'

function wantsKind(rules: PushRules, kind: PushNews['kind']): boolean {
  switch (kind) {
    case 'needs-you':
    case 'question':
      return rules.needsYou
    case 'failed':
      return rules.failed
    case 'done':
      return rules.done
  }
}

function minuteOfDay(nowMs: number, zone: string): number {
  const [hour = 0, minute = 0] = clockOf(zone).format(nowMs).split(':').map(Number)
  return (hour % 24) * 60 + minute
}

function clockOf(zone: string): Intl.DateTimeFormat {
  const form = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  try {
    return new Intl.DateTimeFormat('en-GB', { ...form, timeZone: zone })
  } catch {
    return new Intl.DateTimeFormat('en-GB', form)
  }
}
