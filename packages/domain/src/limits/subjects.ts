/** The budgets one attempt draws on, as the ids of their records. */
export interface LimitSubjects {
  /** `session:<app session id>`, or `runner:<runner id>` for a registration */
  readonly self: string
  /** `address:<IPv4, or the /64 of an IPv6>` */
  readonly address: string
  /** `prefix:<the /24 of an IPv4, or the /48 of an IPv6>` */
  readonly prefix: string
}

/** The one budget of the whole broker. */
export const BROKER_SUBJECT = 'broker'

/** Who an app's attempt is charged to. `address` is what the edge believes after the trusted proxy; any text is safe. */
export const appSubjects = (appSessionId: string, address: string): LimitSubjects => ({
  ...sessionSubject(appSessionId),
  ...addressSubjects(address),
})

/**
 * An app’s pairing session alone, where no address is known: other sessions are not charged for it, and their failures
 * do not count.
 */
export const sessionSubject = (appSessionId: string): Pick<LimitSubjects, 'self'> => ({
  self: `session:${appSessionId}`,
})

/** The budget in which a new app is counted, beside those that its failures are charged to. */
export const newcomersOf = ({ address }: LimitSubjects): string => `newcomers:${address}`

/** Who a registration is charged to. */
export const runnerSubjects = (runnerId: string, address: string): LimitSubjects => ({
  self: `runner:${runnerId}`,
  ...addressSubjects(address),
})

/**
 * Who a secret is charged to, at whichever door it was shown: by where it came from. Counted by runner id, a stranger could
 * ban somebody else's.
 */
export function secretSubjects(address: string): LimitSubjects {
  const subjects = addressSubjects(address)
  return { self: `secret:${subjects.address}`, ...subjects }
}

/** What an address is counted as: itself for IPv4, its /64 for IPv6, since a machine may have any address of that. */
export const addressSubject = (text: string): string => addressSubjects(text).address

/** Text that is no address shares one subject: an unreadable address must not be a fresh budget. */
function addressSubjects(text: string): { readonly address: string; readonly prefix: string } {
  const v4 = readV4(text)
  if (v4) return { address: `address:${v4.join('.')}`, prefix: `prefix:${v4.slice(0, 3).join('.')}` }
  const v6 = readV6(text)
  if (!v6) return { address: 'address:unknown', prefix: 'prefix:unknown' }
  // ::ffff:a.b.c.d is the same machine as a.b.c.d, seen through a dual-stack socket.
  if (v6.slice(0, 5).every((group) => group === 0) && v6[5] === 0xffff) {
    const bytes = v6.slice(6).flatMap((group) => [group >> 8, group & 255])
    return { address: `address:${bytes.join('.')}`, prefix: `prefix:${bytes.slice(0, 3).join('.')}` }
  }
  const hex = v6.map((group) => group.toString(16))
  return {
    address: `address:${hex.slice(0, 4).join(':')}::/64`,
    prefix: `prefix:${hex.slice(0, 3).join(':')}::/48`,
  }
}

function readV4(text: string): readonly number[] | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number)
  return parts?.every((part) => part <= 255) ? parts : null
}

/** Eight 16-bit groups, or null. A zone (`%eth0`) is ignored. RFC 4291, 2.2. */
function readV6(text: string): readonly number[] | null {
  if (text.length > 64) return null
  const halves = text.replace(/%.*$/, '').split('::')
  if (halves.length > 2) return null
  const whole = halves.length === 1
  const head = readGroups(halves[0] ?? '', whole)
  if (whole) return head?.length === 8 ? head : null
  const tail = readGroups(halves[1] ?? '', true)
  if (!head || !tail || head.length + tail.length > 7) return null
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail]
}

/** `atEnd`: the last group may be written as an IPv4 address there, and nowhere else. */
function readGroups(text: string, atEnd: boolean): readonly number[] | null {
  if (text === '') return []
  const parts = text.split(':')
  const last = parts.at(-1) ?? ''
  const v4 = atEnd ? readV4(last) : null
  const hex = v4 ? parts.slice(0, -1) : parts
  if (!hex.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return null
  const groups = hex.map((part) => Number.parseInt(part, 16))
  const [a = 0, b = 0, c = 0, d = 0] = v4 ?? []
  return v4 ? [...groups, a * 256 + b, c * 256 + d] : groups
}
