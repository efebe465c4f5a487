import { expect, it } from 'vitest'
import { Evidence } from './evidence.ts'
import type { Look } from './look.ts'
import { SignParser } from './sign-parser.ts'

const cooked = { echo: true, canonical: true }
const raw = { echo: false, canonical: false }
const prompt: Look = { shellInFront: true, program: 'bash', folder: '/', mode: raw }
const running: Look = { shellInFront: false, program: 'make', folder: '/', mode: cooked }
const editing: Look = { shellInFront: false, program: 'vim', folder: '/', mode: raw }
const asking: Look = {
  shellInFront: false,
  program: 'sudo',
  folder: null,
  mode: { echo: false, canonical: true },
}
const report = (fields: string) => `\x1b]7501;${fields}\x1b\\`
const mark = (what: string) => `\x1b]133;${what}\x07`

type Happening = string | Look | number | { readonly typed: true }

/** Evidence as it comes, a second apart: text is printed, a look is taken, `typed` is a key, a number is a pause in milliseconds. */
function after(events: readonly Happening[]) {
  const evidence = new Evidence()
  const parser = new SignParser()
  let nowMs = 0
  for (const event of events) {
    if (typeof event === 'number') {
      nowMs += event
      continue
    }
    nowMs += 1_000
    if (typeof event === 'string') {
      parser.feed(new TextEncoder().encode(event), (sign) => evidence.note(sign, nowMs))
      evidence.printed(nowMs)
    } else if ('typed' in event) evidence.typed(nowMs)
    else evidence.looked(event, nowMs)
  }
  return evidence.finding(nowMs)
}
const typed = { typed: true } as const

it.each<[string, Happening[], object]>([
  ['nothing is known', [], { state: 'idle' }],
  ['the shell waits', [prompt], { state: 'idle', program: 'bash' }],
  ['a program runs', [prompt, running], { state: 'working', program: 'make' }],
  ['the shell runs a loop of its own', [{ ...prompt, mode: cooked }], { state: 'working' }],
  ['a program ran for long', [prompt, running, 5_000, prompt], { state: 'done' }],
  ['its end was seen', [prompt, running, 5_000, prompt, typed], { state: 'idle' }],
  ['an editor was left', [prompt, editing, 5_000, prompt], { state: 'idle' }],
  ['an editor waits', [prompt, '\x1b[?1049h', editing, 5_000], { state: 'idle', program: 'vim' }],
  [
    'an agent draws by itself',
    [editing, '.', 500 - 1_000, '.', 500 - 1_000, '.', 500 - 1_000, '.'],
    { state: 'working' },
  ],
  ['a password is asked for', [prompt, asking], { state: 'needs-you', kind: 'auth', program: 'sudo' }],
  ['a bell rang in a program', [running, '\x07'], { state: 'needs-you' }],
  ['a bell answered a key', [prompt, typed, -900, '\x07'], { state: 'idle' }],
  ['a bell was heard', [running, '\x07', typed], { state: 'working' }],
  ['a program notified', [running, '\x1b]9;Look\x07'], { state: 'needs-you', message: 'Look' }],
  ['it went on by itself', [running, '\x1b]9;Look\x07\x1b]9;4;1;5\x07'], { state: 'working', progress: 5 }],
  ['progress failed', [running, '\x1b]9;4;2;50\x07'], { state: 'failed', progress: 50 }],
  ['a title asks', [editing, '\x1b]0;✋ Action Required (x)\x07'], { state: 'needs-you', program: 'gemini' }],
  [
    'codex asks by its title',
    [editing, '\x1b]0;[ ! ] Action Required | x\x07'],
    { state: 'needs-you', kind: 'permission' },
  ],
  ['a title says more than a bell', [editing, '\x1b]0;✦  Working… (x)\x07\x07'], { state: 'working' }],
  [
    'a title of before is given back',
    [editing, '\x1b[22t\x1b]0;◇  Ready\x07\x1b[23t', 9_000],
    { state: 'idle', program: 'vim' },
  ],
  [
    'a report says more than a title',
    [editing, `\x1b]0;◇  Ready\x07${report('state=working:app=pi')}`],
    { state: 'working', program: 'pi' },
  ],
  ['a report says more than a password prompt', [asking, report('state=working')], { state: 'working' }],
  [
    'a task waits for a person',
    [editing, report('state=working:app=pi') + report('state=blocked:id=a:kind=question')],
    { state: 'needs-you', kind: 'question', program: 'pi' },
  ],
  [
    'that task was cleared',
    [editing, report('state=working') + report('state=blocked:id=a/b') + report('state=clear:id=a')],
    { state: 'working' },
  ],
  ['the program ended blocked', [prompt, editing, report('state=blocked'), prompt], { state: 'idle' }],
  ['the program ended done', [prompt, editing, report('state=done'), prompt], { state: 'done' }],
  ['that was seen', [prompt, editing, report('state=done'), prompt, typed], { state: 'idle' }],
  ['marks: a prompt', [mark('A')], { state: 'idle' }],
  ['marks: a command', [prompt, mark('A'), mark('C'), { ...prompt, mode: cooked }], { state: 'working' }],
  [
    'marks: it succeeded',
    [prompt, mark('A'), mark('C'), running, mark('D;0') + mark('A')],
    { state: 'done' },
  ],
  [
    'marks: it failed',
    [prompt, mark('A'), mark('C'), running, mark('D;3') + mark('A')],
    { state: 'failed', message: 'exit 3' },
  ],
  ['marks: an editor was left', [mark('A'), mark('C'), editing, mark('D;0') + mark('A')], { state: 'idle' }],
  ['marks: an empty line', [prompt, mark('A'), typed, mark('D;1') + mark('A')], { state: 'idle' }],
  ['marks: of a shell that is gone', [mark('A'), mark('C'), editing, prompt, prompt], { state: 'idle' }],
  [
    'marks: a look came before them',
    [mark('A'), mark('C'), running, prompt, mark('D;2')],
    { state: 'failed' },
  ],
  [
    'its words outlive the call',
    [prompt, mark('C'), running, '\x1b]9;Built\x07', mark('D;0')],
    { state: 'done', message: 'Built' },
  ],
  ['a full reset', [editing, `${report('state=blocked')}\x1bc`, 9_000], { state: 'idle' }],
])('when %s', (_, events, finding) => {
  expect(after(events)).toMatchObject(finding)
})

it('an adapter says more than all signs, until it says nothing more', () => {
  const evidence = new Evidence()
  evidence.note(
    { type: 'report', state: 'working', id: '', kind: null, program: 'codex', message: null, percent: null },
    0,
  )
  evidence.adapterSays({ state: 'needs-you', kind: 'permission', program: 'codex', message: 'Run npm test?' })
  expect(evidence.finding(0)).toMatchObject({ state: 'needs-you', message: 'Run npm test?' })
  evidence.adapterSays(null)
  expect(evidence.finding(0).state).toBe('working')
})

it("the end of a terminal's own program is its last state", () => {
  const evidence = new Evidence()
  evidence.adapterSays({ state: 'working' })
  evidence.exited({ code: 0, signal: null })
  expect(evidence.finding(0).state).toBe('done')
  evidence.exited({ code: 2, signal: null })
  expect(evidence.finding(0)).toMatchObject({ state: 'failed', message: 'exit 2' })
})
