import { describe, expect, it } from 'vitest'
import { InterruptEcho } from '../pty/interrupts.ts'
import { draw, looks, viewerTerminal } from '../testing/drawn-screen.ts'
import { Screen } from './screen.ts'
import type { Picture } from './screen-messages.ts'

function screenWith(...outputs: (string | 'Ctrl-C')[]): { screen: Screen; replies: string[] } {
  const replies: string[] = []
  const screen = new Screen(40, 8, { onDrawn: () => {}, onReply: (text) => replies.push(text) })
  const interrupts = new InterruptEcho()
  for (const output of outputs) {
    if (output === 'Ctrl-C') interrupts.typed(Uint8Array.of(3))
    else screen.output(interrupts.shown(Uint8Array.from(Buffer.from(output))))
  }
  return { screen, replies }
}

const pictureOf = (screen: Screen) => new Promise<Picture>((give) => screen.snapshot(give))

async function shown(screen: Screen): Promise<string> {
  const viewer = viewerTerminal(40, 8)
  draw(viewer, (await pictureOf(screen)).bytes)
  return looks(viewer).join('\n')
}

it.each([
  ['the primary attributes', '\x1b[c', /^\x1b\[\?1;2c$/],
  ['the secondary attributes', '\x1b[>c', /^\x1b\[>0;276;0c$/],
  ['the cursor', 'ab\x1b[6n', /^\x1b\[1;3R$/],
  ['its health', '\x1b[5n', /^\x1b\[0n$/],
  ['a mode', '\x1b[?2004$p', /^\x1b\[\?2004;2\$y$/],
  ['the background', '\x1b]11;?\x07', /^\x1b\]11;rgb:0e0e\/1111\/1717\x07$/],
  ['the background, in the other form', '\x1b]11;?\x1b\\', /^\x1b\]11;rgb:0e0e\/1111\/1717\x1b\\$/],
  ['a background of its own', '\x1b]11;#123456\x07\x1b]11;?\x07', /^\x1b\]11;rgb:1212\/3434\/5656\x07$/],
  ['its name and version', '\x1b[>q', /^\x1bP>\|Latchkey\(\d+\)\x1b\\$/],
  ['the tertiary attributes', '\x1b[=c', /^\x1bP!\|[0-9A-F]{8}\x1b\\$/],
  ['its size', '\x1b[18t', /^\x1b\[8;8;40t$/],
  ['its colour scheme', '\x1b[?996n', /^\x1b\[\?997;1n$/],
  ['grapheme clusters', '\x1b[?2027$p', /^\x1b\[\?2027;3\$y$/],
  ['a colour of the palette', '\x1b]4;196;?\x07', /^\x1b\]4;196;rgb:ffff\/0000\/0000\x07$/],
  ['the keyboard', '\x1b[>5u\x1b[?u', /^\x1b\[\?5u$/],
])('answers a program that asks for %s, once', async (_what, question, answer) => {
  const { screen, replies } = screenWith(question)
  await pictureOf(screen)
  expect(replies).toHaveLength(1)
  expect(replies[0]).toMatch(answer)
})

it('answers come in the order of the questions, each string with the terminator of its own', async () => {
  const { screen, replies } = screenWith('\x1b]10;?;?\x07\x1b[c\x1b]12;?\x1b', '\\\x1b[5n\x1b]11;?\x07')
  await pictureOf(screen)
  expect(replies.map((reply) => JSON.stringify(reply).replaceAll(/rgb:[^\\]*/g, 'colour'))).toEqual(
    [
      '\x1b]10;colour\x07',
      '\x1b]11;colour\x07',
      '\x1b[?1;2c',
      '\x1b]12;colour\x1b\\',
      '\x1b[0n',
      '\x1b]11;colour\x07',
    ].map((each) => JSON.stringify(each)),
  )
})

it('a program that asks in the light theme is told light, and of a change where it wants to hear of it', async () => {
  const [replies, reports]: string[][] = [[], []]
  const listener = {
    onDrawn: () => {},
    onReply: (text: string) => void replies?.push(text),
    onReport: (text: string) => void reports?.push(text),
  }
  const screen = new Screen(40, 8, listener, { isLight: true })
  screen.output(Buffer.from('\x1b[?996n\x1b]11;?\x07\x1b[?2031$p'))
  screen.scheme(false)
  screen.output(Buffer.from('\x1b[?2031h\x1b[?2031$p\x1b]10;?\x07'))
  screen.scheme(false)
  screen.scheme(true)
  const packed = await new Promise<Picture>((give) => screen.pack(give))
  const later = new Screen(40, 8, listener, { at: packed.offset, isLight: true })
  later.unpack(packed.bytes)
  later.scheme(false)
  later.output(Buffer.from('\x1b[?2031l'))
  later.scheme(true)
  await pictureOf(later)
  expect(replies).toEqual([
    '\x1b[?997;2n',
    '\x1b]11;rgb:fdfd/fbfb/f7f7\x07',
    '\x1b[?2031;2$y',
    '\x1b[?2031;1$y',
    '\x1b]10;rgb:e7e7/e3e3/dbdb\x07',
  ])
  expect(reports).toEqual(['\x1b[?997;2n', '\x1b[?997;1n'])
})

it('a program that pops the title it pushed brings the one before it back', async () => {
  const { screen } = screenWith('\x1b]2;shell\x07\x1b[22;0t\x1b]2;editor\x07\x1b[23;0t')
  expect(Buffer.from((await pictureOf(screen)).bytes).toString()).toContain('\x1b]2;shell\x07')
})

it('a snapshot holds no question: who draws it is asked nothing', async () => {
  const { screen } = screenWith('\x1b[c\x1b[6n\x1b]11;?\x07text')
  const asked: string[] = []
  const viewer = viewerTerminal(40, 8)
  viewer.onData((text) => asked.push(text))
  draw(viewer, (await pictureOf(screen)).bytes)
  expect(asked).toEqual([])
})

it('a snapshot says again what programs asked of the keyboard, each screen for itself', async () => {
  const { screen } = screenWith('\x1b[>1u\x1b[>4;2m\x1b[?1049h\x1b[>5u')
  const text = Buffer.from((await pictureOf(screen)).bytes).toString()
  expect(text).toContain('\x1b[>1u\x1b[>4;2m\x1b[?1047h\x1b[>5u\x1b[?1047l')
  screen.output(Buffer.from('\x1b[<u\x1b[?1049l\x1b[<u\x1b[>4m'))
  expect(Buffer.from((await pictureOf(screen)).bytes).toString()).not.toMatch(/\x1b\[>\d+u|\x1b\[>4;/)
})

it.each([
  ['a window title', '\x1b]0;a long ti'],
  ['an escape', '\x1b'],
  ['a colour', '\x1b[38;5'],
  ['a device string', '\x1bP+q'],
])('a prompt is drawn though Ctrl-C cut %s in two', async (_what, cut) => {
  const { screen } = screenWith(`before ${cut}`, 'Ctrl-C', '^C\r\nprompt$ ')
  expect(await shown(screen)).toContain('prompt$')
})

it('what a program prints after an interrupt it has caught is drawn as it is', async () => {
  const { screen } = screenWith('\x1b]0;half of ', 'Ctrl-C', 'a title\x07text')
  expect(await shown(screen)).toContain('text')
  expect(await shown(screen)).not.toContain('title')
})

it('window title and colours come with the snapshot', async () => {
  const { screen } = screenWith('\x1b]2;my title\x07\x1b]10;#abcdef\x07')
  const text = Buffer.from((await pictureOf(screen)).bytes).toString()
  expect(text).toContain('\x1b]2;my title\x07')
  expect(text).toContain('\x1b]10;#abcdef\x07')
})

it('colours that are no colours are not repeated to others', async () => {
  const { screen } = screenWith('\x1b]10;rgb:zz/; rm\x07')
  const text = Buffer.from((await pictureOf(screen)).bytes).toString()
  expect(text).not.toContain('\x1b]10;')
})

it('gives the newest lines above the screen, with their colours, whole where they wrapped', async () => {
  const { screen } = screenWith(
    ...Array.from(
      { length: 20 },
      (_, line) => `\x1b[32mline ${line}\x1b[0m ${line === 5 ? 'y'.repeat(50) : ''}\r\n`,
    ),
  )
  const picture = await new Promise<Picture>((give) => screen.scrollback(9, null, give))
  const viewer = viewerTerminal(40, 30)
  draw(viewer, picture.bytes)
  const rows = looks(viewer).slice(3)
  expect(rows[0]).toContain('5')
  const lines = Array.from({ length: 10 }, (_, y) => viewer.buffer.active.getLine(y)?.translateToString(true))
  expect(lines[0]?.startsWith('line 5 yyy')).toBe(true)
  expect(viewer.buffer.active.getLine(1)?.isWrapped).toBe(true)
  expect(lines[2]).toBe('line 6 ')
})

it('is drawn piece by piece, and says how far it is', async () => {
  const drawn: number[] = []
  const screen = new Screen(40, 8, { onDrawn: (upTo) => drawn.push(upTo), onReply: () => {} })
  screen.output(Buffer.alloc(200_000, 'x'))
  expect((await pictureOf(screen)).offset).toBe(200_000)
  expect(drawn).toEqual([65_536, 131_072, 196_608, 200_000])
})

it('an image or a clipboard too long to repeat is ignored by those who come in the middle of it', async () => {
  const { screen } = screenWith(`\x1b]52;c;${'A'.repeat(100_000)}`)
  const viewer = viewerTerminal(40, 8)
  draw(viewer, (await pictureOf(screen)).bytes)
  draw(viewer, `${'A'.repeat(50)}\x07seen`)
  expect(looks(viewer)[3]).toBe('seen')
})

describe('above a mark', () => {
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => `line ${from + at}\r\n`).join('')
  const scrollback = async (screen: Screen, since: number | null) => {
    const picture = await new Promise<Picture>((give) => screen.scrollback(10_000, since, give))
    return Buffer.from(picture.bytes)
      .toString()
      .replaceAll(/\x1b\[[0-9;]*m/g, '')
      .split('\r\n')
      .filter((line) => line !== '')
  }

  it('nothing is told, and everything below it', async () => {
    const { screen } = screenWith(lines(0, 20))
    screen.mark(3)
    screen.output(Buffer.from(lines(20, 40)))
    // The screen had line 13 to 19 on it: seven lines, and the cursor's.
    expect((await scrollback(screen, 3))[0]).toBe('line 13')
    expect((await scrollback(screen, null))[0]).toBe('line 0')
    expect((await scrollback(screen, 3)).at(-1)).toBe((await scrollback(screen, null)).at(-1))
  })

  it('nothing is told either when it was made while a program filled the screen, or the width changed since', async () => {
    const { screen } = screenWith(lines(0, 20), '\x1b[?1049hfull screen')
    screen.mark(0)
    screen.output(Buffer.from(`\x1b[?1049l${lines(20, 40)}`))
    screen.resize(5, 8)
    screen.resize(40, 8)
    expect((await scrollback(screen, 0))[0]).toBe('line 13')
  })

  it('there is nothing any more once so much was printed that its line is dropped', async () => {
    const { screen } = screenWith(lines(0, 20))
    screen.mark(0)
    screen.output(Buffer.from(lines(20, 5_000)))
    expect(await scrollback(screen, 0)).toEqual(await scrollback(screen, null))
  })
})

it.each([
  ['a dash', [0x41, 0xe2, 0x80], [0x94, 0x42], 'A—B'],
  ['a letter of another plane', [0xf0, 0x90, 0x80], [0x80], '\u{10000}'],
  ['bytes that are no characters', [0x41, 0xff, 0xe2], [0x41, 0x80], 'A\ufffd\ufffdA\ufffd'],
])(
  '%s printed in two pieces is drawn whole, and by those who come in between too',
  async (_what, first, second, shows) => {
    const { screen } = screenWith()
    screen.output(Uint8Array.from(first))
    const viewer = viewerTerminal(40, 8)
    draw(viewer, (await pictureOf(screen)).bytes)
    screen.output(Uint8Array.from(second))
    draw(viewer, Uint8Array.from(second))
    expect(looks(viewer)[3]).toBe(shows)
    expect(await shown(screen)).toContain(shows)
  },
)

it.each([
  '\u{1f972}',
  '\u{1fae0}',
  '\u{1f7f0}',
  '\u{1f6d6}',
  '⚠️',
  '1️⃣',
  '🇩🇪',
  '👨‍👩‍👧',
  '漢',
  '👍🏽',
  '\u{1fac6}',
  '䷀',
])('%s takes two cells', async (character) => {
  const { screen, replies } = screenWith(`${character}\x1b[6n`)
  await pictureOf(screen)
  expect(replies).toEqual(['\x1b[1;3R'])
})

it.each(['a', 'é', 'e\u0301', 'ä\u200b', 'я\u2060', 'a\u200e', '⚠', '─'])(
  '%s takes one',
  async (character) => {
    const { screen, replies } = screenWith(`${character}\x1b[6n`)
    await pictureOf(screen)
    expect(replies).toEqual(['\x1b[1;2R'])
  },
)

it.each(['\x1b[1J', '\x1b[?1J'])(
  '%j with the cursor in the last cell erases the whole screen',
  async (erase) => {
    const screen = new Screen(20, 3, { onDrawn: () => {}, onReply: () => {} })
    screen.output(Buffer.from(`above\x1b[3;20H`))
    screen.output(Buffer.from(`x${erase}\x1b[2;5Hafter`))
    const viewer = viewerTerminal(20, 3)
    expect(draw(viewer, (await pictureOf(screen)).bytes)).toBe(true)
    expect(looks(viewer).slice(3, 6)).toEqual(['', '    after', ''])
    // The piece that the sequence came in is drawn to its end.
    const live = viewerTerminal(20, 3)
    expect(draw(live, `above\x1b[3;20Hx${erase}\x1b[2;5Hafter`)).toBe(true)
    expect(looks(live)).toEqual(looks(viewer))
  },
)

it('a screen that shrank, was filled by a program and grew again shows no line that had left it', async () => {
  const screen = new Screen(40, 40, { onDrawn: () => {}, onReply: () => {} })
  screen.resize(40, 20)
  screen.output(
    Buffer.from(`\x1b[?1049h${Array.from({ length: 30 }, (_, line) => `line ${line + 1}\r\n`).join('')}`),
  )
  screen.resize(40, 40)
  const viewer = viewerTerminal(40, 40)
  draw(viewer, (await pictureOf(screen)).bytes)
  const rows = looks(viewer).slice(3)
  expect(rows[0]).toBe('line 12')
  expect(rows[18]).toBe('line 30')
  expect(rows.slice(19).join('')).toBe('')
})
