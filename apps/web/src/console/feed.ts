import { type Observable, subject } from '@latchkey/connection/observable'
import { type ConsoleEvent, consoleEvent, problem } from '@latchkey/protocol/console'

/** What the console knows: nothing yet, why it may not know, or the broker's last picture and whether it still comes. */
export type Feed =
  | { readonly status: 'signing-in' }
  | { readonly status: 'signed-out'; readonly why: 'no-cookie' | 'link-spent' | 'unreachable' }
  | {
      readonly status: 'open'
      readonly picture: ConsoleEvent
      readonly fresh: boolean
      /** while it is not fresh: what the broker itself waits for, by its own word; empty when it is not heard */
      readonly silent: readonly string[]
    }

const RETRY_MS = 3_000
/** A picture comes every five seconds at least: one that does not come could not be made. */
const STALE_MS = 8_000

/** Signs in with the one-time token of a link, when there is one, and follows the broker until `close`. */
export function openFeed(token: string | null): { readonly feed: Observable<Feed>; close(): void } {
  const feed = subject<Feed>({ status: 'signing-in' })
  let events: EventSource | null = null
  let retry: ReturnType<typeof setTimeout> | null = null
  let overdue: ReturnType<typeof setTimeout> | null = null
  let closed = false

  const follow = () => {
    if (closed) return
    events?.close()
    events = new EventSource('/console/events')
    events.onmessage = (event: MessageEvent<string>) => {
      const picture = parsed(event.data)
      if (picture === null) return
      feed.set({ status: 'open', picture, fresh: true, silent: [] })
      if (overdue !== null) clearTimeout(overdue)
      overdue = setTimeout(() => void stale(), STALE_MS)
    }
    events.onerror = () => void lost()
  }
  /** The picture on the screen is old: says so, and what the broker says to it. */
  const stale = async () => {
    const silent = await silentServers()
    const { current } = feed
    if (!closed && current.status === 'open') feed.set({ ...current, fresh: false, silent })
  }
  /** An event source does not say why it failed: a plain question does. */
  const lost = async () => {
    events?.close()
    const standing = await ask()
    if (closed) return
    if (standing === 'signed-out') return feed.set({ status: 'signed-out', why: 'no-cookie' })
    const { current } = feed
    if (current.status === 'open') void stale()
    else if (standing === 'unreachable') feed.set({ status: 'signed-out', why: 'unreachable' })
    retry = setTimeout(follow, RETRY_MS)
  }
  const begin = async () => {
    const signedIn = token === null ? 'yes' : await signIn(token)
    if (closed) return
    // The link may be spent and this browser signed in all the same.
    if (signedIn !== 'yes' && (await ask()) !== 'signed-in')
      return feed.set({ status: 'signed-out', why: signedIn === 'refused' ? 'link-spent' : 'unreachable' })
    follow()
  }
  void begin()
  return {
    feed,
    close() {
      closed = true
      events?.close()
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
    if (answer.ok) return 'yes'
    return problem.safeParse(await answer.json()).success ? 'refused' : 'unreachable'
  } catch {
    return 'unreachable'
  }
}

async function ask(): Promise<'signed-in' | 'signed-out' | 'unreachable'> {
  try {
    const answer = await fetch('/operator/overview')
    return answer.ok ? 'signed-in' : answer.status === 401 ? 'signed-out' : 'unreachable'
  } catch {
    return 'unreachable'
  }
}

export async function signOut(): Promise<void> {
  await fetch('/operator/sign-out', { method: 'POST' }).catch(() => {})
}

/** What keeps the broker from its work, as `/readyz` says it: `no answer: the store, Redis`. */
async function silentServers(): Promise<readonly string[]> {
  try {
    const answer = await fetch('/readyz')
    if (answer.ok) return []
    const [, names = ''] = /^no answer: (.+)$/.exec(problem.parse(await answer.json()).detail ?? '') ?? []
    return names === '' ? [] : names.split(', ')
  } catch {
    return []
  }
}
