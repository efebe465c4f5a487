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
  'window size, leading zero': '\x1b[021t',
  'window size, second parameter': '\x1b[18;1t',
  'cursor position, leading zeros': '\x1b[0006n',
  'a number that comes round to 6': '\x1b[65542n',
  'a number that comes round to 21': '\x1b[4294967317t',
  'attributes, many zeros': '\x1b[>000c',
  'clipboard, leading zero': '\x1b]052;c;?\x07',
  'colours, the second of two': '\x1b]4;1;red;2;?\x1b\\',
  'foreground, leading zero': '\x1b]010;?\x07',
  font: '\x1b]50;?\x07',
  'iTerm cell size': '\x1b]1337;ReportCellSize\x07',
  'kitty image': '\x1b_Ga=T,i=1,f=100;iVBORw0KGgo=\x1b\\',
  'reports of the colour scheme': '\x1b[?2031h',
  'reports of the window size': '\x1b[?2048h',
  'colours of the scheme, 8 bit': '\u009b?996n',
}

const FORBIDDEN: Readonly<Record<string, string>> = {
  'clipboard write': '\x1b]52;c;aGVsbG8=\x07',
  'clipboard write, 8 bit': '\u009d52;c;aGVsbG8=\u009c',
  'clipboard write, wrapped for tmux': '\x1bPtmux;\x1b\x1b]52;c;aGVsbG8=\x07\x1b\\',
  'file transfer': '\x1b]1337;File=name=YQ==;inline=0:aGVsbG8=\x07',
  'clipboard of iTerm': '\x1b]1337;CopyToClipboard=general\x07',
  'file transfer of kitty': '\x1b]5113;ac=send\x1b\\',
  'notification of iTerm': '\x1b]9;hello\x07',
  'notification of rxvt': '\x1b]777;notify;a;b\x07',
  'notification of kitty': '\x1b]99;i=1;hello\x1b\\',
  'user keys': '\x1bP0;1|17/17\x1b\\',
  sixel: '\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\',
  'log file': '\x1b]46;/tmp/x\x07',
  print: '\x1b[5i',
  'locked keyboard': '\x1b[2h',
  'moved window': '\x1b[3;0;0t',
  'resized window': '\x1b[8;1;1t',
  'highlight mouse tracking': '\x1b[1;1;1;1;1T',
  'VT52 mode': '\x1b[?2l',
  'another character set than UTF-8': '\x1b%@',
  '8-bit answers': '\x1b G',
  'a character set that is none': '\x1b(P',
  'palette of Linux': '\x1b]P0000000\x07',
  'privacy message': '\x1b^hidden\x1b\\',
}

const HARMLESS: Readonly<Record<string, string>> = {
  text: 'Привет, мир; 你好 \u00a0\u00bf 👩‍👩‍👧 \u{10ffff}\r\n',
  colours: '\x1b[1;38;5;196mred\x1b[0m\x1b[38:2::1:2:3;4:3m',
  'set palette colour': '\x1b]4;1;rgb:ff/00/00\x1b\\',
  'set background': '\x1b]11;#102030\x07',
  'reset background': '\x1b]111\x07',
  title: '\x1b]0;what? 10;?\x07',
  hyperlink: '\x1b]8;id=a;https://example.com/?q=1\x1b\\here\x1b]8;;\x1b\\',
  'prompt mark': '\x1b]133;A\x07',
  'title stack': '\x1b[22;0t\x1b[23;0t',
  'cursor shape': '\x1b[4 q',
  'soft reset': '\x1b[!p',
  'full reset': '\x1bc',
  'kitty keyboard push': '\x1b[>1u\x1b[<u',
  'restore cursor': '\x1b[u',
  'modify other keys': '\x1b[>4;2m',
  'scroll up': '\x1b[3S',
  charset: '\x1b(0lqk\x1b(B',
  keypad: '\x1b=\x1b>',
  'alternate screen': '\x1b[?1049h\x1b[?25l',
  'mouse and focus': '\x1b[?1002;1006h\x1b[?1004h\x1b[?2004h',
  'bell, backspace, tab': '\x07\b\t',
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
const filteredText = (text: string) => new TextDecoder().decode(Uint8Array.from(filtered(utf8(text))))

/** Text, control codes and whole sequences, and nothing that a terminal answers: said in another way than the filter does. */
const WHOLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control codes are the subject
  /^(?:[\n\r\t\x07\b\v\f\x0e\x0f\x20-\x7e\u00a0-\u{10ffff}]|\x1b\[[<=>?]?[0-9:;]*[ -/]*[@-~]|\x1b\][0-9]+(?:;[^\x00-\x1f\x7f-\x9f]*)?(?:\x07|\x1b\\)|\x1b[ -/]*[0-OQ-WYZ`-~])*$/u
const ANSWERED = [
  /\x05|\x1bZ|\x1bP|\x1b_|\x1b\^|\x1bX/,
  /\x1b\[[<=>?]?[0-9;:]*c/,
  /\x1b\[\??[0-9;:]*n/,
  /\x1b\[>[0-9;:]*q/,
  /\x1b\[\?[0-9;:]*u/,
  /\x1b\[0*(?!22[;t]|23[;t])[0-9]*[;0-9]*t/,
  /\x1b\[\??[0-9;:]*(?:\$p|\$w|\$u|&u|"v|'\||\*y|#\||#R|x)/,
  /\x1b\](?!0;|1;|2;|8;)[0-9]+;[^\x07\x1b]*\?/,
  /\x1b\]0*(?:52|9|99|777|1337|50|51|46)[;\x07\x1b]/,
]

const cuts = fc.array(fc.nat(), { maxLength: 12 })
const scrap = fc.constantFrom(
  ...[
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
    'c',
    '[c',
    ']52;c;?\x07',
  ],
  ...['\u009c', '\u009b', '\u009d', '\x05', '52', '052;c;', '6', '0'],
)
const anyPart = fc.oneof(
  fc
    .constantFrom(...Object.values(QUERIES), ...Object.values(HARMLESS), ...Object.values(FORBIDDEN))
    .map(utf8),
  scrap.map(utf8),
  fc
    .constantFrom([0x9b], [0x9d], [0x9c], [0xc2], [0x90], [0xe2, 0x80], [0xff])
    .map((each) => Uint8Array.from(each)),
  fc.constantFrom(...'—…•“”→漢é', '\u{10000}', '🙂').map(utf8),
  fc.uint8Array({ maxLength: 8 }),
)
const joined = (parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]))

describe('the filter of a person’s terminal', () => {
  it.each(Object.entries({ ...QUERIES, ...FORBIDDEN }))('leaves out %s', (_, output) => {
    expect(filteredText(`a${output}b`)).toBe('ab')
  })

  it.each(Object.entries(HARMLESS))('passes %s unchanged', (_, output) => {
    expect(filteredText(output)).toBe(output)
  })

  it('gives the same whatever the chunks', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 20, size: 'max' }), cuts, (parts, at) => {
        const bytes = joined(parts)
        expect(filtered(bytes, at)).toEqual(filtered(bytes))
      }),
      { numRuns: Number(process.env['LATCHKEY_CUTS'] ?? 1_000) },
    )
  })

  it('writes whole sequences alone, none that is answered, and the same when it is filtered again', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 20, size: 'max' }), (parts) => {
        const once = filtered(joined(parts))
        expect(filtered(Uint8Array.from(once))).toEqual(once)
        const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(once))
        expect(text).toMatch(WHOLE)
        for (const form of ANSWERED) expect(text).not.toMatch(form)
      }),
      { numRuns: 4_000 },
    )
  })

  it('passes any mixture of harmless output byte by byte, and leaves out exactly the rest in between', () => {
    const piece = fc.oneof(
      fc.constantFrom(...Object.values(HARMLESS)).map((output) => ({ output, passes: true })),
      fc
        .constantFrom(...Object.values(QUERIES), ...Object.values(FORBIDDEN))
        .map((output) => ({ output, passes: false })),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), cuts, (pieces, at) => {
        const whole = utf8(pieces.map(({ output }) => output).join(''))
        const wanted = utf8(
          pieces
            .filter(({ passes }) => passes)
            .map(({ output }) => output)
            .join(''),
        )
        expect(filtered(whole, at)).toEqual([...wanted])
      }),
      { numRuns: 2_000 },
    )
  })

  it('never lets what is left join to a question', () => {
    expect(filteredText('\x1b\x1b[c[c')).toBe('[c')
    expect(filteredText('\x1b\x1b]52;c;?\x07]52;c;?\x07')).toBe(']52;c;?\x07')
    expect(
      new TextDecoder().decode(Uint8Array.from(filtered(Uint8Array.of(0xc2, 0x1b, 0x5b, 0x63, 0x9b, 0x63)))),
    ).toBe('\ufffd\ufffdc')
  })

  it('keeps control codes that stand inside a sequence', () => {
    expect(filteredText('\x1b[6\x07n')).toBe('\x07')
    expect(filteredText('\x1b[3\n1mred')).toBe('\n\x1b[31mred')
  })

  it('lets through, of several modes, those that are known', () => {
    expect(filteredText('\x1b[?1049;2031;25h')).toBe('\x1b[?1049;25h')
    expect(filteredText('\x1b[>m')).toBe('\x1b[>4m')
  })

  it('shows bytes that are no text as U+FFFD, and takes none of them for a control code', () => {
    expect(
      new TextDecoder().decode(Uint8Array.from(filtered(Uint8Array.of(0x9b, 0x63, 0xe2, 0x80, 0x41)))),
    ).toBe('\ufffdc\ufffdA')
  })

  it('lets a link to a page through, and none to anything else', () => {
    expect(filteredText('\x1b]8;;file:///etc/passwd\x1b\\x\x1b]8;;\x1b\\')).toBe(
      '\x1b]8;;\x1b\\x\x1b]8;;\x1b\\',
    )
    expect(filteredText('\x1b]8;;http://a.example\x07x')).toBe('\x1b]8;;http://a.example\x07x')
  })

  it('keeps a bounded part of a string, and finds its end', () => {
    const filter = new QueryFilter()
    expect(filter.filter(utf8(`\x1b]2;${'A'.repeat(100_000)}`))).toHaveLength(0)
    expect(new TextDecoder().decode(filter.filter(utf8('\x07after')))).toBe('after')
  })

  it('tells of an attempt to write to the clipboard, and not of a question for it', () => {
    let told = 0
    const filter = new QueryFilter({ clipboard: () => (told += 1) })
    filter.filter(utf8('\x1b]52;c;aGVsbG8=\x07\x1b]052;;YQ==\x1b\\\x1b]52;c;?\x07'))
    expect(told).toBe(2)
  })
})
