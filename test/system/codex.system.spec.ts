import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AppUnderTest } from '../../apps/runner/src/testing/app-under-test.ts'
import { type AgentMachine, agentMachine, type Desk } from '../agents/agent-machine.ts'
import { writeCodexSettings } from '../agents/codex-home.ts'

const RACES = Number(process.env['LATCHKEY_AGENT_RACES'] ?? 2)
/** A slow machine needs some seconds for each. */
const RACES_WITHIN_MS = 240_000 + RACES * 10_000
const PROMPT = 'Would you like to run'

let machine: AgentMachine
let desk: Desk
let nonces = 0

beforeAll(async () => {
  machine = await agentMachine('codex')
  writeCodexSettings(machine)
  desk = await codexDesk()
})
afterAll(() => machine.stop())

async function codexDesk(): Promise<Desk> {
  const made = await machine.desk()
  made.type('latchkey agents run codex\r')
  await made.sees('fake-model default')
  return made
}

/** Makes codex ask whether it may touch `name`, and answers with the question as this phone hears of it. */
async function asked(phone: AppUnderTest, name: string, at = desk) {
  // A late key of the desk may have left something in the field. Without the marks of a paste an Enter soon after is part of it.
  at.type(`\u0015\u001b[200~RUN: touch ${name}\u001b[201~`)
  await at.sees(`RUN: touch ${name}`)
  at.type('\r')
  const question = await phone.heard('question', ({ text }) => text.includes(`touch ${name}`))
  await at.sees(PROMPT)
  return question
}

const answer = (phone: AppUnderTest, { id, digest }: { id: string; digest: string }, choice: string) =>
  phone.say({ type: 'answer', id, digest, choice, nonce: (++nonces).toString(16).padStart(32, '0') })

const hears = (phone: AppUnderTest, id: string, step: string) =>
  phone.heard('proof', (proof) => proof.id === id && proof.step === step)

const isThere = (name: string) => existsSync(join(machine.work, name))

it('the phone’s yes is carried out, and the desk’s prompt goes away', async () => {
  const phone = machine.phone()
  const question = await asked(phone, 'one')
  expect(question).toMatchObject({ terminal: desk.terminal, agent: 'codex', mayAnswer: true })
  expect(isThere('one')).toBe(false)
  answer(phone, question, 'accept')
  expect(await hears(phone, question.id, 'ran')).toMatchObject({ exit: 0 })
  expect(isThere('one')).toBe(true)
  await desk.seesNoMore(PROMPT)
})

it('the phone’s no is carried out: codex goes on without it, or ends its turn', async () => {
  const phone = machine.phone()
  for (const choice of ['decline', 'cancel']) {
    const question = await asked(phone, choice)
    answer(phone, question, choice)
    await hears(phone, question.id, 'over')
    await desk.seesNoMore(PROMPT)
    expect(
      phone.messages.some((one) => one.type === 'proof' && one.id === question.id && one.step === 'ran'),
    ).toBe(false)
    expect(isThere(choice)).toBe(false)
  }
})

it('the desk’s answer closes the question at the phone, whose late answer is refused', async () => {
  const phone = machine.phone()
  const question = await asked(phone, 'two')
  desk.type('y')
  expect(await hears(phone, question.id, 'decided')).toMatchObject({ by: 'desk' })
  await hears(phone, question.id, 'ran')
  answer(phone, question, 'decline')
  expect(await hears(phone, question.id, 'refused')).toMatchObject({ why: 'ALREADY_DECIDED' })
  expect(isThere('two')).toBe(true)
})

it('a runner that ends while codex asks decides nothing; its next life is asked again', async () => {
  const before = machine.phone('before')
  const lost = await asked(before, 'three')
  await machine.restart()
  const phone = machine.phone()
  const question = await phone.heard('question', ({ text }) => text.includes('touch three'))
  expect(question.id).not.toBe(lost.id)
  answer(phone, lost, 'accept')
  expect(await hears(phone, lost.id, 'refused')).toMatchObject({ why: 'UNKNOWN' })
  expect(isThere('three')).toBe(false)
  answer(phone, question, 'accept')
  await hears(phone, question.id, 'ran')
  expect(isThere('three')).toBe(true)
})

it('each of two terminals has its own questions, and they do not mix', async () => {
  const other = await codexDesk()
  const phone = machine.phone()
  const [here, there] = await Promise.all([asked(phone, 'here'), asked(phone, 'there', other)])
  expect([here.terminal, there.terminal]).toEqual([desk.terminal, other.terminal])
  answer(phone, there, 'accept')
  await hears(phone, there.id, 'ran')
  expect([isThere('here'), isThere('there')]).toEqual([false, true])
  answer(phone, here, 'cancel')
  await hears(phone, here.id, 'over')
  expect(isThere('here')).toBe(false)
})

it(
  'phone and desk answer at once: one decision, the file is there if it was allowed, both hear the truth',
  async () => {
    const phone = machine.phone()
    for (let race = 0; race < RACES; race++) {
      const name = `race-${race}`
      const question = await asked(phone, name)
      const [ofPhone, ofDesk] = [race % 2 === 0 ? 'accept' : 'cancel', race % 3 === 0 ? '\u001b' : 'y']
      const later = (act: () => void) =>
        new Promise<void>((done) => setTimeout(() => done(act()), Math.random() * 40))
      await Promise.all([later(() => answer(phone, question, ofPhone)), later(() => desk.type(ofDesk))])
      await hears(phone, question.id, 'over')
      // Its answer was given to the agent, or refused: also where the question was over before it arrived.
      await phone.heard(
        'proof',
        ({ id, step }) => id === question.id && (step === 'sent' || step === 'refused'),
      )
      const told = phone.messages.flatMap((one) =>
        one.type === 'proof' && one.id === question.id ? [one] : [],
      )
      const steps: readonly string[] = told.map(({ step }) => step)
      const isAllowed = ofPhone === 'accept' || ofDesk === 'y'
      // A turn that the desk interrupts may end before its command reports: nothing is claimed then.
      const claims = steps.includes('ran') ? [true] : steps.includes('declined') ? [false] : [true, false]
      expect(claims, JSON.stringify(told)).toContain(isThere(name))
      expect(isThere(name) && !isAllowed, 'an allow that was not given').toBe(false)
      expect(steps.filter((step) => step === 'decided')).toHaveLength(1)
      const disagrees = steps.includes(ofPhone === 'accept' ? 'declined' : 'ran')
      expect(disagrees && !steps.includes('refused'), `not told: ${JSON.stringify(told)}`).toBe(false)
      await desk.seesNoMore(PROMPT)
      await desk.seesNoMore('esc to interrupt')
    }
  },
  RACES_WITHIN_MS,
)
