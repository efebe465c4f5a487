/**
 * How much output may be under way to a page that draws. Too little starves a fast link, too much makes Ctrl-C wait behind
 * the output under way. So: as much as can be drawn in two round trips, and at least in 20 ms. A shorter time cannot be felt,
 * and would starve the ends' own batching.
 */
export const WINDOW_BYTES_START = 256 * 1024
export const WINDOW_BYTES_MIN = 32 * 1024
export const WINDOW_BYTES_MAX = 1024 * 1024
const GRANT_FRACTION = 1 / 8
const WORTH_MS_MIN = 20
/** A sample shorter than this measures batching, not drawing. */
const SAMPLE_MS_MIN = 10
/** Output that needs longer than this for half a window is held back by the program alone: it says nothing about the way. */
const SAMPLE_MS_MAX = 1_000
/** Until the first measurement. */
const ROUND_TRIP_MS_ASSUMED = 50

/** One terminal's credit, by absolute output offsets. Pure: the caller says what time it is. */
export class CreditWindow {
  #windowBytes = WINDOW_BYTES_START
  #drawn = 0
  #granted = 0
  #sampleBytes = 0
  #sampleFromMs: number | null = null
  /**
   * The least one of this connection is the way itself; the others have our own queue in them, and a window that followed
   * those would feed on itself.
   */
  #roundTripMs: number | null = null

  get windowBytes(): number {
    return this.#windowBytes
  }

  /** Output begins at `offset` on this connection, everything before it has been drawn. The first grant. */
  begin(offset: number): number {
    this.#drawn = offset
    this.#granted = offset + this.#windowBytes
    this.#sampleFromMs = null
    this.#roundTripMs = null
    return this.#granted
  }

  /** Output has arrived: if the line was quiet, a measurement begins. */
  arrived(nowMs: number): void {
    if (this.#sampleFromMs !== null && nowMs - this.#sampleFromMs <= SAMPLE_MS_MAX) return
    this.#sampleFromMs = nowMs
    this.#sampleBytes = 0
  }

  /** Output has been drawn up to `offset`. The new grant, or null while it would be less than an eighth of the window. */
  drawn(offset: number, nowMs: number): number | null {
    if (offset <= this.#drawn) return null
    this.#sampleBytes += offset - this.#drawn
    this.#drawn = offset
    this.#measure(nowMs)
    const grantable = this.#drawn + this.#windowBytes
    if (grantable - this.#granted < this.#windowBytes * GRANT_FRACTION) return null
    this.#granted = grantable
    return grantable
  }

  roundTrip(ms: number): void {
    this.#roundTripMs = Math.min(ms, this.#roundTripMs ?? ms)
  }

  #measure(nowMs: number): void {
    if (this.#sampleFromMs === null) return
    const sampleMs = nowMs - this.#sampleFromMs
    if (sampleMs < SAMPLE_MS_MIN || this.#sampleBytes < this.#windowBytes / 2) return
    const worthMs = Math.max(2 * (this.#roundTripMs ?? ROUND_TRIP_MS_ASSUMED), WORTH_MS_MIN)
    const wanted = (this.#sampleBytes / sampleMs) * worthMs
    // At most twice or half of before: one odd sample must not decide.
    const near = Math.min(Math.max(wanted, this.#windowBytes / 2), this.#windowBytes * 2)
    this.#windowBytes = Math.round(Math.min(Math.max(near, WINDOW_BYTES_MIN), WINDOW_BYTES_MAX))
    this.#sampleFromMs = nowMs
    this.#sampleBytes = 0
  }
}
