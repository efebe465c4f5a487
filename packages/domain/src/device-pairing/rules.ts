const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** What may be chosen about devices. Times in milliseconds. */
export interface DeviceRules {
  /** a join token lives so long, and a PIN with it */
  readonly tokenLifeMs: number
  /** an approval waits so long for the device to fetch its token (RFC 8628) */
  readonly verifiedLifeMs: number
  /** the wrong PIN that ends a pairing */
  readonly attemptsMax: number
  /** devices there may be, the broker's own machine included */
  readonly deviceLimit: number
  /** pairings the operator may have open at a time: a person holds one phone, perhaps two */
  readonly openPairingsMax: number
  /** requests by RFC 8628 that may wait at a time: anybody may make them */
  readonly openRequestsMax: number
  /** of these, from one IPv4 address or IPv6 /64 */
  readonly requestsPerAddressMax: number
  readonly peerTokenLifeMs: number
  /** a peer token used this shortly before its end lives as long again */
  readonly renewWithinMs: number
  readonly sessionLifeMs: number
  /** refuse a device that comes from another device's address; behind one router that would lock out honest ones */
  readonly refuseSharedAddress: boolean
  /** what became of a pairing is remembered so long after its end */
  readonly endedKeptMs: number
  /** how long revoked devices, tokens and sessions are remembered */
  readonly revokedKeptMs: number
  /** how often a device may poll (RFC 8628, 3.5) */
  readonly pollEveryMs: number
  /** by how much each poll that came too soon slows it down, for good */
  readonly slowDownMs: number
  /** "last seen" is no finer than this, so that use does not become a write each time */
  readonly seenEveryMs: number
  /** runners one device may enrol */
  readonly runnersPerDeviceMax: number
  /** a device that is not used for so long is removed; null: never */
  readonly unusedLifeMs: number | null
  /** the least time between the announcement of a removal and the removal */
  readonly removalNoticeMs: number
  /** a peer token that ends this soon is told of, once: its device has not been used for days then */
  readonly endToldMs: number
  /** join keys that may be good at a time */
  readonly joinKeysMax: number
}

export const defaultDeviceRules: DeviceRules = {
  tokenLifeMs: 5 * MINUTE_MS,
  verifiedLifeMs: MINUTE_MS,
  attemptsMax: 5,
  deviceLimit: 10,
  openPairingsMax: 5,
  openRequestsMax: 20,
  requestsPerAddressMax: 3,
  peerTokenLifeMs: 30 * DAY_MS,
  renewWithinMs: 7 * DAY_MS,
  sessionLifeMs: 12 * HOUR_MS,
  refuseSharedAddress: false,
  endedKeptMs: HOUR_MS,
  revokedKeptMs: 30 * DAY_MS,
  pollEveryMs: 5 * SECOND_MS,
  slowDownMs: 5 * SECOND_MS,
  seenEveryMs: MINUTE_MS,
  runnersPerDeviceMax: 16,
  unusedLifeMs: null,
  removalNoticeMs: 7 * DAY_MS,
  endToldMs: 3 * DAY_MS,
  joinKeysMax: 100,
}
