import { slateForLeaving } from '@latchkey/connection/emulator/clean-slate'

/** Modes that are on in a new terminal: wrap at the margin, keys repeat, cursor visible. */
const ON_BY_DEFAULT: ReadonlySet<string> = new Set(['7', '8', '25'])
/** Modes that act at once, so that resetting them restores nothing: `?2l` begins VT52, `?3l` clears, `?1048l` moves the cursor. */
const NEVER_UNDONE: ReadonlySet<string> = new Set(['2', '3', '1048'])
/** The second buffer: 1049 saves the cursor too. A buffer entered by one of these may be left by another. */
const BUFFER = '1049'
const OTHER_BUFFERS: ReadonlySet<string> = new Set(['47', '1047'])
/** A sequence of modes is short. Longer text is not one. */
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

  /** Sequences that undo the changes, the first buffer before anything else. */
  get undoing(): string {
    const changed = [...this.#changed].sort((a, b) => Number(b === BUFFER) - Number(a === BUFFER))
    return changed.map((mode) => `\x1b[?${mode}${ON_BY_DEFAULT.has(mode) ? 'h' : 'l'}`).join('')
  }

  /** What gives the person's own terminal back: no mode, colour or margin of a program stays. */
  leaving(cols: number): string {
    return `${this.undoing}${slateForLeaving(cols)}`
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
    for (const written of modes?.split(';') ?? []) {
      const mode = OTHER_BUFFERS.has(written) ? BUFFER : written
      if (NEVER_UNDONE.has(mode)) continue
      if ((final === 'h') === ON_BY_DEFAULT.has(mode)) this.#changed.delete(mode)
      else this.#changed.add(mode)
    }
  }
}
