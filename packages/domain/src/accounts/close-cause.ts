/** Why a connection to WhatsApp ended, in our words. The numbers are those that the client library reports. */
export type CloseCause =
  /** always right after pairing, and whenever the server wishes: no error */
  | 'restart-required'
  | 'logged-out'
  /** locked, the main device gone, banned for good */
  | 'forbidden'
  | 'banned-for-a-while'
  | 'client-outdated'
  | 'replaced'
  | 'phone-outdated'
  | 'bad-session'
  | 'qr-ended'
  | 'undecodable-frame'
  /** too many connections: WhatsApp wants a pause */
  | 'rate-limited'
  /** refused, timed out, cut, restarting: whatever another try may cure */
  | 'unreachable'

/** One ended connection. */
export interface Closing {
  readonly cause: CloseCause
  /** as reported; null when nothing was (a frame that could not be read has no code) */
  readonly statusCode: number | null
  /** how long a ban lasts, milliseconds; null when there is none or WhatsApp gave no time */
  readonly bannedMs: number | null
}

/** The connection’s own description of its end. It is never shown, only compared with known texts. */
const QR_ENDED = /QR refs attempts ended/
/** The WebSocket was refused, perhaps by a proxy on the way: its status says nothing of the account, but for a rate limit. */
const UPGRADE_REFUSED = /Unexpected server response: \d/

/**
 * Reads the library’s report of an end. `bannedSeconds` is a temporary ban’s length, where the server gave one. An
 * unknown code means that the connection may be tried again, within the bounds of the back-off.
 */
export function closingOf(
  statusCode: number | null,
  message: string,
  bannedSeconds: number | null = null,
): Closing {
  const cause = causeOf(statusCode, message)
  return {
    cause,
    statusCode,
    bannedMs: cause === 'banned-for-a-while' && bannedSeconds !== null ? bannedSeconds * 1_000 : null,
  }
}

/** A frame that could not be decoded ended this connection. */
export const undecodable: Closing = { cause: 'undecodable-frame', statusCode: null, bannedMs: null }

const CAUSES: ReadonlyMap<number | null, CloseCause> = new Map([
  [515, 'restart-required'],
  [401, 'logged-out'],
  [403, 'forbidden'],
  [406, 'forbidden'],
  [402, 'banned-for-a-while'],
  [405, 'client-outdated'],
  [409, 'client-outdated'],
  [440, 'replaced'],
  [411, 'phone-outdated'],
  [429, 'rate-limited'],
  [500, 'bad-session'],
])

function causeOf(statusCode: number | null, message: string): CloseCause {
  if (statusCode === 408 && QR_ENDED.test(message)) return 'qr-ended'
  const cause = CAUSES.get(statusCode) ?? 'unreachable'
  return UPGRADE_REFUSED.test(message) && cause !== 'rate-limited' ? 'unreachable' : cause
}
