import { createHash } from 'node:crypto'
import { consoleEvent } from '@latchkey/protocol/console'
import { afterEach, expect, it } from 'vitest'
import {
  cleanUp,
  code,
  registerFounding,
  type TestBroker,
  type TestClient,
  testBroker,
} from '../testing/harness.ts'

afterEach(cleanUp)

/** LATCHKEY_GUESS_SESSIONS=10000 runs the whole attack, which takes minutes. */
const SESSIONS = Number(process.env.LATCHKEY_GUESS_SESSIONS ?? 300)

/** What each session sends without waiting for an answer. */
const PIPELINED = 12
const AT_ONCE = 20
const WINDOW_MS = 60_000

/** Attackers with one machine, and with a machine in every network. */
const SOURCES: Readonly<Record<string, (session: number) => string>> = {
  'one address': () => '192.0.2.7',
  'one IPv6 network of fresh addresses': (session) => `2001:db8:0:1::${session.toString(16)}`,
  'a network of its own for each session': (session) =>
    `10.${(session >> 8) & 255}.${session & 255}.${(session % 250) + 1}`,
}

/** The most that may be judged, whatever is sent within that time. */
const JUDGED_MAX: Readonly<Record<string, (elapsedMs: number) => number>> = {
  'one address': () => 20,
  'one IPv6 network of fresh addresses': () => 20,
  'a network of its own for each session': (elapsedMs) => 600 * (1 + Math.floor(elapsedMs / WINDOW_MS)),
}

it.each(Object.keys(SOURCES))(
  `${SESSIONS} fresh sessions that guess at once, from %s, have no guess more than the budget`,
  { timeout: 20 * WINDOW_MS },
  async (source) => {
    const broker = await testBroker({ 'trusted-proxies': '127.0.0.1', log: 'warn' })
    const { byLink } = await runnerWithLink(broker)
    const startedMs = performance.now()
    const answers: string[][] = []
    for (let session = 0; session < SESSIONS; session += AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, SESSIONS - session) }, (_, n) =>
        attack(broker, SOURCES[source]?.(session + n) ?? '', session + n),
      )
      answers.push(...(await Promise.all(batch)))
    }
    const elapsedMs = performance.now() - startedMs
    const judged = answers.flat().filter((told) => told !== 'RATE_LIMITED')
    expect(new Set(judged)).toEqual(new Set(['CODE_NOT_FOUND']))
    expect(judged.length).toBeLessThanOrEqual(JUDGED_MAX[source]?.(elapsedMs) ?? 0)
    for (const of of answers)
      expect(of.filter((told) => told !== 'RATE_LIMITED').length).toBeLessThanOrEqual(6)
    console.info(
      `${source}: ${answers.flat().length} guesses of ${SESSIONS} sessions in ${(elapsedMs / 1_000).toFixed(1)} s, ${judged.length} judged`,
    )
    // An app with a pairing URL gets in meanwhile.
    const honest = await from(broker, '198.51.100.9')
    expect(await honest.call('app:pair', byLink)).toMatchObject({ success: true })
    const { limits } = consoleEvent.parse(await overview(broker))
    expect(limits?.failuresLastMinute).toBeLessThanOrEqual(600)
  },
)

const from = (broker: TestBroker, address: string): Promise<TestClient> =>
  broker.connect({}, { extraHeaders: { 'x-forwarded-for': address } })

/** Guesses at pairing and at registering, all sent before the first answer. */
async function attack(broker: TestBroker, address: string, session: number): Promise<string[]> {
  const client = await from(broker, address)
  const guesses = Array.from({ length: PIPELINED }, (_, n) =>
    client.call('app:pair', { pairingCode: code(100_000 + session * PIPELINED + n) }),
  )
  const told = await Promise.all(guesses)
  client.close()
  return told.map(({ code: refusal }) => (typeof refusal === 'string' ? refusal : 'paired'))
}

async function runnerWithLink(broker: TestBroker) {
  const runner = await from(broker, '198.51.100.1')
  await registerFounding(runner, broker, 'runner-1', code(1))
  const routeTicket = 'what-a-link-carries-which-nobody-guesses_43'
  const routeTickets = [createHash('sha256').update(routeTicket).digest('hex')]
  await runner.call('runner:route-tickets', { routeTickets })
  return { byLink: { runnerId: 'runner-1', routeTicket } }
}

async function overview(broker: TestBroker): Promise<unknown> {
  const headers = { authorization: `Bearer ${broker.operator}`, 'x-forwarded-for': '198.51.100.1' }
  return (await fetch(`${broker.url}/operator/overview`, { headers })).json()
}
