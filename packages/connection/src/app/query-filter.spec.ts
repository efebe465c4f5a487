import { utf8 } from '@latchkey/protocol/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { QueryFilter } from './query-filter.ts'

const QUERIES: Readonly<Record<string, string>> = {
  'primary attributes': '\x1b[c',
  'primary attributes, 0': '\x1b[0c',
  'primary attributes, 8 bit': '\u009bc',
  'secondary attributes': '\x1b[>c',
  'tertiary attributes': '\x1b[=0c',
  DECID: '\x1bZ',
  answerback: '\x05',
  'device status': '\x1b[5n',
  'cursor position': '\x1b[6n',
  'extended cursor position': '\x1b[?6n',
  'colour scheme': '\x1b[?996n',
  DECRQM: '\x1b[?2026$p',
  'DECRQM, ANSI': '\x1b[4$p',
  'DECRQSS, margins': '\x1bP$qr\x1b\\',
  'DECRQSS, cursor': '\x1bP$q q\x1b\\',
  'palette colour': '\x1b]4;1;?\x1b\\',
  foreground: '\x1b]10;?\x07',
  background: '\x1b]11;?\x1b\\',
  'cursor colour': '\x1b]12;?\x07',
  'several colours': '\x1b]10;?;?\x07',
  clipboard: '\x1b]52;c;?\x07',
  'kitty colours': '\x1b]21;foreground=?\x1b\\',
  XTGETTCAP: '\x1bP+q544e;436f\x1b\\',
  XTVERSION: '\x1b[>0q',
  'kitty keyboard': '\x1b[?u',
  'kitty graphics': '\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\',
  'window size in pixels': '\x1b[14t',
  'window size in cells': '\x1b[18t',
  'window title': '\x1b[21t',
  'terminal parameters': '\x1b[x',
  'graphics attributes': '\x1b[?1;1;0S',
  checksum: '\x1b[1;0;1;1;2;2*y',
}

const HARMLESS: Readonly<Record<string, string>> = {
  text: 'Привет, мир; 你好 \u00a0\u00bf',
  colours: '\x1b[1;38;5;196mred\x1b[0m',
  'linux cursor shape': '\x1b[?2c',
  'set palette colour': '\x1b]4;1;rgb:ff/00/00\x1b\\',
  'set background': '\x1b]11;#102030\x07',
  title: '\x1b]0;what? 10;?\x07',
  hyperlink: '\x1b]8;;https://example.com/?q=1\x1b\\here\x1b]8;;\x1b\\',
  'clipboard write': '\x1b]52;c;aGVsbG8=\x07',
  'title stack': '\x1b[22;0t\x1b[23;0t',
  'cursor shape': '\x1b[4 q',
  'soft reset': '\x1b[!p',
  'kitty keyboard push': '\x1b[>1u\x1b[<u',
  'restore cursor': '\x1b[u',
  'modify other keys': '\x1b[>4;2m',
  'scroll up': '\x1b[3S',
  sixel: '\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\',
  'user keys': '\x1bP0;1|17/17\x1b\\',
  'kitty image': '\x1b_Ga=T,f=100;iVBORw0KGgo=\x1b\\',
  tmux: '\x1bPtmux;\x1b\x1b[31m\x1b\\',
  charset: '\x1b(0lqk\x1b(B',
  'alternate screen': '\x1b[?1049h\x1b[?25l',
  'privacy message': '\x1b^hidden\x1b\\',
}

function filtered(bytes: Uint8Array, cuts: readonly number[] = []): number[] {
  const filter = new QueryFilter()
  const out: number[] = []
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let from = 0
  for (const end of [...ends, bytes.length]) {
    out.push(...filter.filter(bytes.subarray(from, end)))
    from = end
  }
  return [...out, ...filter.end()]
}

const cuts = fc.array(fc.nat(), { maxLength: 12 })
const anyPart = fc.oneof(
  fc.constantFrom(...Object.values(QUERIES), ...Object.values(HARMLESS)).map(utf8),
  fc
    .constantFrom(
      '\x1b',
      '\x1b[',
      '\x1b]',
      '\x1bP',
      '\x1b_',
      '\x07',
      '\x1b\\',
      '\x18',
      ';',
      '?',
      'n',
      '\u009c',
    )
    .map(utf8),
  fc.uint8Array({ maxLength: 8 }),
)
const joined = (parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]))

describe('the query filter', () => {
  it.each(Object.entries(QUERIES))('removes %s', (_, query) => {
    expect(filtered(utf8(`a${query}b`))).toEqual([...utf8('ab')])
  })

  it.each(Object.entries(HARMLESS))('passes %s unchanged', (_, output) => {
    expect(filtered(utf8(output))).toEqual([...utf8(output)])
  })

  it('gives the same whatever the chunks', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 20 }), cuts, (parts, at) => {
        const bytes = joined(parts)
        expect(filtered(bytes, at)).toEqual(filtered(bytes))
      }),
      { numRuns: 5_000 },
    )
  })

  it('passes any mixture of harmless output byte by byte, and removes exactly the queries in between', () => {
    const piece = fc.oneof(
      fc.constantFrom(...Object.values(HARMLESS)).map((output) => ({ output, asks: false })),
      fc.constantFrom(...Object.values(QUERIES)).map((output) => ({ output, asks: true })),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), cuts, (pieces, at) => {
        const whole = utf8(pieces.map(({ output }) => output).join(''))
        const wanted = utf8(
          pieces
            .filter(({ asks }) => !asks)
            .map(({ output }) => output)
            .join(''),
        )
        expect(filtered(whole, at)).toEqual([...wanted])
      }),
      { numRuns: 3_000 },
    )
  })

  it('keeps control codes that stand inside a query', () => {
    expect(filtered(utf8('\x1b[6\x07n'))).toEqual([0x07])
  })

  it('never adds a byte, and holds no more than a query needs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const filter = new QueryFilter()
        const out = filter.filter(bytes)
        expect(out.length).toBeLessThanOrEqual(bytes.length)
        expect(filter.end().length).toBeLessThanOrEqual(257)
      }),
    )
    const filter = new QueryFilter()
    const long = utf8(`\x1b]52;c;${'A'.repeat(100_000)}`)
    expect(filter.filter(long).length).toBe(long.length)
  })
})
