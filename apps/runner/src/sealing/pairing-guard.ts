import { addressSubject } from '@latchkey/domain/limits/subjects'
import { lockReason } from '@latchkey/protocol/runner-apps'
import { z } from 'zod'

/**
 * How often a PIN may be asked for and guessed (limit L7). The broker counts too, but it may be the one who guesses: these
 * counts are the machine's own, and outlive its process.
 */
export const PROMPTS_AN_HOUR_MAX = 10
export const PROMPTS_A_DAY_MAX = 30
/**
 * Everybody with the code may ask, so the last prompts of an hour and a day are kept for others: once so many were shown, an address
 * (IPv4, or IPv6 /64, as the broker says) is shown no more than its share.
 */
export const PROMPTS_AN_HOUR_OPEN = 6
export const PROMPTS_A_DAY_OPEN = 20
export const SHARE_OF_AN_HOUR = 2
export const SHARE_OF_A_DAY = 4
export const FAILURES_MAX = 10
export const PIN_TTL_S = 120
export const PIN_DIGITS = 6

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS

const WINDOWS = [
  { spanMs: HOUR_MS, max: PROMPTS_AN_HOUR_MAX, open: PROMPTS_AN_HOUR_OPEN, share: SHARE_OF_AN_HOUR },
  { spanMs: DAY_MS, max: PROMPTS_A_DAY_MAX, open: PROMPTS_A_DAY_OPEN, share: SHARE_OF_A_DAY },
] as const

export type LockReason = z.output<typeof lockReason>

const guardState = z.object({
  version: z.literal(1),
  /** null while pairing is open */
  locked: lockReason.nullable(),
  /** PINs that were guessed at in vain since one was right */
  failures: z.number().int().nonnegative(),
  /** when PINs were shown, epoch milliseconds, the last day's */
  promptsAtMs: z.array(z.number()),
  /** for whom they were shown; older releases did not say */
  askers: z.array(z.object({ atMs: z.number(), from: z.string() })).default([]),
})
export type PairingGuard = z.output<typeof guardState>

export const OPEN_GUARD: PairingGuard = { version: 1, locked: null, failures: 0, promptsAtMs: [], askers: [] }

export function decodeGuard(text: string): PairingGuard | null {
  try {
    return guardState.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/**
 * Whether another PIN may be shown; if not, why.
 * @param address of who asks
 */
export function mayPrompt(
  guard: PairingGuard,
  address: string,
  nowMs: number,
): 'locked' | 'window-closed' | null {
  if (guard.locked !== null) return 'locked'
  return isOpen(guard, addressSubject(address), nowMs) ? null : 'window-closed'
}

/**
 * From when on another PIN may be shown, as far as their number goes; `nowMs` when that is now.
 * @param address of who asks; null for anybody, whatever their shares
 */
export function promptsAgainAtMs(guard: PairingGuard, address: string | null, nowMs: number): number {
  const from = address === null ? null : addressSubject(address)
  if (isOpen(guard, from, nowMs)) return nowMs
  // Only the end of a window brings room, and once all of them are over there is room for sure.
  const ends = guard.promptsAtMs.flatMap((atMs) => WINDOWS.map(({ spanMs }) => atMs + spanMs))
  const later = ends.filter((endMs) => endMs > nowMs).sort((a, b) => a - b)
  return later.find((endMs) => isOpen(guard, from, endMs)) ?? nowMs
}

function isOpen({ promptsAtMs, askers }: PairingGuard, from: string | null, nowMs: number): boolean {
  return WINDOWS.every(({ spanMs, max, open, share }) => {
    const isWithin = (atMs: number) => atMs > nowMs - spanMs
    const shownCount = promptsAtMs.filter(isWithin).length
    if (shownCount < open || from === null) return shownCount < max
    const ownCount = askers.filter((asker) => asker.from === from && isWithin(asker.atMs)).length
    return shownCount < max && ownCount < share
  })
}

export function prompted(guard: PairingGuard, address: string, nowMs: number): PairingGuard {
  const isKept = (atMs: number) => atMs > nowMs - DAY_MS
  const asker = { atMs: nowMs, from: addressSubject(address) }
  return {
    ...guard,
    promptsAtMs: [...guard.promptsAtMs.filter(isKept), nowMs].slice(-PROMPTS_A_DAY_MAX),
    askers: [...guard.askers.filter(({ atMs }) => isKept(atMs)), asker].slice(-PROMPTS_A_DAY_MAX),
  }
}

/** A guess was made. It counts as wrong until the other end has proved that it was right. */
export function guessed(guard: PairingGuard): PairingGuard {
  const failures = guard.failures + 1
  return { ...guard, failures, locked: failures >= FAILURES_MAX ? 'guessing' : guard.locked }
}

/** The guess was right. A lock that this very guess brought about is taken back. */
export const proved = (guard: PairingGuard): PairingGuard => ({
  ...guard,
  failures: 0,
  locked: guard.locked === 'guessing' ? null : guard.locked,
})

export const lockedBy = (guard: PairingGuard, reason: LockReason): PairingGuard => ({
  ...guard,
  locked: reason,
})

/** The owner has seen to it: everything is counted anew. */
export const unlocked = (): PairingGuard => OPEN_GUARD
