import type { AppLink, Pairing } from '@latchkey/connection/app/link'
import { readTypedCode } from '@latchkey/domain/runner-pairing/code'
import { keep, kept } from '../kept.ts'
import { adopt, beginLink } from '../link/links.ts'
import { remember, update } from '../runners/runner-book.ts'
import { type Refused, refusedBy } from './refusal.ts'

/**
 * The app session that has no machine yet. Its credential is kept, so that a reload neither loses a pairing whose answer was
 * lost nor looks like somebody new to the broker's limits.
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
  const link = beginLink(credential, (renewed) => {
    next.credential = renewed
    if (next.runnerId === null) keep(CANDIDATE, renewed)
    else update(next.runnerId, { credential: renewed })
  })
  const next: Candidate = { link, credential, runnerId: null }
  candidate = next
  return link
}

/** Pairs with the machine that shows the code in `typed`. A code that is none costs no attempt. */
export async function pairMachine(typed: string, nowMs: () => number): Promise<PairResult> {
  const [code] = readTypedCode(typed)
  if (code === undefined) return { ok: false, refused: { why: 'incomplete' } }
  if (!navigator.onLine && location.hostname !== 'localhost' && location.hostname !== '127.0.0.1')
    return { ok: false, refused: { why: 'no-network' } }
  const link = prepareToPair()
  const answer = await link.pair(code)
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
