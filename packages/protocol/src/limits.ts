import { z } from 'zod'
import { count, momentMs } from './fields.ts'

/** A subject that failed too often. */
export const banView = z.object({
  /**
   * The kind of subject: an app's session; a runner that proposed others' codes; secrets from an address; apps of an address
   * that were never seen before; an address; a network.
   */
  kind: z.enum(['session', 'runner', 'secret', 'newcomers', 'address', 'prefix']),
  /** an app session id, a runner id, an IPv4 address or IPv6 /64, or a /24 or /48 as its first groups */
  subject: z.string(),
  until: momentMs,
})
export type BanView = z.output<typeof banView>

/** The guessing that goes on, for the console; over all broker instances that share a store. */
export const limitsView = z.object({
  /** all wrong guesses of the last minute */
  failuresLastMinute: count,
  /** as many within a minute ring the alarm */
  alarmAt: count,
  /** as many within a minute open the breaker: typed codes are refused, pairing URLs and known devices go on */
  breakerAt: count,
  /** when this broker rang the alarm last; null if never since it started */
  alarmRangAt: momentMs.nullable(),
  /** until when the breaker is open; null while it is closed */
  breakerUntil: momentMs.nullable(),
  /** the longest first, a hundred at most */
  bans: z.array(banView),
  /** how many bans there are in all */
  bansInAll: count,
})
export type LimitsView = z.output<typeof limitsView>

/** `GET /operator/bans`. For the operator. */
export const bansReply = z.object({
  /** the longest first, a thousand at most */
  bans: z.array(banView),
  /** how many bans there are in all */
  bansInAll: count,
})
export type BansReply = z.output<typeof bansReply>

/** `DELETE /operator/bans`: takes back the bans of one subject, or all there are. */
export const liftRequest = z.union([
  z.strictObject({
    /** as a ban says it; a whole IPv6 address stands for its /64 */
    subject: z.string().min(1).max(200),
  }),
  z.strictObject({ all: z.literal('true') }),
])
export type LiftRequest = z.output<typeof liftRequest>

export const liftReply = z.object({ lifted: z.array(banView) })
export type LiftReply = z.output<typeof liftReply>
