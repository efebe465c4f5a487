import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AppUnderTest } from '../../apps/runner/src/testing/app-under-test.ts'
import { type AgentMachine, agentMachine, type Desk } from '../agents/agent-machine.ts'
import { writeOpencodeSettings } from '../agents/opencode-home.ts'

const RACES = Number(process.env['LATCHKEY_AGENT_RACES'] ?? 2)
/** A slow machine needs some seconds for each. */
const RACES_WITHIN_MS = 240_000 + RACES * 10_000
const PROMPT = 'Permission required'

let machine: AgentMachine
let desk: Desk
let nonces = 0

beforeAll(async () => {
  machine = await agentMachine('opencode')
  writeOpencodeSettings(machine)
  desk = await machine.desk()
  desk.type(`latchkey agents install opencode --data-dir "$HOME/data" && opencode\r`)
  await desk.sees('Ask anything')
}, 240_000)
afterAll(() => machine.stop())

async function asked(phone: AppUnderTest, name: string) {
  desk.type(`\u0015\u001b[200~RUN: touch ${name}\u001b[201~`)
  await desk.sees(`RUN: touch ${name}`)
  desk.type('\r')
  const question = await phone.heard('question', ({ text }) => text === `touch ${name}`)
  await desk.sees(PROMPT)
  return question
}

const answer = (phone: AppUnderTest, { id, digest }: { id: string; digest: string }, choice: string) =>
  phone.say({ type: 'answer', id, digest, choice, nonce: (++nonces).toString(16).padStart(32, '0') })

const hears = (phone: AppUnderTest, id: string, step: string) =>
  phone.heard('proof', (proof) => proof.id === id && proof.step === step)

const isThere = (name: string) => existsSync(join(machine.work, name))

it('the phone’s yes is carried out, it hears that it was its own, and the desk’s prompt goes away', async () => {
  const phone = machine.phone()
  const question = await asked(phone, 'one')
  expect(question).toMatchObject({ terminal: desk.terminal, agent: 'opencode', folder: machine.work })
  expect(isThere('one')).toBe(false)
  answer(phone, question, 'once')
  expect(await hears(phone, question.id, 'ran')).toMatchObject({ exit: 0 })
  expect(await hears(phone, question.id, 'decided')).toMatchObject({ by: 'here', choice: 'once' })
  expect(isThere('one')).toBe(true)
  await desk.seesNoMore(PROMPT)
})

it('the desk’s answer closes the question at the phone, whose late answer is refused', async () => {
  const phone = machine.phone()
  const question = await asked(phone, 'two')
  desk.type('\r')
  expect(await hears(phone, question.id, 'decided')).toMatchObject({ by: 'desk' })
  await hears(phone, question.id, 'ran')
  answer(phone, question, 'reject')
  expect(await hears(phone, question.id, 'refused')).toMatchObject({ why: 'ALREADY_DECIDED' })
  expect(isThere('two')).toBe(true)
})

it(
  'phone and desk answer at once: one decision, the file is there if it was allowed, both hear the truth',
  async () => {
    const phone = machine.phone()
    for (let race = 0; race < RACES; race++) {
      const name = `race-${race}`
      const question = await asked(phone, name)
      const ofPhone = race % 2 === 0 ? 'reject' : 'once'
      const later = (act: () => void) =>
        new Promise<void>((done) => setTimeout(() => done(act()), Math.random() * 40))
      await Promise.all([later(() => answer(phone, question, ofPhone)), later(() => desk.type('\r'))])
      await hears(phone, question.id, 'over')
      // Its answer was given to the agent, or refused: also where the question was over before it arrived.
      await phone.heard(
        'proof',
        ({ id, step }) => id === question.id && (step === 'sent' || step === 'refused'),
      )
      const told = phone.messages.flatMap((one) =>
        one.type === 'proof' && one.id === question.id ? [one] : [],
      )
      const ran = told.some(({ step }) => step === 'ran')
      expect(isThere(name), JSON.stringify(told)).toBe(ran)
      expect(told.filter(({ step }) => step === 'decided')).toHaveLength(1)
      const isToldOtherwise = told.some(({ why }) => why === 'DECIDED_OTHERWISE')
      const isLate = told.some(({ why }) => why === 'ALREADY_DECIDED')
      expect(isToldOtherwise || isLate, JSON.stringify(told)).toBe(!told.some(({ by }) => by === 'here'))
      expect(isToldOtherwise && ran === (ofPhone === 'once'), JSON.stringify(told)).toBe(false)
      await desk.seesNoMore(PROMPT)
    }
  },
  RACES_WITHIN_MS,
)
