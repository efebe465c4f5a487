import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, assert, expect, test } from 'vitest'
import { explore } from './explorer.ts'
import { Violation } from './oracle.ts'
import type { Protocol } from './protocol.ts'

/** One fault, put into a copy of the domain by replacing a piece of its text. */
interface Mutant {
  readonly fault: string
  readonly file: string
  readonly from: string
  readonly to: string
}

const life = 'runner-pairing/life.ts'
const register = 'runner-pairing/register.ts'
const claim = 'runner-pairing/claim.ts'
const presence = 'runner-pairing/presence.ts'
const pairing = 'runner-pairing/pair.ts'
const session = 'runner-pairing/pairing-session.ts'
const budget = 'limits/budget.ts'

const seeded: readonly Mutant[] = [
  {
    fault: 'a used code is kept after the grace',
    file: life,
    from: '(endsAt !== null && now >= endsAt)',
    to: '(endsAt !== null && now >= endsAt && !(runner.code && runner.code.usedCount > 0))',
  },
  { fault: 'a stale epoch is accepted', file: presence, from: 'runner.epoch === epoch && ', to: '' },
  {
    fault: 'a success refills the budget',
    file: pairing,
    from: '    putSession(session, rules),\n',
    to: "    putSession(session, rules), { drop: 'budget', id: command.subjects.self },\n",
  },
  {
    fault: 'pairing again leaves the app in the old set',
    file: pairing,
    from: '    ...(left ? withoutApp(view, left, appSessionId) : []),\n',
    to: '',
  },
  {
    fault: 'a code is given to a second runner',
    file: claim,
    from: "if (standingIn(view, proposedCode, rules, now).standing !== 'free') {",
    to: 'if (false) {',
  },
  {
    fault: 'a ban is judged by the clock of the broker, which is off',
    file: pairing,
    from: 'const ban = banOn(view, subjects, now, {',
    to: 'const ban = banOn(view, subjects, now + globalThis.brokerSkewMs, {',
  },
]

/** That the end of a life raises the generation is not among them: so does every beginning, and either is enough here. */
const further: readonly Mutant[] = [
  {
    fault: 'a process resumes after the grace',
    file: register,
    from: 'if (isOver(stored, rules, now)) return false\n',
    to: '',
  },
  {
    fault: 'a new life keeps the generation',
    file: register,
    from: 'endedGen(view, stored, rules, now) + 1',
    to: '(stored?.gen ?? 0)',
  },
  {
    fault: 'the grace lasts a millisecond too long',
    file: life,
    from: '&& now >= endsAt',
    to: '&& now > endsAt',
  },
  {
    fault: 'the lease lasts a millisecond too long',
    file: 'lease.ts',
    from: 'now < until',
    to: 'now <= until',
  },
  {
    fault: 'a code of age lives a millisecond too long',
    file: life,
    from: 'held.usedCount === 0 && now >= held.expiresAt',
    to: 'held.usedCount === 0 && now > held.expiresAt',
  },
  {
    fault: 'the use of a code is not counted',
    file: 'runner-pairing/finders.ts',
    from: 'held.usedCount + 1',
    to: 'held.usedCount',
  },
  {
    fault: 'the fifth failure bans',
    file: budget,
    from: 'total < rule.bansAtFailure',
    to: 'total + 1 < rule.bansAtFailure',
  },
  {
    fault: 'six failures do not ban',
    file: budget,
    from: 'total < rule.bansAtFailure',
    to: 'total <= rule.bansAtFailure',
  },
  {
    fault: 'failures of one moment count once',
    file: budget,
    from: 'count: newest.count + 1',
    to: 'count: newest.count',
  },
  {
    fault: 'a suspended runner pairs',
    file: pairing,
    from: "if (standing.standing === 'good' && isAlive(standing.runner, now)) {",
    to: "if (standing.standing === 'good') {",
  },
  {
    fault: 'unpairing keeps the pairing',
    file: session,
    from: "      { drop: 'session', id: appSessionId },\n",
    to: '',
  },
  {
    fault: 'a tombstone is ignored',
    file: life,
    from: "now < claim.until ? { standing: 'expired', until: claim.until } : { standing: 'free' }",
    to: "{ standing: 'free' }",
  },
  {
    fault: 'the grace counts from the news of the loss, not from the lease',
    file: presence,
    from: 'later(presence.leaseUntil < now ? presence.leaseUntil : now, rules.graceMs)',
    to: 'later(now, rules.graceMs)',
  },
  {
    fault: 'a code given on stays with its last holder too',
    file: claim,
    from: 'return last?.code?.code === code ?',
    to: 'return false ?',
  },
  {
    fault: 'a rotation raises the generation',
    file: register,
    from: '{ ...runner, code: held, routeTickets }',
    to: '{ ...runner, code: held, routeTickets, gen: runner.gen + 1 }',
  },
  {
    fault: 'the epoch stays',
    file: register,
    from: 'epoch: Math.max(stored.epoch + 1, now * 256)',
    to: 'epoch: Math.max(stored.epoch, now * 256)',
  },
  {
    fault: 'a runner outlives the lease of the broker that holds it',
    file: 'runner-pairing/instance-lease.ts',
    from: 'leaseUntil: isPast ? instance.leaseUntil : now',
    to: 'leaseUntil: (instance.leaseUntil + 5_000) as typeof instance.leaseUntil',
  },
  {
    fault: 'a broker takes runners in after its own lease is over',
    file: register,
    from: 'if (!isInstanceAlive(instance, now)) return null',
    to: 'if (instance === undefined) return null',
  },
  {
    fault: 'a heartbeat revives a suspended runner',
    file: presence,
    from: '    if (!runner || !isConnected(runner)) return stale()\n    const returned',
    to: '    if (!runner) return stale()\n    const returned',
  },
]

/** Enough for every fault here many times over; the slowest was seen after a few hundred. */
const SCHEDULES = 3_000

const folder = mkdtempSync(join(tmpdir(), 'latchkey-mutants-'))
afterAll(() => rmSync(folder, { recursive: true }))
let copies = 0

test('the unchanged copy breaks nothing', async () => {
  await explore(await protocolWith(null), 1, SCHEDULES / 3)
})

test.each(seeded)('the explorer finds that $fault', async (mutant) => {
  await expect(explore(await protocolWith(mutant), 1, SCHEDULES)).rejects.toThrow(Violation)
})

test.each(further)('the explorer also finds that $fault', async (mutant) => {
  await expect(explore(await protocolWith(mutant), 1, SCHEDULES)).rejects.toThrow(Violation)
})

/** Loads a copy of the domain, with the fault in it if one is given. */
async function protocolWith(mutant: Mutant | null): Promise<Protocol> {
  const copy = join(folder, String(copies++))
  const domain = join(import.meta.dirname, '../../../domain/src')
  for (const part of ['kernel.ts', 'lease.ts', 'runner-pairing', 'limits', 'audit']) {
    cpSync(join(domain, part), join(copy, part), { recursive: true })
  }
  if (mutant) {
    const path = join(copy, mutant.file)
    const pieces = readFileSync(path, 'utf8').split(mutant.from)
    assert.lengthOf(pieces, 2, `the text of this fault must be there once in ${mutant.file}`)
    writeFileSync(path, pieces.join(mutant.to))
  }
  const load = (file: string) => import(/* @vite-ignore */ pathToFileURL(join(copy, file)).href)
  const parts = await Promise.all([load(register), load(presence), load(pairing), load(session)])
  return Object.assign({}, ...parts)
}
