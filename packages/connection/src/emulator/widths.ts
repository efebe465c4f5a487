/**
 * How many cells a character takes, the same for the machine's own screen and for every page: Unicode 16 with grapheme
 * clusters, so that a flag, a family and a keycap are one character of two cells. The clusters are those of
 * `@xterm/addon-unicode-graphemes` 0.4.0, whose widths are Unicode 13's. A newer character, and an invisible one that it
 * gives a cell, is read as an older character of the same kind.
 */

/** A version, as xterm calls it: properties are a number of which the lowest three bits are the width and "joins the last". */
interface Provider {
  readonly version: string
  wcwidth(codepoint: number): 0 | 1 | 2
  charProperties(codepoint: number, preceding: number): number
}

/** The part of an xterm terminal that is used. */
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
    charProperties: (codepoint, preceding) => remembered(base, codepoint, preceding),
  })
  terminal.unicode.activeVersion = VERSION
}

/**
 * Properties are: bit 0, it joins the character before it; bits 1 and 2, the width; from bit 3, the kind, of which four bits say how
 * it joins. Of a character alone they are always the same, and whether two characters join depends on their kinds alone: so
 * the addon is asked once for each character and each pair of kinds, which draws Chinese at twice the rate.
 */
const KINDS = 16
const KIND_SHIFT = 3
/** The planes with letters, emoji and ideographs. Characters above are rare, and looked up each time. */
const REMEMBERED = 0x30000
const UNKNOWN = 0
/** of each character alone: its properties with the kind's four bits, and one more that says they are known */
const alone = new Uint8Array(REMEMBERED)
const KNOWN = 0x80
const APART = 1
const JOINED = 2
/** of each pair of kinds: the one before times 16, and the one after */
const pairs = new Uint8Array(KINDS * KINDS)

function remembered(base: Provider, codepoint: number, preceding: number): number {
  if (codepoint >= REMEMBERED) return base.charProperties(readAs(codepoint), preceding)
  let own = alone[codepoint] ?? UNKNOWN
  if (own === UNKNOWN) {
    own = KNOWN | (base.charProperties(readAs(codepoint), 0) & (KNOWN - 1))
    alone[codepoint] = own
  }
  own &= KNOWN - 1
  if (preceding === 0) return own
  const pair = (((preceding >> KIND_SHIFT) & (KINDS - 1)) << 4) | (own >> KIND_SHIFT)
  if (pairs[pair] === APART) return own
  const properties = base.charProperties(readAs(codepoint), preceding)
  if (pairs[pair] === UNKNOWN) pairs[pair] = (properties & 1) === 1 ? JOINED : APART
  return properties
}

/** The addon gives its tables to a terminal alone, so it gets an object that acts as one and takes the tables. */
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
