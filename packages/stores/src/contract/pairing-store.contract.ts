import { type HistoryEntry, shelfOf } from '@latchkey/domain/audit/history'
import { instant } from '@latchkey/domain/kernel'
import {
  incrementUsageCount,
  registerCode,
  validateCode,
} from '@latchkey/domain/runner-pairing/founding-codes'
import { createSession, getSession } from '@latchkey/domain/runner-pairing/founding-sessions'
import { type Operation, type PairingStore, readRecord } from '@latchkey/domain/runner-pairing/ports'
import { type AppSession, type RunnerRecord, unseenRunner } from '@latchkey/domain/runner-pairing/records'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { anyCommand, appNamed, codeNamed, codeOf, contractRules, runnerNamed, World } from './commands.ts'
import { ReferenceModel } from './reference-model.ts'

/** One adapter under test, on a store of its own. */
export interface StoreUnderTest {
  readonly store: PairingStore
  /** closes it and opens the same data again; null where there is nothing to come back to */
  readonly reopen: (() => Promise<PairingStore>) | null
  /** whether its audit goes back further than its history */
  readonly audits: boolean
  readonly dispose: () => Promise<void>
}

/** How many entries the history keeps here. */
export const CONTRACT_HISTORY_KEPT = 20

/** How many random commands a store in this process answers, and one that is asked over a socket. */
export const COMMANDS_MIN = 5_000
export const COMMANDS_MIN_REMOTE = 1_200

/** A script of 90 commands or more, some of them repeated, is seldom shorter than this. */
const COMMANDS_PER_SCRIPT = 100

/** For all of them, on a busy machine. */
const COMMANDS_TIMEOUT_MS = 15 * 60_000

const START_MS = 1_700_000_000_000

/**
 * The suite every adapter of the pairing port has to pass. `open` gets the clock the store must live by.
 * LATCHKEY_STORE_COMMANDS sets the number of random commands for every store, as 100000.
 */
export function pairingStoreContract(
  name: string,
  open: (clock: () => number) => Promise<StoreUnderTest>,
  commandsUsually = COMMANDS_MIN,
): void {
  const commandsMin = Number(process.env.LATCHKEY_STORE_COMMANDS ?? commandsUsually)
  describe(`pairing store: ${name}`, () => {
    let nowMs = START_MS
    let under: StoreUnderTest

    beforeEach(async () => {
      nowMs = START_MS
      under = await open(() => nowMs)
    })
    afterEach(() => under.dispose())

    test(`answers ${commandsMin.toLocaleString('en')} random commands as the reference model does`, {
      timeout: COMMANDS_TIMEOUT_MS,
    }, async () => {
      let commands = 0
      let run = 0
      const startedMs = performance.now()
      const sameAnswers = fc.asyncProperty(
        fc.array(anyCommand, { minLength: 90, maxLength: 130 }),
        async (script) => {
          const model = new ReferenceModel()
          model.now = nowMs
          const world = new World(run++, under.store, model, contractRules)
          for (const command of script) {
            if (command.op === 'wait') model.now = nowMs += command.waitMs
            const repeated = command.op === 'pair' || command.op === 'register' || command.op === 'rotate'
            for (let time = 0; time < (repeated ? command.times : 1); time++) {
              const [said, expected] = await world.both(command)
              expect(said, `${JSON.stringify(command)} at ${nowMs}`).toEqual(expected)
              commands++
            }
          }
        },
      )
      await fc.assert(sameAnswers, { numRuns: Math.ceil(commandsMin / COMMANDS_PER_SCRIPT) })
      expect(commands).toBeGreaterThanOrEqual(commandsMin)
      const seconds = (performance.now() - startedMs) / 1_000
      console.info(
        `${name}: ${commands} commands in ${seconds.toFixed(1)} s, ${Math.round(commands / seconds)}/s`,
      )
    })

    test('counts 1,000 parallel uses of a code as 1,000 and leaves its expiry alone', async () => {
      const code = codeNamed('AAA-000-001')
      const { store } = under
      await run(store, registerCode({ code, runnerId: runnerNamed('r') }, contractRules))
      nowMs += 5_000
      const use = () => run(store, incrementUsageCount({ code }, contractRules))
      const counts = await Promise.all(Array.from({ length: 1_000 }, use))
      expect(new Set(counts).size).toBe(1_000)
      const answer = await run(store, validateCode({ code }, contractRules))
      expect(answer).toMatchObject({
        ok: true,
        value: { entry: { usedCount: 1_000, expiresAt: START_MS + 86_400_000 } },
      })
    })

    test('gives one code to one of 50 runners that register it at once', async () => {
      const code = codeNamed('AAA-000-002')
      const claim = (_: unknown, index: number) =>
        run(under.store, registerCode({ code, runnerId: runnerNamed(`r${index}`) }, contractRules))
      const answers = await Promise.all(Array.from({ length: 50 }, claim))
      expect(answers.filter((answer) => answer.ok)).toHaveLength(1)
      const kept = await under.store.list('runner')
      expect(kept.filter((runner) => runner.code?.code === code)).toHaveLength(1)
    })

    test.each(oddTexts())('keeps %s as it was given', async (_name, text) => {
      const { store } = under
      const neighbour = { ...unseenRunner(runnerNamed('neighbour')), label: 'untouched' }
      const record = {
        ...unseenRunner(runnerNamed('odd')),
        label: text,
        incarnation: text,
        routeTickets: [text],
      }
      await put(store, 'neighbour', neighbour)
      await put(store, text, record)
      expect(await get(store, text)).toEqual(record)
      expect(await get(store, 'neighbour')).toEqual(neighbour)
      expect(await store.list('runner')).toHaveLength(2)
      await store.run({
        keys: [{ kind: 'runner', id: text }],
        decide: () => ({
          writes: [{ drop: 'runner', id: text }],
          answer: null,
        }),
      })
      expect(await get(store, text)).toBeUndefined()
    })

    test('tells apart ids that differ only in what text formats lose', async () => {
      const ids = [
        'a\u0000b',
        'a\u0000c',
        'a',
        '\ud800',
        '\ud801',
        '\ufffd',
        'A',
        'a ',
        '"a"',
        'é',
        'e\u0301',
      ]
      for (const id of ids) await put(under.store, id, { ...unseenRunner(runnerNamed('x')), label: id })
      for (const id of ids) expect((await get(under.store, id))?.label).toBe(id)
    })

    test('writes nothing of a decision that throws, and works on', async () => {
      const before = { ...unseenRunner(runnerNamed('r')), label: 'before' }
      await put(under.store, 'r', before)
      const broken = under.store.run({
        keys: [{ kind: 'runner', id: 'r' }],
        decide: () => {
          throw new Error('a bug')
        },
      })
      await expect(broken).rejects.toThrow('a bug')
      expect(await get(under.store, 'r')).toEqual(before)
    })

    test('lets a decision that throws fail alone among those that run beside it', async () => {
      const counted = codeNamed('AAA-000-003')
      await run(under.store, registerCode({ code: counted, runnerId: runnerNamed('r') }, contractRules))
      const answers = await Promise.allSettled([
        run(under.store, incrementUsageCount({ code: counted }, contractRules)),
        under.store.run({
          keys: [],
          decide: () => {
            throw new Error('a bug')
          },
        }),
        run(under.store, incrementUsageCount({ code: counted }, contractRules)),
      ])
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    })

    test('refuses a decision that reads what it did not name', async () => {
      const peeking = under.store.run({
        keys: [],
        decide: (view) => ({ writes: [], answer: view.get('runner', 'r') }),
      })
      await expect(peeking).rejects.toThrow('without naming it')
    })

    test('never lets time run backwards', async () => {
      const time = () => under.store.run({ keys: [], decide: (_view, now) => ({ writes: [], answer: now }) })
      const first = await time()
      nowMs -= 600_000
      expect(await time()).toBe(first)
      nowMs += 600_001
      expect(await time()).toBe(first + 1)
    })

    test('keeps the newest successes whatever number of failures comes after', async () => {
      for (let index = 0; index < CONTRACT_HISTORY_KEPT + 5; index++)
        await remember(under.store, entry(index, 'paired'))
      for (let index = 0; index < CONTRACT_HISTORY_KEPT * 5; index++)
        await remember(under.store, entry(100 + index, 'refused'))
      const all = await under.store.history({ limit: 1_000 })
      const successes = all.filter(({ outcome }) => outcome === 'paired')
      expect(successes.map(({ at }) => at - START_MS)).toEqual(
        range(CONTRACT_HISTORY_KEPT).map((n) => CONTRACT_HISTORY_KEPT + 4 - n),
      )
      expect(all).toHaveLength(CONTRACT_HISTORY_KEPT * 2)
    })

    test('finds history by time, runner, outcome and number, the newest first', async () => {
      for (const index of range(10))
        await remember(under.store, entry(index, index % 2 === 0 ? 'paired' : 'refused', `r${index % 3}`))
      const at = async (query: Parameters<PairingStore['history']>[0]) =>
        (await under.store.history(query)).map((found) => found.at - START_MS)
      expect(await at({ limit: 3 })).toEqual([9, 8, 7])
      expect(await at({ limit: 100, sinceMs: START_MS + 7 })).toEqual([9, 8, 7])
      expect(await at({ limit: 100, runnerId: 'r0' })).toEqual([9, 6, 3, 0])
      expect(await at({ limit: 100, outcome: 'refused', runnerId: 'r1' })).toEqual([7, 1])
      expect(await at({ limit: 0 })).toEqual([])
      expect(await at({ limit: 100, sinceMs: START_MS + 2, untilMs: START_MS + 4 })).toEqual([4, 3, 2])
      expect(await at({ limit: 3, skip: 3, untilMs: START_MS + 8 })).toEqual([5, 4, 3])
    })

    test('keeps each success, end and ban in the audit, once, whatever comes after', async () => {
      const { store, audits } = under
      const wanted = ['paired', 'banned', 'unpaired'] as const
      for (const [index, outcome] of wanted.entries()) await remember(store, entry(index, outcome))
      const others = range(CONTRACT_HISTORY_KEPT * 2)
      // A store that keeps no audit of its own says what it still has.
      if (audits)
        for (const index of others) {
          await remember(store, entry(10 + index, 'refused'))
          await remember(store, entry(10 + index, 'paired', 'other'))
        }
      const found = await store.history({ limit: 100, audit: true, untilMs: START_MS + 9 })
      expect(found).toEqual(wanted.map((outcome, index) => entry(index, outcome)).reverse())
      const ofOther = await store.history({ limit: 100, audit: true, runnerId: 'other' })
      expect(ofOther).toHaveLength(audits ? others.length : 0)
      expect(await store.history({ limit: 100, audit: true, outcome: 'refused' })).toEqual([])
      await store.sweep()
      expect(await store.history({ limit: 1, skip: 1, audit: true, runnerId: 'r' })).toEqual([
        entry(1, 'banned'),
      ])
    })

    test('sweeps what is past its time and nothing else', async () => {
      const session = (id: string): AppSession => ({
        appSessionId: appNamed(id),
        runnerId: runnerNamed('r'),
        gen: 0,
        pairedAt: instant(0),
        usedAt: instant(0),
        pid: null,
      })
      const keep = (id: string, sweepAt: number | null) =>
        under.store.run({
          keys: [],
          decide: () => ({
            writes: [
              { put: 'session', id, value: session(id), sweepAt: sweepAt === null ? null : instant(sweepAt) },
            ],
            answer: null,
          }),
        })
      await keep('past', START_MS + 10)
      await keep('later', START_MS + 11)
      await keep('ever', null)
      nowMs += 10
      expect(await under.store.sweep()).toBe(1)
      expect((await under.store.list('session')).map(({ appSessionId }) => appSessionId).sort()).toEqual([
        'ever',
        'later',
      ])
    })

    test('has everything again after it was closed and opened', async () => {
      const { reopen } = under
      // A store without a file says so; what it must do then is refuse, not pretend.
      if (reopen === null) return expectRefusesOnceClosed(under.store)
      const code = codeOf(1, 1)
      await run(under.store, registerCode({ code, runnerId: runnerNamed('r') }, contractRules))
      await run(
        under.store,
        createSession({ appSessionId: appNamed('a'), runnerId: runnerNamed('r') }, contractRules),
      )
      await remember(under.store, entry(0, 'paired'))
      const store = await reopen()
      expect(await run(store, validateCode({ code }, contractRules))).toMatchObject({
        ok: true,
        value: { runnerId: 'r' },
      })
      expect(await run(store, getSession({ appSessionId: appNamed('a') }, contractRules))).toMatchObject({
        runnerId: 'r',
      })
      expect(await store.history({ limit: 10 })).toEqual([entry(0, 'paired')])
    })
  })
}

async function expectRefusesOnceClosed(store: PairingStore): Promise<void> {
  await store.close()
  await expect(get(store, 'r')).rejects.toThrow('closed')
}

const run = <Answer>(store: PairingStore, operation: Operation<Answer>): Promise<Answer> =>
  store.run(operation)

const put = (store: PairingStore, id: string, value: RunnerRecord) =>
  store.run({
    keys: [],
    decide: () => ({ writes: [{ put: 'runner', id, value, sweepAt: null }], answer: null }),
  })

const get = (store: PairingStore, id: string) => store.run(readRecord('runner', id))

const remember = (store: PairingStore, remembered: HistoryEntry) =>
  store.run({ keys: [], decide: () => ({ writes: [], history: [remembered], answer: null }) })

const entry = (afterMs: number, outcome: HistoryEntry['outcome'], runnerId = 'r'): HistoryEntry => ({
  at: instant(START_MS + afterMs),
  appSessionId: 'a',
  runnerId,
  maskedCode: '***-***-***',
  outcome,
  errorCode: shelfOf(outcome) === 'successes' ? null : 'CODE_NOT_FOUND',
  subject: 'address:192.0.2.1',
})

const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index)

/** What drivers have been seen to cut, fold, refuse or die of. */
function oddTexts(): ReadonlyArray<readonly [name: string, text: string]> {
  return [
    ['a NUL in the middle', 'before\u0000after'],
    ['a prototype key', '__proto__'],
    ['a constructor', 'constructor'],
    ['the word true', 'true'],
    ['the word null', 'null'],
    ['digits', '007'],
    ['a lone surrogate', 'x\ud800y'],
    ['an emoji', '\u{1F469}\u200D\u{1F4BB}'],
    ['quotes and SQL', `'"; DROP TABLE pairing_records; --`],
    ['a line break', 'a\r\nb\u2028c'],
    ['a megabyte', 'm'.repeat(1_000_000)],
    ['nothing', ''],
  ]
}
