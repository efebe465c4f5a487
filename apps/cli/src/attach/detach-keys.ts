import { effectOf, type Key, KeyReader } from './key-reader.ts'

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

const COMMANDS: ReadonlyMap<string, KeyCommand> = new Map([
  ['.', 'detach'],
  ['?', 'help'],
  ['s', 'take-size'],
  ['r', 'reconnect'],
])

/**
 * Tells keys for `attach` from keys for the program, however the input is cut. A pasted text is never a command, and what a
 * terminal says by itself (focus, mouse, answers to questions) is passed on and counts as no key.
 */
export class DetachKeys {
  readonly #reader = new KeyReader()
  #lineStarts = true
  /** the bytes of a `~` that may begin a command */
  #tilde: readonly number[] | null = null
  #isPasting = false

  /** What to do with `bytes`, in order. */
  read(bytes: Uint8Array): readonly Typing[] {
    const out: Typing[] = []
    let typed: number[] = []
    const flush = () => {
      if (typed.length > 0) out.push({ do: 'type', bytes: Uint8Array.from(typed) })
      typed = []
    }
    for (const key of this.#reader.read(bytes)) {
      const command = this.#take(key, typed)
      if (command === null) continue
      flush()
      out.push({ do: command })
    }
    // A sequence that is not complete is passed on as far as it goes, unless it decides about a `~`: of one or two bytes it
    // is Escape or a key with Alt, pressed by a person who may press nothing else for a while.
    const begun = this.#reader.begun
    if (begun.length > 0 && (this.#tilde === null || begun.length <= 2)) {
      if (this.#tilde !== null) this.#typeTilde(typed)
      typed.push(...this.#reader.takeBegun())
    }
    flush()
    return out
  }

  #take(key: Key, typed: number[]): KeyCommand | null {
    const effect = effectOf(key)
    if (effect.is === 'paste') this.#isPasting = effect.begins
    if (effect.is === 'report') {
      typed.push(...key.bytes)
      return null
    }
    const character = effect.is === 'character' ? effect.character : null
    if (this.#tilde !== null) {
      const command = COMMANDS.get(character ?? '')
      if (command !== undefined) {
        this.#tilde = null
        this.#lineStarts = true
        return command
      }
      this.#typeTilde(typed)
      if (character === '~') return null
    } else if (character === '~' && this.#lineStarts && !this.#isPasting) {
      this.#tilde = key.bytes
      return null
    }
    typed.push(...key.bytes)
    this.#lineStarts = character === '\r' || character === '\n'
    return null
  }

  #typeTilde(typed: number[]): void {
    typed.push(...(this.#tilde ?? []))
    this.#tilde = null
    this.#lineStarts = false
  }
}
