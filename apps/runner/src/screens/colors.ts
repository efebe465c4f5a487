import type { Terminal } from '@xterm/headless'

/** A program's own colours: OSC 4 (palette), 10 (text), 11 (background), 12 (cursor); asked for with `?`. */
const SET_BYTES_MAX = 64
const PALETTE_COLORS = 256

/**
 * What a program is told that asks: the dark theme's colours. A page in the light theme draws light all the same; programs
 * ask to tell dark from bright, and each viewer may have its own theme.
 */
const TEXT = { r: 0xe7, g: 0xe3, b: 0xdb }
const BACKGROUND = { r: 0x0e, g: 0x11, b: 0x17 }
const CURSOR = { r: 0xf4, g: 0xbd, b: 0x66 }

interface Rgb {
  readonly r: number
  readonly g: number
  readonly b: number
}

const DYNAMIC: readonly { readonly set: number; readonly reset: number; readonly own: Rgb }[] = [
  { set: 10, reset: 110, own: TEXT },
  { set: 11, reset: 111, own: BACKGROUND },
  { set: 12, reset: 112, own: CURSOR },
]

/** Remembers the colours that programs set, and answers those who ask. */
export class Colors {
  readonly #dynamic = new Map<number, string>()
  readonly #palette = new Map<number, string>()
  readonly #reply: (text: string) => void

  constructor(terminal: Terminal, reply: (text: string) => void) {
    this.#reply = reply
    for (const { set, reset, own } of DYNAMIC) {
      terminal.parser.registerOscHandler(set, (data) => this.#setOrAsk(set, data, own))
      terminal.parser.registerOscHandler(reset, () => this.#dynamic.delete(set))
    }
    terminal.parser.registerOscHandler(4, (data) => this.#setPalette(data))
    terminal.parser.registerOscHandler(104, (data) => this.#resetPalette(data))
  }

  /** The sequences that set these colours in another terminal, all others being its own. */
  dress(): string {
    let text = '\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07'
    for (const [set, color] of this.#dynamic) text += `\x1b]${set};${color}\x07`
    for (const [index, color] of this.#palette) text += `\x1b]4;${index};${color}\x07`
    return text
  }

  #setOrAsk(set: number, data: string, own: Rgb): boolean {
    if (data === '?') this.#reply(`\x1b]${set};${this.#dynamic.get(set) ?? xColor(own)}\x1b\\`)
    else if (isColor(data)) this.#dynamic.set(set, data)
    return true
  }

  #setPalette(data: string): boolean {
    const parts = data.split(';', PALETTE_COLORS * 2)
    for (let at = 0; at + 1 < parts.length; at += 2) {
      const index = Number(parts[at])
      const color = parts[at + 1] ?? ''
      if (!Number.isInteger(index) || index < 0 || index >= PALETTE_COLORS) continue
      if (color === '?')
        this.#reply(`\x1b]4;${index};${this.#palette.get(index) ?? xColor(paletteColor(index))}\x1b\\`)
      else if (isColor(color)) this.#palette.set(index, color)
    }
    return true
  }

  #resetPalette(data: string): boolean {
    if (data === '') this.#palette.clear()
    for (const index of data.split(';', PALETTE_COLORS)) this.#palette.delete(Number(index))
    return true
  }
}

/** Only what names a colour is repeated to others: `#rgb` to `#rrrrggggbbbb`, `rgb:r/g/b`, or a name. */
const isColor = (text: string): boolean =>
  text.length <= SET_BYTES_MAX && /^(#[0-9a-f]{3,12}|rgba?:[0-9a-f/]+|[a-z][a-z0-9 ]*)$/i.test(text)

const xColor = ({ r, g, b }: Rgb): string => `rgb:${[r, g, b].map((part) => hex(part) + hex(part)).join('/')}`
const hex = (part: number): string => part.toString(16).padStart(2, '0')

/** xterm's palette: 16 colours of the theme, a 6 x 6 x 6 cube, 24 greys. */
function paletteColor(index: number): Rgb {
  if (index >= 232) return grey(8 + (index - 232) * 10)
  if (index >= 16) {
    const level = (step: number) => (step === 0 ? 0 : 55 + step * 40)
    const cube = index - 16
    return { r: level(Math.floor(cube / 36)), g: level(Math.floor(cube / 6) % 6), b: level(cube % 6) }
  }
  const bright = index >= 8 ? 255 : 205
  if (index === 8) return grey(127)
  return { r: index & 1 ? bright : 0, g: index & 2 ? bright : 0, b: index & 4 ? bright : 0 }
}

const grey = (level: number): Rgb => ({ r: level, g: level, b: level })
