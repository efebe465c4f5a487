import type { Words } from '../words/en.ts'
import { moment, span } from '../words/times.ts'

const MINUTE_MS = 60_000

/** Whole minutes while there is more than one, then seconds. */
export const roughSpan = (ms: number, words: Words): string =>
  ms < MINUTE_MS ? span(ms, words) : span(Math.ceil(ms / MINUTE_MS) * MINUTE_MS, words)

/** Since when a state holds: how long, while it is fresh and urgent, else the clock time. */
export const sinceWords = (sinceMs: number, nowMs: number, urgent: boolean, words: Words): string =>
  urgent && nowMs - sinceMs < 60 * MINUTE_MS
    ? roughSpan(Math.max(0, nowMs - sinceMs), words)
    : moment(sinceMs, nowMs, words)
