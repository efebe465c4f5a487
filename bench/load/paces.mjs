/**
 * The output of a terminal, by profile. `idle` prints nothing; `typing` gives back each key of a person; the others print by
 * themselves, as an agent or a build does.
 */
export const PACES = {
  idle: { bytesPerSecond: 0, everyMs: 0, keysPerSecond: 0 },
  typing: { bytesPerSecond: 0, everyMs: 0, keysPerSecond: 5 },
  /** an agent's log: some lines four times a second */
  agent: { bytesPerSecond: 2_000, everyMs: 250, keysPerSecond: 0 },
  /** a build's log: ten pieces a second (Coder's rule: 1,500 terminals of this) */
  build: { bytesPerSecond: 40_000, everyMs: 100, keysPerSecond: 0 },
}

/** The output repeats after so many bytes, so that each byte is known by its offset. */
const PERIOD_BYTES = 65_521

const pattern = (() => {
  const once = Buffer.alloc(PERIOD_BYTES)
  for (let at = 0; at < PERIOD_BYTES; at++) once[at] = 32 + ((at * 7 + (at >> 6)) % 95)
  return Buffer.concat([once, once])
})()

/** The bytes that a terminal prints from `offset` on; at most `PERIOD_BYTES`. */
export const printed = (offset, byteCount) => {
  const from = offset % PERIOD_BYTES
  return pattern.subarray(from, from + byteCount)
}
