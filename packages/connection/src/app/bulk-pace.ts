/**
 * How many bytes of a file or a connection may be under way. Too few leave the way idle; too many stand in a queue, and a key
 * that is pressed waits behind them. So: what the way delivers in its shortest round trip, a little more while no queue stands, to
 * notice when it becomes faster, and a little less while one does (the congestion window of BBR, with a queue in place of its cycles).
 */
export const WINDOW_BYTES_START = 128 * 1024
export const WINDOW_BYTES_MIN = 16 * 1024
const CHUNK_BYTES_MIN = 2 * 1024
const CHUNK_BYTES_MAX = 32 * 1024
/** A way without a queue gets more, to notice when it becomes faster; one with a queue gets less, until that is gone. */
const FREE_GAIN = 1.1
const QUEUED_GAIN = 0.95
/** Until its rate stops growing, or a queue stands, a way is given twice what it delivered. */
const STARTING_GAIN = 2
/** A queue stands when even the shortest trip of a round took so many times the shortest of all. */
const QUEUED = 1.1
const STILL_GROWS = 1.2
const STEADY_AFTER_ROUNDS = 3
/** A shorter round trip measures the ends' batching. */
const ROUND_TRIP_MS_MIN = 10
/** The best rate of the last one to two of these counts: a pause of the source is not the way's. */
const RATE_KEPT_MS = 2_000
/** Marks of bytes under way; older ones are dropped. One is made for each chunk. */
const MARKS_MAX = 1_024

interface Mark {
  readonly upTo: number
  readonly sentMs: number
  /** what had been delivered then, and when that became known */
  readonly delivered: number
  readonly deliveredMs: number
}

/** The pace of one transfer, by absolute offsets. Pure: the caller says what time it is. */
export class BulkPace {
  #marks: Mark[] = []
  #delivered = 0
  #deliveredMs = 0
  /** the least of this connection: the others have our own queue in them */
  #roundTripMs = Number.POSITIVE_INFINITY
  #best = 0
  #bestBefore = 0
  #bestSinceMs = 0
  #roundEndsAt = 0
  #rateOfRound = 0
  #shortestOfRoundMs = Number.POSITIVE_INFINITY
  #roundsWithoutGrowth = 0
  #isQueued = false

  /** A connection begins: everything before `offset` is there. */
  begin(offset: number, nowMs: number): void {
    this.#marks = []
    this.#delivered = offset
    this.#deliveredMs = nowMs
    this.#roundTripMs = Number.POSITIVE_INFINITY
    this.#best = 0
    this.#bestBefore = 0
    this.#bestSinceMs = nowMs
    this.#roundEndsAt = offset
    this.#rateOfRound = 0
    this.#shortestOfRoundMs = Number.POSITIVE_INFINITY
    this.#roundsWithoutGrowth = 0
    this.#isQueued = false
  }

  get windowBytes(): number {
    const rate = Math.max(this.#best, this.#bestBefore)
    if (rate === 0) return WINDOW_BYTES_START
    const isSteady = this.#roundsWithoutGrowth >= STEADY_AFTER_ROUNDS
    const gain = this.#isQueued ? QUEUED_GAIN : isSteady ? FREE_GAIN : STARTING_GAIN
    return Math.max(
      WINDOW_BYTES_MIN,
      Math.round(rate * Math.max(this.#roundTripMs, ROUND_TRIP_MS_MIN) * gain),
    )
  }

  /** So many bytes go at once: enough of them fill a window, and on a slow way a key does not wait for a long one. */
  get chunkBytes(): number {
    return Math.min(Math.max(Math.floor(this.windowBytes / 16), CHUNK_BYTES_MIN), CHUNK_BYTES_MAX)
  }

  /** Everything up to `upTo` was sent, or allowed to be sent. */
  sent(upTo: number, nowMs: number): void {
    // After a rest the time since the last delivery says nothing about the way.
    if (this.#marks.length === 0) this.#deliveredMs = nowMs
    if (this.#marks.length === MARKS_MAX) this.#marks.shift()
    this.#marks.push({ upTo, sentMs: nowMs, delivered: this.#delivered, deliveredMs: this.#deliveredMs })
  }

  /** Everything up to `upTo` is there. */
  delivered(upTo: number, nowMs: number): void {
    if (upTo <= this.#delivered) return
    this.#delivered = upTo
    this.#deliveredMs = nowMs
    let newest: Mark | null = null
    while (this.#marks[0] !== undefined && this.#marks[0].upTo <= upTo) newest = this.#marks.shift() ?? null
    if (newest === null) return
    const tripMs = nowMs - newest.sentMs
    this.#roundTripMs = Math.min(this.#roundTripMs, tripMs)
    this.#shortestOfRoundMs = Math.min(this.#shortestOfRoundMs, tripMs)
    // At least a tick of the clock, or one acknowledgement would look infinitely fast.
    const takenMs = Math.max(nowMs - newest.deliveredMs, 1)
    this.#rated((upTo - newest.delivered) / takenMs, nowMs)
    if (newest.delivered < this.#roundEndsAt) return
    this.#roundEndsAt = upTo
    const rate = Math.max(this.#best, this.#bestBefore)
    this.#isQueued = this.#shortestOfRoundMs > Math.max(this.#roundTripMs, ROUND_TRIP_MS_MIN) * QUEUED
    if (this.#isQueued) this.#roundsWithoutGrowth = STEADY_AFTER_ROUNDS
    else
      this.#roundsWithoutGrowth = rate < this.#rateOfRound * STILL_GROWS ? this.#roundsWithoutGrowth + 1 : 0
    this.#rateOfRound = rate
    this.#shortestOfRoundMs = Number.POSITIVE_INFINITY
  }

  #rated(rate: number, nowMs: number): void {
    if (nowMs - this.#bestSinceMs > RATE_KEPT_MS) {
      this.#bestBefore = this.#best
      this.#best = 0
      this.#bestSinceMs = nowMs
    }
    this.#best = Math.max(this.#best, rate)
  }
}
