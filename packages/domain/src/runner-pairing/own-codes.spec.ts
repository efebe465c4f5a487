import { expect, test } from 'vitest'
import { runnerSubjects } from '../limits/subjects.ts'
import { generatePairingCode } from './code.ts'
import { endIfDue, lose } from './presence.ts'
import { rotateCode } from './register.ts'
import { defaultPairingRules as rules } from './rules.ts'
import { codeNamed, runnerNamed, World } from './world.fixture.ts'

const OFFICE = '192.0.2.1'
const MINUTE_MS = 60_000
let drawn = 0
const drawCode = () =>
  generatePairingCode((count) => {
    const bytes = new Uint8Array(count)
    for (let at = 0; at < count; at++) bytes[at] = Math.floor((drawn++ * 7_919) / (at + 1)) % 256
    return bytes
  })

/** A machine with a key, as ours: it proposes the code it had first, then fresh ones. */
class Machine {
  readonly runnerId
  code = drawCode()
  epoch = 0
  readonly refusals: string[] = []

  constructor(
    readonly world: World,
    name: string,
  ) {
    this.runnerId = runnerNamed(name)
  }

  comeBack(): boolean {
    for (let tries = 0; tries < 4; tries++) {
      const answer = this.world.register({
        runnerId: this.runnerId,
        proposedCode: this.code,
        incarnation: `process of ${this.runnerId}`,
        publicKey: `key of ${this.runnerId}`,
        proof: { secret: true, signature: true },
        subjects: runnerSubjects(this.runnerId, OFFICE),
      })
      if (answer.ok) {
        this.epoch = answer.value.epoch
        this.code = answer.value.code
        return true
      }
      this.refusals.push(JSON.stringify(answer.refusal))
      this.code = drawCode()
    }
    return false
  }

  /** Its connection is lost; the broker notices the end of the grace, or does not. */
  goAway(ms: number, isNoticed: boolean): void {
    this.world.run(lose({ runnerId: this.runnerId, epoch: this.epoch }, rules))
    this.world.wait(ms)
    if (isNoticed) this.world.run(endIfDue({ runnerId: this.runnerId }, rules))
  }
}

test.each([true, false])(
  'a hundred machines behind one address come back after five minutes without a broker, and no budget is touched (ends recorded: %s)',
  (isNoticed) => {
    const world = new World()
    const machines = Array.from({ length: 100 }, (_, index) => new Machine(world, `machine-${index}`))
    for (const machine of machines) expect(machine.comeBack()).toBe(true)
    for (const machine of machines) machine.goAway(0, false)
    world.wait(5 * MINUTE_MS)
    if (isNoticed) for (const { runnerId } of machines) world.run(endIfDue({ runnerId }, rules))
    for (const machine of machines) expect(machine.comeBack()).toBe(true)
    expect(world.remembered).toEqual([])
    for (const { refusals, runnerId } of machines) {
      expect(refusals).toEqual([expect.stringContaining('"isGuess":false')])
      expect(world.get('budget', `runner:${runnerId}`)).toBe(undefined)
    }
    expect(world.get('budget', `address:${OFFICE}`)).toBe(undefined)
    expect(world.get('budget', 'broker')).toBe(undefined)
    expect(world.typed(machines[0]?.code ?? '', 'phone')).toBe('paired with machine-0')
  },
)

test('a machine whose lid is closed for two minutes ten times in an hour is never locked out', () => {
  const world = new World()
  const laptop = new Machine(world, 'laptop')
  expect(laptop.comeBack()).toBe(true)
  for (let nap = 0; nap < 10; nap++) {
    world.wait(4 * MINUTE_MS)
    laptop.goAway(2 * MINUTE_MS, nap % 2 === 0)
    expect(laptop.comeBack()).toBe(true)
  }
  expect(world.remembered).toEqual([])
})

test('a new process that proposes the living code of the one before, and a rotation to the code one has, are no guesses', () => {
  const world = new World()
  const { epoch } = world.registered()
  const command = {
    runnerId: runnerNamed('r'),
    epoch,
    proposedCode: codeNamed('AAA-AAA-AAA'),
    subjects: runnerSubjects('r', OFFICE),
  }
  for (let time = 0; time < 10; time++) {
    expect(world.run(rotateCode(command, rules))).toMatchObject({ refusal: { isGuess: false } })
    expect(world.register({ incarnation: `process-${time + 2}` })).toMatchObject({
      refusal: { reason: 'duplicate-code', isGuess: false },
    })
  }
  expect(world.register({ incarnation: 'process-99', proposedCode: codeNamed('BBB-BBB-BBB') }).ok).toBe(true)
})

test('a code that another runner has or had is a guess, whatever the one who proposes it had before', () => {
  const world = new World()
  world.registered()
  const other = { runnerId: runnerNamed('s'), subjects: runnerSubjects('s', OFFICE) }
  for (let time = 0; time < 4; time++)
    expect(world.register(other)).toMatchObject({ refusal: { reason: 'duplicate-code', isGuess: true } })
  expect(world.register(other)).toMatchObject({ refusal: { reason: 'rate-limited' } })
})

test('an app that types a code of the machine it is paired with guesses nothing, while that is away and when it has another', () => {
  const world = new World()
  const { epoch } = world.registered()
  world.type('AAA-AAA-AAA')
  world.run(lose({ runnerId: runnerNamed('r'), epoch }, rules))
  for (let time = 0; time < 30; time++)
    expect(world.type('AAA-AAA-AAA')).toMatchObject({ refusal: { code: 'RUNNER_OFFLINE', isGuess: false } })
  // It is a new process by then, with another code, and the app does not know yet.
  world.wait(rules.graceMs)
  world.registered({ incarnation: 'process-2', proposedCode: codeNamed('BBB-BBB-BBB') })
  for (let time = 0; time < 30; time++)
    expect(world.type('AAA-AAA-AAA')).toMatchObject({ refusal: { code: 'CODE_EXPIRED', isGuess: false } })
  expect(world.typed('BBB-BBB-BBB')).toBe('paired with r')
})

test('another app that types a code which has ended is charged for it, and so is one that types another machine’s', () => {
  const world = new World()
  world.registered({ runnerId: runnerNamed('s'), proposedCode: codeNamed('SSS-SSS-SSS') })
  world.type('SSS-SSS-SSS', 'b')
  const { epoch } = world.registered()
  world.run(lose({ runnerId: runnerNamed('r'), epoch }, rules))
  for (const app of ['a', 'b'])
    expect(world.type('AAA-AAA-AAA', app)).toMatchObject({
      refusal: { code: 'RUNNER_OFFLINE', isGuess: true },
    })
  world.wait(rules.graceMs)
  for (const app of ['a', 'b'])
    expect(world.type('AAA-AAA-AAA', app)).toMatchObject({ refusal: { code: 'CODE_EXPIRED', isGuess: true } })
})
