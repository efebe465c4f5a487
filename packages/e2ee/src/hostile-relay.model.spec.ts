import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WayIn } from './app-steps.ts'
import { pinPrologue, qrPrologue, resumePrologue } from './derivations.ts'
import { ATTACKS, type Attack, hostile, read } from './hostile-relay.fixture.ts'
import { IK_PSK1, NoiseHandshake } from './noise.ts'
import {
  appEnd,
  appKey,
  CODE,
  grant,
  type InTransit,
  knownApp,
  meet,
  NOW_MS,
  type Outcome,
  otherKey,
  PID,
  primitives,
  runnerEnd,
  runnerId,
  runnerKey,
  ways,
} from './two-ends.fixture.ts'

/**
 * A broker that does its worst (SECURITY C40): it sees, changes, replays, reflects, withholds and invents every message,
 * and knows code, runner id and labels; it knows neither PIN nor key. `LATCHKEY_RELAY_RUNS=10000` is the figure in docs.
 */
const WRONG_PIN_RUNS = Number(process.env['LATCHKEY_RELAY_RUNS'] ?? 200)
const PIN_RUNS = Math.ceil(WRONG_PIN_RUNS / 4)
const KEYED_RUNS = WRONG_PIN_RUNS

const attack = fc.record({ kind: fc.constantFrom(...ATTACKS), at: fc.nat(5), where: fc.nat(2 ** 20) })

type Attacked = Outcome & { readonly untouched: boolean }

async function attackedMeeting(way: WayIn, how: Attack, typed: (shown: string) => string): Promise<Attacked> {
  const touched = { yet: false }
  const relay = hostile(how, recordings.get(way.method)!, touched)
  const met = await meet(appEnd(how.where, way), runnerEnd(how.where), relay, typed)
  return { ...met, untouched: !touched.yet }
}

const recordings = new Map<string, readonly InTransit[]>()
for (const way of Object.values(ways))
  recordings.set(way.method, (await meet(appEnd('old', way), runnerEnd('old'))).sent)

const wrong = (where: number) => (shown: string) =>
  String((Number(shown) + 1 + (where % 999_998)) % 1_000_000).padStart(6, '0')
const right = (shown: string) => shown

/** Whatever was touched, the app stays shut; the runner opens at most for the app that proved itself before. */
function expectNothingGained({ app, runner, untouched, sent }: Attacked, { at }: Attack): void {
  expect(app.status === 'open', 'the app opens if nothing was touched, and only then').toBe(untouched)
  const isProved = () => read(sent[at]!.bytes)?.kind === 'noise2'
  expect(runner.status === 'open').toBe(untouched || (runner.status === 'open' && isProved()))
}

describe('a hostile relay', () => {
  it(`never gets a channel with a wrong PIN, in ${WRONG_PIN_RUNS} runs`, { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(attack, async (how) => {
        const met = await attackedMeeting(ways.pin, how, wrong(how.where))
        expect(met.app.status).not.toBe('open')
        expect(met.runner.status).not.toBe('open')
      }),
      { numRuns: WRONG_PIN_RUNS },
    )
  })

  it(`gains nothing by changing what two honest ends say, in ${PIN_RUNS} runs with a PIN`, {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(attack, async (how) =>
        expectNothingGained(await attackedMeeting(ways.pin, how, right), how),
      ),
      { numRuns: PIN_RUNS },
    )
  })

  it(`gains nothing by changing a QR pairing or a return, in ${KEYED_RUNS} runs`, {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        attack,
        fc.constantFrom(ways.qr, ways.resume, ways.share, ways.fleet),
        async (any, way) => {
          const how = { ...any, at: any.at % 3 }
          expectNothingGained(await attackedMeeting(way, how, right), how)
        },
      ),
      { numRuns: KEYED_RUNS },
    )
  })

  it('that pairs as an app itself has one guess a PIN', async () => {
    for (let guess = 0; guess < 50; guess++) {
      const app = appEnd(guess, { ...ways.pin, label: 'broker' }, otherKey)
      const { runner } = await meet(app, runnerEnd(guess), undefined, wrong(guess))
      expect(runner.status).toBe('ended')
    }
  })

  it('between two ends, speaking with each as the other, learns from each whether one guess was right', async () => {
    for (let guess = 0; guess < 50; guess++) {
      const [toRunner, asRunner] = [appEnd(`m${guess}`, ways.pin, otherKey), runnerEnd(`m${guess}`)]
      const [app, runner] = [appEnd(guess, ways.pin), runnerEnd(guess)]
      const atRunner = await meet(toRunner, runner, undefined, wrong(guess))
      let shown = ''
      await meet(appEnd('peek', ways.pin), runnerEnd(guess), undefined, (pin) => {
        shown = pin
        return pin
      })
      // The person types what the true runner showed; the one in between never knew it.
      const atApp = await meet(app, asRunner, undefined, () => shown)
      expect([atRunner.runner.status, atApp.app.status]).toEqual(['ended', 'ended'])
    }
  })

  it('cannot make the secret of one way in serve another, even if both were equal', async () => {
    const hello = recordings.get('qr')![0]!.bytes
    const psk = grant.resumeKey
    const prologues = [
      qrPrologue(runnerId, CODE, hello),
      resumePrologue(runnerId, grant.appId, hello),
      pinPrologue({ runnerId, code: CODE, pid: PID }, new Uint8Array(32)),
    ]
    for (const written of prologues) {
      for (const read of prologues) {
        const common = {
          aead: primitives.aead,
          pattern: IK_PSK1,
          psk,
          responderStatic: runnerKey.publicKey,
          ephemeralKey: otherKey,
        }
        const app = new NoiseHandshake({ ...common, role: 'initiator', prologue: written, staticKey: appKey })
        const runner = new NoiseHandshake({
          ...common,
          role: 'responder',
          prologue: read,
          staticKey: runnerKey,
        })
        const greeting = await app.write(new Uint8Array(10))
        expect((await runner.read(greeting!)) !== null).toBe(written === read)
      }
    }
  })

  it('that plays back a whole return gets nothing, though every byte is genuine', async () => {
    const runner = runnerEnd('later', { knownApp: () => ({ ...knownApp, greetedAtMs: NOW_MS }) })
    const said = recordings.get('resume')!.filter(({ to }) => to === 'runner')
    expect(await runner.hear(said[0]!.bytes, NOW_MS + 1)).toMatchObject({ status: 'waiting' })
    expect(await runner.hear(said[1]!.bytes, NOW_MS + 1)).toMatchObject({
      status: 'ended',
      refusal: 'replayed',
    })
  })
})
