import type { Terminal } from '@xterm/headless'

/** A program's own colours: OSC 4 (palette), 10 (text), 11 (background), 12 (cursor); asked for with `?`. */
const SET_BYTES_MAX = 64
const PALETTE_COLORS = 256

/** What a program is told that asks: colours of the theme in which the app draws that decides (`terminal-scheme.ts`). */
const DARK = { 10: rgb(0xe7e3db), 11: rgb(0x0e1117), 12: rgb(0xf4bd66) }
const LIGHT = { 10: rgb(0x272b34), 11: rgb(0xfdfbf7), 12: rgb(0x3551b5) }

interface Rgb {
  readonly r: number
  readonly g: number
  readonly b: number
}

const DYNAMIC = [
  { set: 10, reset: 110 },
  { set: 11, reset: 111 },
  { set: 12, reset: 112 },
] as const

/** Remembers the colours that programs set, and answers those who ask. */
export class Colors {
  readonly #dynamic = new Map<number, string>()
  readonly #palette = new Map<number, string>()
  /** @param answer the answer without its terminator */
  readonly #answer: (answer: string) => void

  readonly #isLight: () => boolean

  constructor(terminal: Terminal, isLight: () => boolean, answer: (answer: string) => void) {
    this.#isLight = isLight
    this.#answer = answer
    for (const { set, reset } of DYNAMIC) {
      terminal.parser.registerOscHandler(set, (data) => this.#setOrAsk(set, data))
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

  /** Each further value is for the next colour: `10;?;?` asks for text and background. */
  #setOrAsk(first: number, data: string): boolean {
    for (const [at, value] of data.split(';', DYNAMIC.length).entries()) {
      const color = DYNAMIC.find(({ set }) => set === first + at)
      if (color === undefined) break
      const { set } = color
      const own = (this.#isLight() ? LIGHT : DARK)[set]
      if (value === '?') this.#answer(`\x1b]${set};${asked(this.#dynamic.get(set), own)}`)
      else if (isColor(value)) this.#dynamic.set(set, value)
    }
    return true
  }

  #setPalette(data: string): boolean {
    const parts = data.split(';', PALETTE_COLORS * 2)
    for (let at = 0; at + 1 < parts.length; at += 2) {
      const index = Number(parts[at])
      const color = parts[at + 1] ?? ''
      if (!Number.isInteger(index) || index < 0 || index >= PALETTE_COLORS) continue
      if (color === '?')
        this.#answer(`\x1b]4;${index};${asked(this.#palette.get(index), paletteColor(index))}`)
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

/** The colour a program set, or the terminal's own, in the one form that programs read. */
function asked(set: string | undefined, own: Rgb): string {
  if (set === undefined) return xColor(own)
  const digits = /^#([0-9a-f]+)$/i.exec(set)?.[1]
  const parts = /^rgb:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})$/i.exec(set)?.slice(1)
  const length = (digits?.length ?? 0) / 3
  const thirds =
    digits === undefined ? parts : [0, 1, 2].map((at) => digits.slice(at * length, (at + 1) * length))
  return thirds === undefined ? set : `rgb:${thirds.map((part) => part.repeat(4).slice(0, 4)).join('/')}`
}

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

function rgb(color: number): Rgb {
  return { r: color >> 16, g: (color >> 8) & 0xff, b: color & 0xff }
}
const grey = (level: number): Rgb => ({ r: level, g: level, b: level })
