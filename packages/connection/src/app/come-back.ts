import type { Platform } from '../transport.ts'
import type { Paired, Refusal } from './link.ts'

/** A machine that has just restarted, or lost its connection, is there again a moment later. */
const TRIES = 5
/** A ticket that the machine has not deposited counts at the broker as a guess: twice is enough. */
const TRIES_UNKNOWN = 2
const PAUSE_MS = 1_500
/** The machine is on its way, or the broker cannot look it up at present. */
const MAY_CHANGE: ReadonlySet<string> = new Set(['RUNNER_OFFLINE', 'CODE_NOT_FOUND', 'NETWORK_ERROR'])

export type CameBack =
  | { readonly status: 'paired'; readonly paired: Paired }
  /** by the broker's word the machine does not take this app back: it was revoked, or the machine has forgotten it */
  | { readonly status: 'not-wanted' }
  | { readonly status: 'no-way' }

export interface ComeBackOptions {
  readonly platform: Pick<Platform, 'after'>
  /** The ticket that only an app which the machine knows can derive (DECISIONS 13); null without a key for it. */
  readonly ticket: (runnerId: string) => Promise<string | null>
  readonly pair: (wanted: {
    readonly runnerId: string
    readonly routeTicket: string
  }) => Promise<Paired | Refusal>
  /** Whether the broker is reached. Without it no try is made. */
  readonly isReached: () => boolean
}

/**
 * Pairs again without a code, after the broker forgot the pairing or the machine began a new life. At most one at a time. It
 * keeps no pairing: the caller is told the outcome, unless it has called `stop` meanwhile.
 */
export class ComeBack {
  readonly #options: ComeBackOptions
  /** the one that runs; null while none does */
  #running: object | null = null

  constructor(options: ComeBackOptions) {
    this.#options = options
  }

  get isRunning(): boolean {
    return this.#running !== null
  }

  /** Drops the one that runs. */
  stop(): void {
    this.#running = null
  }

  async start(runnerId: string, onEnd: (outcome: CameBack) => void): Promise<void> {
    const mine = {}
    this.#running = mine
    const outcome = await this.#run(runnerId, mine)
    if (this.#running !== mine) return
    this.#running = null
    onEnd(outcome)
  }

  async #run(runnerId: string, mine: object): Promise<CameBack> {
    const { platform, ticket, pair, isReached } = this.#options
    const isWanted = () => this.#running === mine && isReached()
    let unknown = 0
    for (let tries = 0; tries < TRIES && isWanted(); tries++) {
      const routeTicket = await ticket(runnerId)
      if (routeTicket === null || !isWanted()) break
      const answer = await pair({ runnerId, routeTicket })
      if (answer.success) return { status: 'paired', paired: answer }
      if (answer.code === 'CODE_NOT_FOUND' && ++unknown === TRIES_UNKNOWN) return { status: 'not-wanted' }
      if (!MAY_CHANGE.has(answer.code)) break
      await new Promise<void>((resolve) => platform.after(PAUSE_MS, resolve))
    }
    return { status: 'no-way' }
  }
}
