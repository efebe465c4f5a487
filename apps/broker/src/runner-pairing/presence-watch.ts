/** What may become due for a runner. All moments in milliseconds since the epoch, by the store's clock. */
interface Watched {
  /** until when its last heartbeat holds; null while its connection is lost anyway */
  leaseUntil: number | null
  /** when this life ends if it does nothing */
  endsAt: number
  /** when its code is to be renewed; null when that has been asked for */
  renewAt: number | null
  /** when its code dies of age unless it has been used; null when that has been recorded */
  codeEndsAt: number | null
  timer: NodeJS.Timeout | null
  /** what `timer` waits for */
  timerAt: number
}

/** The actions that become due. They run from a timer, so they handle their own failures. */
export interface PresenceActions {
  /** its heartbeat no longer holds, though its connection is there */
  silent(runnerId: string): void
  /** its time is over, or so it seems: the store decides */
  due(runnerId: string): void
  renewCode(runnerId: string): void
  /** the deadline of its code has come: the store decides whether it has died of age */
  codeDue(runnerId: string): void
}

/** setTimeout's longest wait. */
const WAIT_MS_MAX = 2 ** 31 - 1
/** A code is renewed this long before its end, so that it does not expire while it is being typed. */
const RENEW_AHEAD_MS_MAX = 60_000
/** A timer this late means that the process slept: heartbeats sent meanwhile are not read yet, so silence proves nothing. */
const SLEPT_MS = 2_000

/**
 * Remembers for each runner when something is due, with one timer each. It decides nothing: a heartbeat only moves a number, and
 * the store decides when the timer fires.
 */
export class PresenceWatch {
  readonly #runners = new Map<string, Watched>()

  constructor(
    private readonly clock: () => number,
    private readonly actions: PresenceActions,
  ) {}

  /** A registration or heartbeat holds until `leaseUntil`; the life until `endsAt`. */
  heard(runnerId: string, leaseUntil: number, endsAt: number): void {
    this.#change(runnerId, { leaseUntil, endsAt })
  }

  /** Its connection is lost: it may be back until `endsAt`. */
  lost(runnerId: string, endsAt: number): void {
    this.#change(runnerId, { leaseUntil: null, endsAt })
  }

  codeUntil(runnerId: string, expiresAt: number): void {
    const aheadMs = Math.min(RENEW_AHEAD_MS_MAX, (expiresAt - this.clock()) / 10)
    this.#change(runnerId, { renewAt: expiresAt - aheadMs, codeEndsAt: expiresAt })
  }

  /** Looks at its code again then, if it is watched at all. */
  codeAgain(runnerId: string, codeEndsAt: number): void {
    if (this.#runners.has(runnerId)) this.#change(runnerId, { codeEndsAt })
  }

  gone(runnerId: string): void {
    const watched = this.#runners.get(runnerId)
    if (watched?.timer) clearTimeout(watched.timer)
    this.#runners.delete(runnerId)
  }

  stop(): void {
    for (const runnerId of [...this.#runners.keys()]) this.gone(runnerId)
  }

  #change(
    runnerId: string,
    change: Partial<Pick<Watched, 'leaseUntil' | 'endsAt' | 'renewAt' | 'codeEndsAt'>>,
  ): void {
    const none = {
      leaseUntil: null,
      endsAt: Number.POSITIVE_INFINITY,
      renewAt: null,
      codeEndsAt: null,
      timer: null,
      timerAt: 0,
    }
    const watched = Object.assign(this.#runners.get(runnerId) ?? none, change)
    this.#runners.set(runnerId, watched)
    // A timer that comes too early looks again; only one that would come too late is replaced.
    if (watched.timer !== null && watched.timerAt <= nextOf(watched)) return
    this.#wait(runnerId, watched)
  }

  #wait(runnerId: string, watched: Watched): void {
    if (watched.timer !== null) clearTimeout(watched.timer)
    watched.timerAt = nextOf(watched)
    if (watched.timerAt === Number.POSITIVE_INFINITY) {
      watched.timer = null
      return
    }
    const waitMs = Math.min(Math.max(1, Math.ceil(watched.timerAt - this.clock())), WAIT_MS_MAX)
    watched.timer = setTimeout(() => this.#look(runnerId, watched), waitMs)
    watched.timer.unref()
  }

  #look(runnerId: string, watched: Watched): void {
    watched.timer = null
    if (this.#runners.get(runnerId) !== watched) return
    const now = this.clock()
    if (now >= watched.endsAt) {
      this.gone(runnerId)
      return this.actions.due(runnerId)
    }
    const sleptMs = now - watched.timerAt
    if (watched.leaseUntil !== null && sleptMs > SLEPT_MS) watched.leaseUntil += sleptMs
    if (watched.leaseUntil !== null && now >= watched.leaseUntil) {
      watched.leaseUntil = null
      this.actions.silent(runnerId)
    }
    if (watched.renewAt !== null && now >= watched.renewAt) {
      watched.renewAt = null
      this.actions.renewCode(runnerId)
    }
    if (watched.codeEndsAt !== null && now >= watched.codeEndsAt) {
      watched.codeEndsAt = null
      this.actions.codeDue(runnerId)
    }
    this.#wait(runnerId, watched)
  }
}

const nextOf = ({ leaseUntil, endsAt, renewAt, codeEndsAt }: Watched): number =>
  Math.min(endsAt, leaseUntil ?? endsAt, renewAt ?? endsAt, codeEndsAt ?? endsAt)
