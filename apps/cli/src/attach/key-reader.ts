const ESC = 0x1b
/** Every report is shorter. A longer text after an escape is input. */
const SEQUENCE_BYTES_MAX = 4_096

/** One key, character or report, as the terminal sent it. */
export interface Key {
  /** those of it that were not taken before it was complete */
  readonly bytes: readonly number[]
  /** all of it, a character a byte */
  readonly text: string
}

/** The effect of a key on a line that is being typed. */
export type Effect =
  /** the terminal itself said something */
  | { readonly is: 'report' }
  | { readonly is: 'paste'; readonly begins: boolean }
  | { readonly is: 'character'; readonly character: string }
  | { readonly is: 'other' }

/** Cuts the input of a terminal into keys, wherever its chunks begin and end. */
export class KeyReader {
  #bytes: number[] = []
  #text = ''
  #mouseBytesLeft = 0

  read(bytes: Uint8Array): readonly Key[] {
    const keys: Key[] = []
    for (const byte of bytes) {
      // An escape ends the sequence that was begun, unless it begins a string's terminator.
      if (
        byte === ESC &&
        this.#text !== '' &&
        this.#mouseBytesLeft === 0 &&
        !/^\x1b[\]P_^X]/.test(this.#text)
      )
        keys.push(this.#whole())
      this.#bytes.push(byte)
      this.#text += String.fromCharCode(byte)
      if (this.#isWhole()) keys.push(this.#whole())
    }
    return keys
  }

  /** The bytes so far of an incomplete sequence. */
  get begun(): string {
    return this.#text
  }

  /** Its bytes, which are passed on before it is complete: they are not told again with it. */
  takeBegun(): readonly number[] {
    return this.#bytes.splice(0)
  }

  #whole(): Key {
    const key = { bytes: this.#bytes, text: this.#text }
    this.#bytes = []
    this.#text = ''
    this.#mouseBytesLeft = 0
    return key
  }

  #isWhole(): boolean {
    const text = this.#text
    if (this.#mouseBytesLeft > 0) return --this.#mouseBytesLeft === 0
    if (text[0] !== '\x1b') return true
    if (text.length === 1) return false
    if (text.length > SEQUENCE_BYTES_MAX) return true
    switch (text.charAt(1)) {
      case '[':
        return this.#isWholeCsi()
      case 'O':
        return text.length === 3
      case ']':
        return text.endsWith('\x07') || text.endsWith('\x1b\\')
      case 'P':
      case '_':
      case '^':
      case 'X':
        return text.endsWith('\x1b\\')
      default:
        return true
    }
  }

  #isWholeCsi(): boolean {
    // The old form of a mouse report: three more bytes, whatever they are.
    if (this.#text === '\x1b[M') {
      this.#mouseBytesLeft = 3
      return false
    }
    const last = this.#text.charCodeAt(this.#text.length - 1)
    return this.#text.length > 2 && ((last >= 0x40 && last <= 0x7e) || last < 0x20 || last > 0x7e)
  }
}

/** Focus, mouse in its three forms, and answers to questions. */
const REPORTS: readonly RegExp[] = [
  /^\x1b\[[IO]$/, // focus
  /^\x1b\[M[^]{3}$/,
  /^\x1b\[<[\d;]*[Mm]$/,
  /^\x1b\[\d+;\d+;\d+M$/,
  /^\x1b\[[?>=][\d;:]*c$/, // device attributes
  /^\x1b\[\??\d+;\d+(?:;\d+)?R$/, // where the cursor is
  /^\x1b\[\??[\d;]*n$/, // status, colour scheme
  /^\x1b\[\??[\d;]*\$y$/, // modes
  /^\x1b\[[\d;]*t$/, // window
  /^\x1b\[[\d;]*x$/, // terminal parameters
  /^\x1b\[\?[\d;]*[uS]$/, // keyboard, graphics
  /^\x1b\[>[\d;]*m$/,
  /^\x1b[\]P_]/, // colours, clipboard, settings, capabilities, graphics
]

/** What `key` means. Keys may come in the forms of kitty's protocol and of XTMODKEYS: the program may have asked for them. */
export function effectOf({ text }: Key): Effect {
  if (text === '\x1b[200~' || text === '\x1b[201~') return { is: 'paste', begins: text === '\x1b[200~' }
  if (text[0] !== '\x1b') return { is: 'character', character: text }
  if (REPORTS.some((form) => form.test(text))) return { is: 'report' }
  const kitty = /^\x1b\[(\d+)(?::(\d*)(?::\d*)?)?(?:;(\d*)(?::(\d))?)?(?:;([\d:]*))?u$/.exec(text)
  if (kitty !== null) return effectOfKitty(kitty)
  const other = /^\x1b\[27;(\d+);(\d+)~$/.exec(text)
  if (other !== null && Number(other[1]) <= 2) return character(Number(other[2]))
  // Any other key let go, with kitty's protocol.
  return /;\d+:3[A-Za-z~]$/.test(text) ? { is: 'report' } : { is: 'other' }
}

const SHIFT = 1
/** Caps lock and num lock change no key here. */
const LOCKS = 64 | 128
const RELEASE = '3'
/** Shift, control and the like, pressed alone. */
const MODIFIER_KEYS = { first: 57_441, last: 57_454 }

function effectOfKitty([
  ,
  code = '',
  shifted = '',
  modifiers = '',
  event = '',
  typed = '',
]: RegExpExecArray): Effect {
  const key = Number(code)
  if (event === RELEASE || (key >= MODIFIER_KEYS.first && key <= MODIFIER_KEYS.last)) return { is: 'report' }
  const held = (Number(modifiers || 1) - 1) & ~LOCKS
  if (typed !== '') return character(Number(typed.split(':')[0]))
  if (held === 0) return character(key)
  // Shift+Enter is the program's.
  if (held !== SHIFT || key < 0x20) return { is: 'other' }
  // Which character Shift makes is the layout's; where the terminal does not say, it is the commonest one's.
  if (shifted !== '') return character(Number(shifted))
  return character(SHIFTED.get(key) ?? key)
}

const SHIFTED: ReadonlyMap<number, number> = new Map([
  [0x60, 0x7e], // ` and ~
  [0x2f, 0x3f], // / and ?
])

const character = (code: number): Effect =>
  code > 0 && code <= 0x10ffff ? { is: 'character', character: String.fromCodePoint(code) } : { is: 'other' }
