/** How many more lines one wish of a person brings, and the most a machine is asked for. */
export const WISHED_LINES = 1_000
/** More than a screen that becomes larger takes from above it. */
export const TAKEN_LINES = 200
const LINES_MAX = 10_000
const TRIES = 3

/** What fetching needs of a screen. */
export interface EarlierSource {
  /** lines drawn above the screen */
  drawnLines(): number
  /** counts pieces of output, to know whether any came in between */
  outputCount(): number
  /** Unacknowledged input belongs to the present watch, which drawing anew would end. */
  isTyping(): boolean
  /** the last `lines` lines above the machine's screen, oldest first; null when it cannot be asked */
  ask(lines: number): Promise<Uint8Array | null>
  /** draws the machine's screen anew, these lines above it */
  drawUnder(history: Uint8Array): Promise<void>
}

/**
 * Fetches lines from before the drawn ones. An emulator cannot prepend, so the screen is asked anew and drawn below them. If
 * output came in between, lines and screen may not meet, and it is tried again.
 */
export async function fetchEarlier(
  source: EarlierSource,
  lines: number,
): Promise<{ readonly more: number; readonly exhausted: boolean }> {
  const had = source.drawnLines()
  for (let tries = 0; tries < TRIES; tries++) {
    const outputBefore = source.outputCount()
    const history = await source.ask(Math.min(LINES_MAX, had + lines))
    if (history === null || source.isTyping()) break
    if (history.length === 0) return { more: 0, exhausted: true }
    await source.drawUnder(history)
    const more = Math.max(0, source.drawnLines() - had)
    if (source.outputCount() === outputBefore) return { more, exhausted: more === 0 }
  }
  return { more: Math.max(0, source.drawnLines() - had), exhausted: false }
}
