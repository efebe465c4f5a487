import type { LinkState } from '@latchkey/connection/app/link-state'

/** Echoes that come sooner need no guess. */
const SLOW_ABOVE_MS = 30
/** A way that became quick again must be clearly quick, so that guessing does not flicker. */
const QUICK_BELOW_MS = 20

/** Remembers whether the way to the machine is slow enough for guesses. */
export class Way {
  #isSlow = false

  /** @param roundTripMs to the machine and back as measured; null while the link is not live, which ends guessing */
  isSlow(roundTripMs: number | null): boolean {
    if (roundTripMs === null) this.#isSlow = false
    else this.#isSlow = roundTripMs > (this.#isSlow ? QUICK_BELOW_MS : SLOW_ABOVE_MS)
    return this.#isSlow
  }
}

/** To the machine and back, ms, as measured last; null while the link is not live. */
export const roundTripMs = (state: LinkState): number | null =>
  state.status === 'live' ? state.machineMs : null
