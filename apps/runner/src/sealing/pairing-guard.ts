import { lockReason } from '@latchkey/protocol/runner-apps'
import { z } from 'zod'

/**
 * How often a PIN may be asked for and guessed (limit L7). The broker counts too, but it may be the one who guesses: these
 * counts are the machine's own, and outlive its process.
 */
export const PROMPTS_AN_HOUR_MAX = 10
export const PROMPTS_A_DAY_MAX = 30
export const FAILURES_MAX = 10
export const PIN_TTL_S = 120
export const PIN_DIGITS = 6

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS

export type LockReason = z.output<typeof lockReason>

const guardState = z.object({
  version: z.literal(1),
  /** null while pairing is open */
  locked: lockReason.nullable(),
  /** PINs that were guessed at in vain since one was right */
  failures: z.number().int().nonnegative(),
  /** when PINs were shown, epoch milliseconds, the last day's */
  promptsAtMs: z.array(z.number()),
})
export type PairingGuard = z.output<typeof guardState>

export const OPEN_GUARD: PairingGuard = { version: 1, locked: null, failures: 0, promptsAtMs: [] }

export function decodeGuard(text: string): PairingGuard | null {
  try {
    return guardState.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** Whether another PIN may be shown; if not, why. */
export function mayPrompt(guard: PairingGuard, nowMs: number): 'locked' | 'window-closed' | null {
  if (guard.locked !== null) return 'locked'
  return promptsAgainAtMs(guard, nowMs) > nowMs ? 'window-closed' : null
}

/** From when on another PIN may be shown, as far as their number goes; not after `nowMs` when that is now. */
export function promptsAgainAtMs(guard: PairingGuard, nowMs: number): number {
  const newestFirst = [...guard.promptsAtMs].sort((a, b) => b - a)
  // Within each span there is room again once the oldest of so many is out of it.
  const roomAtMs = (promptsMax: number, spanMs: number) => {
    const oldest = newestFirst[promptsMax - 1]
    return oldest === undefined ? nowMs : oldest + spanMs
  }
  return Math.max(roomAtMs(PROMPTS_AN_HOUR_MAX, HOUR_MS), roomAtMs(PROMPTS_A_DAY_MAX, DAY_MS))
}

export const prompted = (guard: PairingGuard, nowMs: number): PairingGuard => ({
  ...guard,
  promptsAtMs: [...guard.promptsAtMs.filter((at) => at > nowMs - DAY_MS), nowMs].slice(-PROMPTS_A_DAY_MAX),
})

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
