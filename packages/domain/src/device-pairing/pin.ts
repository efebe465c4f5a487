import type { Entropy } from '../kernel.ts'

const PIN_DIGITS = 6
const PINS = 10 ** PIN_DIGITS
/** The largest multiple of a million that three bytes hold: a draw above it is thrown away, so no PIN is likelier. */
const FAIR_BELOW = Math.floor(2 ** 24 / PINS) * PINS

/** Six decimal digits, 000000 to 999999, each as likely as any other if `entropy` is uniform. */
export function generatePin(entropy: Entropy): string {
  for (;;) {
    const [high = 0, middle = 0, low = 0] = entropy(3)
    const draw = (high << 16) | (middle << 8) | low
    if (draw < FAIR_BELOW) return String(draw % PINS).padStart(PIN_DIGITS, '0')
  }
}

/** Whether the text is six decimal digits. */
export const isPin = (text: string): boolean => /^[0-9]{6}$/.test(text)
