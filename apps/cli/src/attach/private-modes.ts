/** Modes that are on in a terminal that nobody touched: wrap at the margin, cursor visible. */
const ON_BY_DEFAULT: ReadonlySet<string> = new Set(['7', '25'])
/** A sequence of modes is short; what is longer is no such sequence. */
const HELD_CHARS_MAX = 64

/**
 * Notes which private modes (`CSI ? … h` and `l`) a program has left changed, so that the person's own terminal can be given
 * back as it was: no alternate screen, no mouse reports, the cursor visible.
 */
export class PrivateModes {
  #held: string | null = null
  readonly #changed = new Set<string>()

  /** Output that the terminal was given. */
  note(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === 0x1b) this.#held = ''
      else if (this.#held !== null) this.#hold(String.fromCharCode(byte))
    }
  }

  /** Sequences that undo the changes, and the attributes and key modes that every program may have set. */
  get undoing(): string {
    const undone = [...this.#changed].map((mode) => `\x1b[?${mode}${ON_BY_DEFAULT.has(mode) ? 'h' : 'l'}`)
    return `${undone.join('')}\x1b[m\x1b>`
  }

  #hold(char: string): void {
    this.#held += char
    const held = this.#held ?? ''
    if (/^\[\?[0-9;]*$/.test(held) || held === '[') {
      if (held.length > HELD_CHARS_MAX) this.#held = null
      return
    }
    this.#held = null
    const [, modes, final] = /^\[\?([0-9;]+)([hl])$/.exec(held) ?? []
    for (const mode of modes?.split(';') ?? []) {
      if ((final === 'h') === ON_BY_DEFAULT.has(mode)) this.#changed.delete(mode)
      else this.#changed.add(mode)
    }
  }
}
