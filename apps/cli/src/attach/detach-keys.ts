/** What a person may ask of `attach` itself, by `~` and a letter at the beginning of a line, as in ssh. */
export type KeyCommand = 'detach' | 'help' | 'take-size' | 'reconnect'

export type Typing = { readonly do: 'type'; readonly bytes: Uint8Array } | { readonly do: KeyCommand }

export const DETACH_HINT = '~. detaches'
export const KEYS_HELP: readonly string[] = [
  '~.  detach; the program runs on',
  '~s  take the terminal size from this window',
  '~r  try to reconnect now',
  '~?  show this',
  '~~  type ~',
]

const TILDE = 0x7e
const COMMANDS: ReadonlyMap<number, KeyCommand> = new Map([
  [0x2e, 'detach'],
  [0x3f, 'help'],
  [0x73, 'take-size'],
  [0x72, 'reconnect'],
])
const PASTE_BEGINS = '\x1b[200~'
const PASTE_ENDS = '\x1b[201~'

/** Tells keys for `attach` from keys for the program, however the input is cut. A pasted text is never a command. */
export class DetachKeys {
  #lineStarts = true
  #tildeHeld = false
  #pasting = false
  #recent = ''

  /** What to do with `bytes`, in order. */
  read(bytes: Uint8Array): readonly Typing[] {
    const out: Typing[] = []
    let typed: number[] = []
    const flush = () => {
      if (typed.length > 0) out.push({ do: 'type', bytes: Uint8Array.from(typed) })
      typed = []
    }
    for (const byte of bytes) {
      const command = this.#tildeHeld ? COMMANDS.get(byte) : undefined
      if (command !== undefined) {
        flush()
        out.push({ do: command })
        this.#tildeHeld = false
        this.#lineStarts = true
      } else this.#take(byte, typed)
    }
    flush()
    return out
  }

  #take(byte: number, typed: number[]): void {
    if (this.#tildeHeld) {
      this.#tildeHeld = false
      typed.push(TILDE)
      this.#lineStarts = false
      if (byte === TILDE) return
    } else if (byte === TILDE && this.#lineStarts && !this.#pasting) {
      this.#tildeHeld = true
      return
    }
    typed.push(byte)
    this.#lineStarts = byte === 0x0d || byte === 0x0a
    this.#recent = (this.#recent + String.fromCharCode(byte)).slice(-PASTE_BEGINS.length)
    if (this.#recent === PASTE_BEGINS) this.#pasting = true
    if (this.#recent === PASTE_ENDS) this.#pasting = false
  }
}
