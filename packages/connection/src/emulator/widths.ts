/**
 * How many cells a character takes, the same for the machine's own screen and for every page: Unicode 16 with grapheme
 * clusters, so that a flag, a family and a keycap are one character of two cells. The clusters are those of
 * `@xterm/addon-unicode-graphemes` 0.4.0, whose widths are Unicode 13's: what is newer, and what it gives a cell though
 * nobody sees it, is read as an older character of the same kind.
 */

/** What xterm calls a version: properties are a number of which the lowest three bits are the width and "joins the last". */
interface Provider {
  readonly version: string
  wcwidth(codepoint: number): 0 | 1 | 2
  charProperties(codepoint: number, preceding: number): number
}

/** What this needs of an xterm terminal. */
export interface WithWidths {
  readonly unicode: { activeVersion: string; register(provider: Provider): void }
}

const VERSION = '16-graphemes'
/** A wide emoji, an ideograph, and an invisible mark that belongs to the character before it (CGJ). */
const EMOJI = 0x1f972
const IDEOGRAPH = 0x6f22
const MARK = 0x034f

/** First, last, and what to read it as; ascending. */
const READ_AS: readonly (readonly [number, number, number])[] = [
  [0x061c, 0x061c, MARK],
  [0x180e, 0x180e, MARK],
  [0x200b, 0x200b, MARK],
  [0x200e, 0x200f, MARK],
  [0x202a, 0x202e, MARK],
  [0x2060, 0x206f, MARK],
  [0x2ffc, 0x2fff, IDEOGRAPH],
  [0x31e4, 0x31e5, IDEOGRAPH],
  [0x31ef, 0x31ef, IDEOGRAPH],
  // Of ambiguous width by the standard; glibc, which programs reckon with, says two.
  [0x3248, 0x324f, IDEOGRAPH],
  [0x4dc0, 0x4dff, IDEOGRAPH],
  [0xfeff, 0xfeff, MARK],
  [0x18cff, 0x18cff, IDEOGRAPH],
  [0x1aff0, 0x1aff3, IDEOGRAPH],
  [0x1aff5, 0x1affb, IDEOGRAPH],
  [0x1affd, 0x1affe, IDEOGRAPH],
  [0x1b11f, 0x1b122, IDEOGRAPH],
  [0x1b132, 0x1b132, IDEOGRAPH],
  [0x1b155, 0x1b155, IDEOGRAPH],
  [0x1f6d8, 0x1f6d8, EMOJI],
  [0x1f6dc, 0x1f6df, EMOJI],
  [0x1f7f0, 0x1f7f0, EMOJI],
  [0x1f979, 0x1f979, EMOJI],
  [0x1f9cc, 0x1f9cc, EMOJI],
  [0x1fa70, 0x1fa7c, EMOJI],
  [0x1fa80, 0x1fa8a, EMOJI],
  [0x1fa8e, 0x1fac6, EMOJI],
  [0x1fac8, 0x1fac8, EMOJI],
  [0x1facd, 0x1fadc, EMOJI],
  [0x1fadf, 0x1faea, EMOJI],
  [0x1faef, 0x1faf8, EMOJI],
]
const FIRST = READ_AS[0]?.[0] ?? 0

function readAs(codepoint: number): number {
  if (codepoint < FIRST) return codepoint
  for (const [first, last, other] of READ_AS) {
    if (codepoint < first) return codepoint
    if (codepoint <= last) return other
  }
  return codepoint
}

/** @param addon the addon of grapheme clusters, not loaded into any terminal */
export function useCurrentWidths(terminal: WithWidths, addon: object): void {
  const base = providerOf(addon)
  terminal.unicode.register({
    version: VERSION,
    wcwidth: (codepoint) => base.wcwidth(readAs(codepoint)),
    charProperties: (codepoint, preceding) => base.charProperties(readAs(codepoint), preceding),
  })
  terminal.unicode.activeVersion = VERSION
}

/** The addon gives its tables to a terminal and to nobody else: so it gets one that takes nothing but them. */
function providerOf(addon: object): Provider {
  const given: Provider[] = []
  const taker = { unicode: { activeVersion: '', register: (provider: Provider) => given.push(provider) } }
  const activate: unknown = Reflect.get(addon, 'activate')
  if (typeof activate === 'function') Reflect.apply(activate, addon, [taker])
  const clusters = given.find((provider) => provider.version === '15-graphemes')
  if (clusters === undefined || widthOf(clusters.charProperties(EMOJI, 0)) !== 2)
    throw new Error('the table of widths is built differently: see widths.ts')
  return clusters
}

const widthOf = (properties: number): number => (properties >> 1) & 3
