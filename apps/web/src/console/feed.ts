import { eventsIn } from '@latchkey/connection/device-pairing/event-stream'
import { type Observable, subject } from '@latchkey/connection/observable'
import { type ConsoleEvent, consoleEvent, problem, signInReply } from '@latchkey/protocol/console'
import { keepPageKey, operatorHeaders } from '../operator/page-key.ts'

/** The state of the console: signing in, signed out and why, or the broker's last picture and whether it is fresh. */
export type Feed =
  | { readonly status: 'signing-in' }
  | { readonly status: 'signed-out'; readonly why: 'no-cookie' | 'link-spent' | 'unreachable' }
  | {
      readonly status: 'open'
      readonly picture: ConsoleEvent
      readonly fresh: boolean
      /** while it is not fresh: the servers that the broker waits for; empty when the broker does not answer */
      readonly silent: readonly string[]
    }

const RETRY_MS = 3_000
/** A picture of hundreds of machines with their apps. */
const PICTURE_CHARS_MAX = 4 * 1024 * 1024
/** A picture comes every five seconds at least: one that does not come could not be made. */
const STALE_MS = 8_000

/** Signs in with the one-time token of a sign-in URL, when there is one, and follows the broker until `close`. */
export function openFeed(token: string | null): { readonly feed: Observable<Feed>; close(): void } {
  const feed = subject<Feed>({ status: 'signing-in' })
  let events: AbortController | null = null
  let retry: ReturnType<typeof setTimeout> | null = null
  let overdue: ReturnType<typeof setTimeout> | null = null
  let closed = false

  const follow = async () => {
    if (closed) return
    events?.abort()
    const mine = new AbortController()
    events = mine
    try {
      // No EventSource: it sends no header, and so not the page's half of the session.
      const answer = await fetch('/console/events', { headers: operatorHeaders(), signal: mine.signal })
      if (answer.ok && answer.body !== null)
        for await (const data of eventsIn(answer.body, () => {}, PICTURE_CHARS_MAX)) seen(data)
    } catch {
      // Every end of the stream is treated alike: `lost` asks for the reason.
    }
    if (events === mine) void lost()
  }
  const seen = (data: string) => {
    const picture = parsed(data)
    if (picture === null || closed) return
    feed.set({ status: 'open', picture, fresh: true, silent: [] })
    if (overdue !== null) clearTimeout(overdue)
    overdue = setTimeout(() => void stale(), STALE_MS)
  }
  /** The picture on the screen is old: says so, with the reason that the broker gives. */
  const stale = async () => {
    const silent = await silentServers()
    const { current } = feed
    if (!closed && current.status === 'open') feed.set({ ...current, fresh: false, silent })
  }
  /** The end of a stream has no reason: a request of its own finds out. */
  const lost = async () => {
    events = null
    const standing = await ask()
    if (closed) return
    if (standing === 'signed-out') return feed.set({ status: 'signed-out', why: 'no-cookie' })
    const { current } = feed
    if (current.status === 'open') void stale()
    else if (standing === 'unreachable') feed.set({ status: 'signed-out', why: 'unreachable' })
    retry = setTimeout(() => void follow(), RETRY_MS)
  }
  const begin = async () => {
    const signedIn = token === null ? 'yes' : await signIn(token)
    if (closed) return
    // The token may be spent and this browser signed in all the same.
    if (signedIn !== 'yes' && (await ask()) !== 'signed-in')
      return feed.set({ status: 'signed-out', why: signedIn === 'refused' ? 'link-spent' : 'unreachable' })
    void follow()
  }
  void begin()
  return {
    feed,
    close() {
      closed = true
      events?.abort()
      events = null
      if (retry !== null) clearTimeout(retry)
      if (overdue !== null) clearTimeout(overdue)
    },
  }
}

function parsed(data: string): ConsoleEvent | null {
  try {
    const result = consoleEvent.safeParse(JSON.parse(data))
    return result.success ? result.data : null
  } catch {
    return null
  }
}

async function signIn(token: string): Promise<'yes' | 'refused' | 'unreachable'> {
  try {
    const answer = await fetch('/operator/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    const told: unknown = await answer.json()
    const reply = signInReply.safeParse(told)
    if (answer.ok && reply.success) {
      keepPageKey(reply.data.pageKey ?? null)
      return 'yes'
    }
    return problem.safeParse(told).success ? 'refused' : 'unreachable'
  } catch {
    return 'unreachable'
  }
}

async function ask(): Promise<'signed-in' | 'signed-out' | 'unreachable'> {
  try {
    const answer = await fetch('/operator/overview', { headers: operatorHeaders() })
    return answer.ok ? 'signed-in' : answer.status === 401 ? 'signed-out' : 'unreachable'
  } catch {
    return 'unreachable'
  }
}

export async function signOut(): Promise<void> {
  await fetch('/operator/sign-out', { method: 'POST', headers: operatorHeaders() }).catch(() => {})
  keepPageKey(null)
}

/** The servers that do not answer the broker, as `/readyz` says it: `the store: why; Redis: why`. */
async function silentServers(): Promise<readonly string[]> {
  try {
    const answer = await fetch('/readyz')
    if (answer.ok) return []
    const { detail = '' } = problem.parse(await answer.json())
    return detail.split('; ').flatMap((each) => /^([^:]+): /.exec(each)?.[1] ?? [])
  } catch {
    return []
  }
}
