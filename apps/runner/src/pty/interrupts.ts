/**
 * Ctrl-C, Ctrl-Z and Ctrl-\ make the kernel discard printed but unread output. That may cut an
 * escape sequence in two, and a terminal then swallows what follows (a cut window title eats the prompt). The kernel's
 * echo `^C` marks the place: before it the output gets a CAN, which ends whatever is unfinished and does nothing otherwise.
 * It is part of the output from then on, so that the machine's screen, all who watch and all who come later see the same.
 */
const CTRL_C = 0x03
const CTRL_BACKSLASH = 0x1c
const CTRL_Z = 0x1a
const CAN = 0x18
const CARET = 0x5e
/** C, Z and \ after the caret */
const ECHOED: ReadonlySet<number | undefined> = new Set([0x43, 0x5a, 0x5c])

/** So much output after an interrupt is searched for its echo. */
const ECHO_WITHIN_BYTES = 256 * 1024

/** Watches one terminal's input for interrupts, and its output for their echo. */
export class InterruptEcho {
  #expectedWithinBytes = 0

  typed(bytes: Uint8Array): void {
    if (hasInterrupt(bytes)) this.#expectedWithinBytes = ECHO_WITHIN_BYTES
  }

  /** The output that is to be shown for `bytes` that the program and the kernel have printed. */
  shown(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.#expectedWithinBytes === 0) return bytes
    const ended = withCutEnded(bytes)
    this.#expectedWithinBytes = ended === null ? Math.max(0, this.#expectedWithinBytes - bytes.length) : 0
    return ended ?? bytes
  }
}

const hasInterrupt = (typed: Uint8Array): boolean =>
  typed.includes(CTRL_C) || typed.includes(CTRL_Z) || typed.includes(CTRL_BACKSLASH)

/** `bytes` with CAN before the first echoed interrupt; null when none is in them. */
function withCutEnded(bytes: Uint8Array): Uint8Array<ArrayBuffer> | null {
  for (let at = bytes.indexOf(CARET); at >= 0; at = bytes.indexOf(CARET, at + 1)) {
    if (!ECHOED.has(bytes[at + 1])) continue
    const ended = new Uint8Array(bytes.length + 1)
    ended.set(bytes.subarray(0, at))
    ended[at] = CAN
    ended.set(bytes.subarray(at), at + 1)
    return ended
  }
  return null
}
