import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ECHO_WITHIN_MS } from './predictor.ts'
import { hides, lineEditor, type Program, SimulatedMachine } from './simulated-machine.fixture.ts'

const RUNS = Number(process.env['LATCHKEY_PREDICTIONS'] ?? 120)

/** Characters that nothing else types. */
const PASSWORD = 'x*QZ'

/** Keys as persons press them, and those that no guess may survive. */
const key = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...'abcdefghijklmnoprstuw0123456789 -/.') },
  { weight: 3, arbitrary: fc.constant('\u007f') },
  { weight: 2, arbitrary: fc.constantFrom('\r', '\t', '\u001b[D', '\u001b[A', '\u0003', '\u0017') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('ab', '\u007f\u007fhe ', '\u001b[200~pasted\u001b[201~', '你', 'ж'),
  },
)
const press = fc.record({ text: key, thenMs: fc.integer({ min: 0, max: 400 }) })
const oneWayMs = fc.integer({ min: 16, max: 200 })

/** Programs that do something else with keys than a line editor does. */
const strange: Record<string, () => Program> = {
  silent: () => hides(''),
  stars: () => hides('*'),
  'the letter x for each': () => hides('x'),
  'capital letters': () => (typed) => typed.toUpperCase(),
  'every key twice': () => (typed) => (typed < ' ' ? '' : typed + typed),
  'a line of its own for each key': () => (typed) => `\n${typed}`,
  'a menu of single keys': () => () => '\nchosen\n> ',
  'only every third key': () => {
    let count = 0
    return (typed) => (++count % 3 === 0 ? typed : '')
  },
}

/** Nothing drawn ahead stays longer than a round trip and the wait for the echo. */
function expectBrief(machine: SimulatedMachine, roundTripMs: number): void {
  machine.run(10_000)
  expect(machine.predictor.drawn).toBeNull()
  for (const { sinceMs, goneMs } of machine.seen)
    expect((goneMs ?? Number.POSITIVE_INFINITY) - sinceMs).toBeLessThanOrEqual(roundTripMs + ECHO_WITHIN_MS)
}

test('at a line editor most keys are drawn as they are pressed', () => {
  const machine = new SimulatedMachine(lineEditor(), 35)
  const words = 'git status\rls -la /var/log\recho hello world 2026\r'.repeat(20)
  for (const each of words) machine.press(each, 120)
  expect(machine.drawnAtOnce / words.length).toBeGreaterThan(0.75)
  expectBrief(machine, 70)
})

test('over a long way a fast typist is followed as well', () => {
  const machine = new SimulatedMachine(lineEditor(), 150)
  const words = 'git commit --all --message x\r'.repeat(20)
  for (const each of words) machine.press(each, 90)
  expect(machine.drawnAtOnce / words.length).toBeGreaterThan(0.6)
  expectBrief(machine, 300)
})

test('a mistake and its Backspace are both drawn at once', () => {
  const machine = new SimulatedMachine(lineEditor(), 50)
  for (const each of 'ab') machine.press(each, 500)
  machine.press('c', 10)
  expect(machine.predictor.drawn?.cells).toMatchObject([{ x: 4, glyph: 'c' }])
  machine.press('\u007f', 10)
  expect(machine.predictor.drawn?.cells).toMatchObject([{ x: 4, glyph: ' ' }])
  expect(machine.predictor.drawn?.cursorX).toBe(4)
  machine.run(1_000)
  machine.press('d', 0)
  expect(machine.predictor.drawn?.cells).toMatchObject([{ x: 4, glyph: 'd' }])
})

test('the prompt is never taken back', () => {
  const machine = new SimulatedMachine(lineEditor(), 50)
  for (const each of 'ab') machine.press(each, 500)
  for (const each of '\u007f\u007f\u007f\u007f') machine.press(each, 5)
  expect(machine.predictor.drawn?.cells.map(({ x }) => x)).toEqual([3, 2])
})

test.each([
  ['Tab', '\t'],
  ['an arrow', '\u001b[D'],
  ['a paste', '\u001b[200~a b\u001b[201~'],
  ['a long piece of text', 'x'.repeat(40)],
  ['a control character', '\u0015'],
  ['a wide character', '你'],
])('%s ends what is drawn at once', (_, text) => {
  const machine = new SimulatedMachine(lineEditor(), 50)
  for (const each of 'ab') machine.press(each, 500)
  machine.press('c', 5)
  expect(machine.predictor.drawn).not.toBeNull()
  machine.press(text, 5)
  expect(machine.predictor.drawn).toBeNull()
})

test('after Enter the letters stay until their echo, and no other is drawn', () => {
  const machine = new SimulatedMachine(lineEditor(), 50)
  for (const each of 'ab') machine.press(each, 500)
  machine.press('c', 5)
  machine.press('\r', 5)
  machine.press('d', 5)
  expect(machine.predictor.drawn?.cells).toMatchObject([{ x: 4, glyph: 'c' }])
  machine.run(100)
  expect(machine.predictor.drawn).toBeNull()
})

test('when nothing may be guessed any more, nothing stays drawn', () => {
  const machine = new SimulatedMachine(lineEditor(), 50)
  for (const each of 'ab') machine.press(each, 500)
  machine.press('c', 5)
  machine.mayGuess = false
  machine.press('d', 0)
  expect(machine.predictor.drawn).toBeNull()
})

test('a letter is not drawn over other text, nor in the last column', () => {
  const machine = new SimulatedMachine(lineEditor(), 50)
  for (let at = 0; at < 60; at++) {
    machine.press('a1'[at % 2] ?? '', 60)
    for (const { x } of machine.predictor.drawn?.cells ?? []) expect(x).toBeLessThan(39)
  }
  expectBrief(machine, 100)
})

test.each([
  ['nothing', ''],
  ['stars', '*'],
  ['the letter x', 'x'],
])('a password that is hidden by %s is never drawn', (_, sign) => {
  fc.assert(
    fc.property(
      fc.array(press, { maxLength: 20 }),
      fc.array(fc.constantFrom(...PASSWORD), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 0, max: 300 }),
      oneWayMs,
      (before, password, everyMs, wayMs) => {
        const machine = new SimulatedMachine(lineEditor(), wayMs)
        for (const { text, thenMs } of before) machine.press(text, thenMs)
        machine.press('\r', 0)
        machine.becomes(hides(sign), '\nPassword: ')
        for (const each of password) machine.press(each, everyMs)
        machine.run(5_000)
        expect(machine.seen.filter(({ glyph }) => PASSWORD.includes(glyph))).toEqual([])
      },
    ),
    { numRuns: RUNS },
  )
})

test('no program makes a guess stay: not one that hides, repeats, changes or swallows keys', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.constantFrom('editor', ...Object.keys(strange)), fc.array(press, { maxLength: 40 })),
        {
          maxLength: 4,
        },
      ),
      oneWayMs,
      (stretches, wayMs) => {
        const machine = new SimulatedMachine(lineEditor(), wayMs)
        for (const [name, presses] of stretches) {
          machine.becomes(strange[name]?.() ?? lineEditor(), '\n$ ')
          for (const { text, thenMs } of presses) machine.press(text, thenMs)
        }
        expectBrief(machine, 2 * wayMs)
      },
    ),
    { numRuns: RUNS },
  )
})
