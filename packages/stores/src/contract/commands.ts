import { appSubjects, runnerSubjects } from '@latchkey/domain/limits/subjects'
import { type PairingCode, parsePairingCode } from '@latchkey/domain/runner-pairing/code'
import * as codes from '@latchkey/domain/runner-pairing/founding-codes'
import * as sessions from '@latchkey/domain/runner-pairing/founding-sessions'
import { pair } from '@latchkey/domain/runner-pairing/pair'
import { pairingStatus, unpair } from '@latchkey/domain/runner-pairing/pairing-session'
import type { Operation, PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { endIfDue, heartbeat, lose, sayGoodbye } from '@latchkey/domain/runner-pairing/presence'
import {
  type AppSessionId,
  type InstanceId,
  parseAppSessionId,
  parseInstanceId,
  parseRunnerId,
  type RunnerId,
} from '@latchkey/domain/runner-pairing/records'
import { registerRunner, rotateCode } from '@latchkey/domain/runner-pairing/register'
import { defaultPairingRules, type PairingRules } from '@latchkey/domain/runner-pairing/rules'
import fc from 'fast-check'
import type { ReferenceModel } from './reference-model.ts'

/** Budgets that many apps share by all runs of a suite, which are no attack. */
export const contractRules: PairingRules = {
  ...defaultPairingRules,
  limits: {
    ...defaultPairingRules.limits,
    broker: { ...defaultPairingRules.limits.broker, bansAtFailure: 1_000_000_000 },
    newcomers: { ...defaultPairingRules.limits.newcomers, bansAtFailure: 1_000_000_000 },
  },
}

/** Every operation of the store, the last one being the passing of time. */
const OPERATIONS = [
  'register',
  'register',
  'beat',
  'lose',
  'goodbye',
  'endIfDue',
  'rotate',
  'pair',
  'pair',
  'pair',
  'unpair',
  'status',
  'registerCode',
  'validate',
  'invalidate',
  'findCode',
  'use',
  'createSession',
  'session',
  'removeSession',
  'apps',
  'online',
  'heartbeat',
  'removeAll',
  'wait',
  'wait',
  'wait',
] as const

/** Around every deadline there is: half of all mistakes are one millisecond wide. */
const WAITS_MS = [
  0, 1, 999, 10_000, 29_999, 30_000, 30_001, 59_999, 60_000, 60_001, 89_999, 90_000, 90_001, 299_999, 300_000,
  300_001, 3_599_999, 3_600_000, 86_399_999, 86_400_000, 86_400_001, 2_592_000_000,
]

/** One random command: an operation and what it may need, by index. */
export const anyCommand = fc.record({
  op: fc.constantFrom(...OPERATIONS),
  runner: fc.nat({ max: 2 }),
  app: fc.nat({ max: 3 }),
  code: fc.nat({ max: 6 }),
  process: fc.constantFrom(null, 'p0', 'p1'),
  address: fc.nat({ max: 1 }),
  /** how many connections ago; 0 is the current one */
  epochsAgo: fc.constantFrom(0, 0, 0, 0, 1, 2),
  /** an app pipelines this many attempts, a runner as many proposals */
  times: fc.constantFrom(1, 1, 1, 1, 5, 7),
  waitMs: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...WAITS_MS.slice(0, 13)) },
    fc.constantFrom(...WAITS_MS),
  ),
})
export type Command = typeof anyCommand extends fc.Arbitrary<infer C> ? C : never

/** One run's world: its own runners, apps, codes and addresses, so that runs may share a store. */
export class World {
  private readonly epochs = new Map<string, number[]>()

  constructor(
    private readonly run: number,
    private readonly store: PairingStore,
    private readonly model: ReferenceModel,
    private readonly rules: PairingRules,
  ) {}

  /** Does one command on both. Answers what store and model said, in the same words. */
  async both(command: Command): Promise<readonly [store: unknown, model: unknown]> {
    const { model, rules } = this
    const runnerId = runnerNamed(`run${this.run}-r${command.runner}`)
    const appSessionId = appNamed(`run${this.run}-a${command.app}`)
    const code = codeOf(this.run, command.code)
    const address = `10.${(this.run >> 8) & 255}.${this.run & 255}.${command.address}`
    const epoch = this.epochs.get(runnerId)?.at(-1 - command.epochsAgo) ?? -1
    switch (command.op) {
      case 'wait':
        return [null, null]
      case 'register': {
        const answer = await this.ask(
          registerRunner(
            {
              runnerId,
              proposedCode: code,
              incarnation: command.process,
              publicKey: null,
              label: '',
              routeTickets: [],
              proof: { secret: true, signature: false },
              subjects: runnerSubjects(runnerId, address),
              node: null,
            },
            rules,
          ),
        )
        if (answer.ok) this.epochs.set(runnerId, [...(this.epochs.get(runnerId) ?? []), answer.value.epoch])
        const said = answer.ok
          ? only(answer.value, ['code', 'epoch', 'gen', 'resumed', 'formerApps'])
          : answer.refusal.reason
        return [said, model.register(runnerId, code, command.process, address)]
      }
      case 'beat': {
        const answer = await this.ask(heartbeat({ runnerId, epoch }, rules))
        return [answer.ok ? answer.value.leaseUntil : 'stale', model.beat(runnerId, epoch)]
      }
      case 'lose': {
        const answer = await this.ask(lose({ runnerId, epoch }, rules))
        const until = answer.ok && (answer.value.status === 'suspended' ? answer.value.until : 'gone')
        return [answer.ok ? until : 'stale', model.lose(runnerId, epoch)]
      }
      case 'goodbye': {
        const answer = await this.ask(sayGoodbye({ runnerId, epoch }, rules))
        return [answer.ok ? answer.value.formerApps : 'stale', model.goodbye(runnerId, epoch)]
      }
      case 'endIfDue': {
        const answer = await this.ask(endIfDue({ runnerId }, rules))
        return [answer.status === 'gone' ? answer.formerApps : null, model.endIfDue(runnerId)]
      }
      case 'rotate': {
        const subjects = runnerSubjects(runnerId, address)
        const answer = await this.ask(rotateCode({ runnerId, epoch, proposedCode: code, subjects }, rules))
        return [
          answer.ok ? answer.value.code : answer.refusal.reason,
          model.rotate(runnerId, epoch, code, address),
        ]
      }
      case 'pair': {
        const by = { via: 'code' as const, candidates: [code] }
        const subjects = appSubjects(appSessionId, address)
        const answer = await this.ask(
          pair({ appSessionId, by, pid: 'pid', maskedCode: '***', subjects }, rules),
        )
        if (answer.ok)
          return [[answer.value.runnerId, answer.value.gen], model.pair(appSessionId, code, address)]
        const { refusal } = answer
        const said = refusal.code === 'RATE_LIMITED' ? [refusal.code, refusal.retryAfterMs] : refusal.code
        return [said, model.pair(appSessionId, code, address)]
      }
      case 'unpair':
        return [(await this.ask(unpair({ appSessionId }, rules))).runnerId, model.unpair(appSessionId)]
      case 'status': {
        const answer = await this.ask(pairingStatus({ appSessionId }, rules))
        return [answer.paired ? [answer.runnerId, answer.runnerOnline] : null, model.status(appSessionId)]
      }
      case 'registerCode': {
        const answer = await this.ask(codes.registerCode({ code, runnerId }, rules))
        return [answer.ok ? null : answer.refusal.code, model.registerCode(code, runnerId)]
      }
      case 'validate': {
        const answer = await this.ask(codes.validateCode({ code }, rules))
        if (!answer.ok) return [answer.refusal.code, model.validate(code)]
        const { runnerId: runner, usedCount: uses, expiresAt } = answer.value.entry
        return [{ runner, uses, expiresAt }, model.validate(code)]
      }
      case 'invalidate':
        return [await this.ask(codes.invalidateCode({ code }, rules)), model.invalidate(code) ?? null]
      case 'findCode':
        return [await this.ask(codes.findCodeByRunnerId({ runnerId }, rules)), model.findCode(runnerId)]
      case 'use':
        return [await this.ask(codes.incrementUsageCount({ code }, rules)), model.use(code)]
      case 'createSession':
        return [
          await this.ask(sessions.createSession({ appSessionId, runnerId }, rules)),
          model.createSession(appSessionId, runnerId) ?? null,
        ]
      case 'session':
        return [
          (await this.ask(sessions.getSession({ appSessionId }, rules)))?.runnerId ?? null,
          model.session(appSessionId),
        ]
      case 'removeSession':
        return [
          await this.ask(sessions.removeSession({ appSessionId })),
          model.removeSession(appSessionId) ?? null,
        ]
      case 'apps':
        return [await this.ask(sessions.getAppsByRunnerId({ runnerId }, rules)), model.apps(runnerId)]
      case 'online':
        return [await this.ask(sessions.isRunnerOnline({ runnerId })), model.online(runnerId)]
      case 'heartbeat':
        return [
          await this.ask(sessions.updateHeartbeat({ runnerId }, rules)),
          model.heartbeat(runnerId) ?? null,
        ]
      case 'removeAll':
        return [
          await this.ask(sessions.removeAllSessionsForRunner({ runnerId }, rules)),
          model.removeAll(runnerId),
        ]
    }
  }

  private ask<Answer>(operation: Operation<Answer>): Promise<Answer> {
    return this.store.run(operation)
  }
}

/** Test names are right by construction; the parsers stay the only way in. */
export const runnerNamed = (text: string): RunnerId => parseRunnerId(text) ?? fail(text)
export const appNamed = (text: string): AppSessionId => parseAppSessionId(text) ?? fail(text)
/** A broker process, by one hex digit. */
export const instanceNamed = (digit: string): InstanceId => parseInstanceId(digit.repeat(32)) ?? fail(digit)
export const codeNamed = (text: string): PairingCode => parsePairingCode(text) ?? fail(text)

/** The `index`th code of a run. */
export function codeOf(run: number, index: number): PairingCode {
  const text = (run * 100 + index).toString(36).toUpperCase().padStart(9, '0')
  return codeNamed(`${text.slice(0, 3)}-${text.slice(3, 6)}-${text.slice(6)}`)
}

function fail(text: string): never {
  throw new Error(`not a name: ${text}`)
}

function only<T, K extends keyof T>(value: T, names: readonly K[]): Partial<T> {
  const picked: Partial<T> = {}
  for (const name of names) picked[name] = value[name]
  return picked
}
