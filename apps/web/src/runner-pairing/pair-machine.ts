import type { AppLink, Pairing } from '@latchkey/connection/app/link'
import type { PairingUrlSecret } from '@latchkey/connection/app/sealer'
import { readTypedCode } from '@latchkey/domain/runner-pairing/code'
import { parsePairingFragment } from '@latchkey/e2ee/pairing-url'
import { forgetMembership } from '../device-pairing/membership.ts'
import { keep, kept } from '../kept.ts'
import { adopt, beginLink, linkTo } from '../link/links.ts'
import { knownRunner, remember, update } from '../runner-book.ts'
import { type Refused, refusedBy } from './refusal.ts'

/**
 * The app session that has no machine yet. Its credential is kept, so that a reload finds a pairing whose answer was lost
 * and does not count as a new app for the broker's limits.
 */
let candidate: Candidate | null = null

interface Candidate {
  readonly link: AppLink
  credential: string | null
  /** set once it belongs to a machine */
  runnerId: string | null
}

const CANDIDATE = 'candidate'

export type PairResult =
  | { readonly ok: true; readonly runnerId: string }
  | { readonly ok: false; readonly refused: Refused }

/** Connects, so that a code need not wait for it. */
export function prepareToPair(): AppLink {
  if (candidate !== null && candidate.link.state.current.status !== 'ended') return candidate.link
  const credential = kept(CANDIDATE)
  const link = beginLink(null, credential, (renewed) => {
    next.credential = renewed
    if (next.runnerId === null) keep(CANDIDATE, renewed)
    else update(next.runnerId, { credential: renewed })
  })
  const next: Candidate = { link, credential, runnerId: null }
  candidate = next
  // A code may be typed by a browser that is no device any more: it goes on as a stranger.
  link.state.subscribe((state) => {
    if (next.runnerId !== null || state.status !== 'ended' || state.reason !== 'not-a-node') return
    forgetMembership()
    link.reconnectNow()
  })
  return link
}

/**
 * Pairs with the machine that shows the code in `typed`, and waits until it is known what comes next: a shell, a PIN, or
 * why not. A code that is none costs no attempt.
 * @param fragment of the pairing URL; with the machine's secret in it no PIN is asked for
 */
export async function pairMachine(
  typed: string,
  fragment: string | null,
  nowMs: () => number,
): Promise<PairResult> {
  const result = await paired(typed, fragment, nowMs)
  if (result.ok) await decided(result.runnerId)
  return result
}

async function paired(typed: string, fragment: string | null, nowMs: () => number): Promise<PairResult> {
  const [code] = readTypedCode(typed)
  if (code === undefined) return { ok: false, refused: { why: 'incomplete' } }
  if (!navigator.onLine && location.hostname !== 'localhost' && location.hostname !== '127.0.0.1')
    return { ok: false, refused: { why: 'no-network' } }
  const link = prepareToPair()
  const answer = await link.pair(code, secretFor(code, fragment))
  if (answer.success) {
    return { ok: true, runnerId: settle(answer.runnerId, answer.runnerLabel, answer.pairedAt) }
  }
  if (answer.code === 'TIMEOUT') {
    // Perhaps it paired all the same.
    const status = await link.status()
    if (status.success && status.paired && status.runnerId !== undefined)
      return {
        ok: true,
        runnerId: settle(status.runnerId, status.runnerLabel ?? '', status.pairedAt ?? nowMs()),
      }
  }
  return { ok: false, refused: refusedBy(answer, nowMs()) }
}

/** The secret of the pairing URL; null when it has none, or another code was typed over its code. */
function secretFor(code: string, fragment: string | null): PairingUrlSecret | null {
  const read = fragment === null ? null : parsePairingFragment(fragment)
  return read !== null && read.code === code.replaceAll('-', '') ? read.seal : null
}

/** The page stays for the time of a handshake. After this the next page opens and says that it connects. */
const DECIDED_MS_MAX = 5_000

function decided(runnerId: string): Promise<void> {
  const runner = knownRunner(runnerId)
  const link = runner === undefined ? null : linkTo(runner)
  if (link === null) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      stop()
      resolve()
    }
    const look = () => {
      if (link.state.current.status !== 'connecting') done()
    }
    const timer = setTimeout(done, DECIDED_MS_MAX)
    const stop = link.state.subscribe(look)
    look()
  })
}

/** The session has its machine: it moves from the candidate to the list of machines. */
function settle(runnerId: string, label: string, pairedAt: number): string {
  const settled = candidate
  if (settled === null) return runnerId
  candidate = null
  keep(CANDIDATE, null)
  settled.runnerId = runnerId
  remember({ runnerId, label: label || runnerId, credential: settled.credential ?? '', pairedAt })
  adopt(runnerId, settled.link)
  return runnerId
}

/** A candidate whose broker says that it is paired already: its answer was lost with an earlier page. */
export function onFoundPaired(heard: (runnerId: string) => void): () => void {
  const { link } = { link: prepareToPair() }
  const found = (pairing: Pairing | null) => {
    if (pairing !== null && candidate?.link === link && !pairingNow)
      heard(settle(pairing.runnerId, pairing.runnerLabel, Date.now()))
  }
  found(link.pairing.current)
  return link.pairing.subscribe(found)
}

let pairingNow = false

/** While a code is being tried, its own answer settles the session. */
export async function whilePairing<T>(work: () => Promise<T>): Promise<T> {
  pairingNow = true
  try {
    return await work()
  } finally {
    pairingNow = false
  }
}
