import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  composeTo,
  ended,
  insert,
  lineBreak,
  named,
  remove,
  type TraceStep,
  unnamed,
} from './traces/trace.ts'
import { type Settles, TracePlayer } from './traces/trace-player.fixture.ts'

const RUNS = Number(process.env['LATCHKEY_EDITS'] ?? 500)

const word = fc.string({ unit: fc.constantFrom(...'abcdexyz -/ж'), minLength: 1, maxLength: 6 })
const letter = fc.constantFrom(...'abcdexyz ж')

/** One action of a keyboard, in the form in which browsers tell it. `text` is what the field says after it. */
type Act = (text: string) => { readonly steps: readonly TraceStep[]; readonly text: string }

const without = (text: string, back: number): string =>
  [...text].slice(0, Math.max(0, [...text].length - back)).join('')

const inserts =
  (put: string): Act =>
  (text) => ({ steps: [unnamed, insert(put)], text: text + put })
const removes: Act = (text) => ({ steps: [unnamed, remove(1)], text: without(text, 1) })
/** A key of a real keyboard, which the page takes. */
const pressesBackspace: Act = (text) => ({ steps: [named('Backspace', 8)], text: without(text, 1) })
const breaksLine: Act = (text) => ({ steps: [lineBreak(true)], text: `${text}\n` })

/** Some browsers put the final text in after the composition has ended. */
const composes =
  (texts: readonly string[], endsFirst: boolean): Act =>
  (text) => {
    const last = texts.at(-1) ?? ''
    const composed = texts.map((each, at) => composeTo(texts[at - 1] ?? '', each))
    const end = endsFirst
      ? [ended, { ...composeTo(last, last, 'insertFromComposition'), composing: false }]
      : [ended]
    return { steps: [unnamed, { on: 'compositionstart' }, ...composed, ...end], text: text + last }
  }

/** A correction reaches no further back than the text of the line. */
const corrects =
  (back: number, put: string): Act =>
  (text) => {
    const taken = Math.min(back, [...text].length)
    return {
      steps: [{ ...insert(put), type: 'insertReplacementText', back: taken }],
      text: without(text, taken) + put,
    }
  }

const action: fc.Arbitrary<Act> = fc.oneof(
  letter.map(inserts),
  word.map(inserts),
  fc.constant(removes),
  fc.constant(pressesBackspace),
  fc
    .tuple(fc.array(word, { minLength: 1, maxLength: 5 }), fc.boolean())
    .map(([texts, endsFirst]) => composes(texts, endsFirst)),
  fc.tuple(fc.nat({ max: 4 }), word).map(([back, put]) => corrects(back, put)),
  fc.constant(breaksLine),
)

/** What a terminal has after these bytes: backspaces take back, Enter stays. */
function shownAfter(bytes: string): string {
  const shown: string[] = []
  for (const each of bytes) {
    if (each === '\u007f') shown.pop()
    else shown.push(each === '\r' ? '\n' : each)
  }
  return shown.join('')
}

test('whatever a keyboard edits, the terminal has its text: nothing lost, nothing doubled', () => {
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 30 }),
      fc.constantFrom<Settles>('each-step', 'each-key'),
      fc.constantFrom('en', 'ko', 'zh'),
      (actions, settles, language) => {
        const player = new TracePlayer([language])
        let text = ''
        for (const act of actions) {
          const done = act(text)
          // A line that was handed over is not taken back.
          if (done.text.split('\n').length < text.split('\n').length) continue
          player.play(done.steps, settles)
          text = done.text
        }
        expect(shownAfter(player.sent)).toBe(text)
      },
    ),
    { numRuns: RUNS },
  )
})
