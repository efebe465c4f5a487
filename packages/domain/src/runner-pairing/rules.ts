import { type AttemptLimits, defaultLimits } from '../limits/budget.ts'

/** What an operator may set. All times in milliseconds. */
export interface PairingRules {
  /** how long a code lives unused */
  readonly codeLifeMs: number
  /** how long a lost runner may come back as the same process; 0 ends it at once */
  readonly graceMs: number
  /** how long a heartbeat holds */
  readonly leaseMs: number
  /** how long a broker process is believed to be there after it said so */
  readonly instanceLeaseMs: number
  /** how long a dead code answers CODE_EXPIRED and is not given out again, for people who type slowly */
  readonly tombstoneMs: number
  /** how long a pairing lives without being used */
  readonly sessionIdleMs: number
  /** how many apps one runner remembers; beyond it the longest paired one must pair again */
  readonly appsMax: number
  /** unknown, ended and absent codes are refused in the same words, after the same number of looks */
  readonly refusesAlike: boolean
  readonly limits: AttemptLimits
}

const SECOND_MS = 1_000
const DAY_MS = 24 * 60 * 60 * SECOND_MS

/** REQUIREMENTS.md 2.7, 3.3, 3.4; RELIABILITY.md 2.2 B13. */
export const defaultPairingRules: PairingRules = {
  codeLifeMs: DAY_MS,
  graceMs: 60 * SECOND_MS,
  leaseMs: 30 * SECOND_MS,
  instanceLeaseMs: 10 * SECOND_MS,
  tombstoneMs: DAY_MS,
  sessionIdleMs: 30 * DAY_MS,
  appsMax: 1_000,
  refusesAlike: false,
  limits: defaultLimits,
}
