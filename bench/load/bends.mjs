/** Coder's rule for web terminals: at least nine tenths of the rate, and fewer than one in a hundred disconnected. */
const RATE_LEAST = 0.9
const DISCONNECTED_MOST = 0.01
/** Milliseconds that a key may take. */
const KEY_MS_MOST = 500

/** Why a step is too much for the broker or for the machine; null while it is not. */
export function bendOf({ rate, disconnected, notLive, streams, keyMs }) {
  if (Math.max(disconnected, notLive / streams) >= DISCONNECTED_MOST) return 'disconnected'
  if (rate !== null && rate < RATE_LEAST) return 'rate'
  if (keyMs.p99 !== null && keyMs.p99 > KEY_MS_MOST) return 'keys'
  return null
}

/** Numbers of streams, each more than the one before; throws where they are none. */
export function stepsOf(text) {
  const steps = text.split(',').map(Number)
  const grow = steps.every((step, n) => Number.isInteger(step) && step > (steps[n - 1] ?? 0))
  if (!grow) throw new Error(`steps are whole numbers that grow: ${text}`)
  return steps
}
