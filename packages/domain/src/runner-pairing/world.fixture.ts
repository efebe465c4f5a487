import type { HistoryEntry } from '../audit/history.ts'
import { assertNever, instant, invariant, later } from '../kernel.ts'
import { appSubjects, runnerSubjects } from '../limits/subjects.ts'
import { type PairingCode, parsePairingCode } from './code.ts'
import { type Pair, pair } from './pair.ts'
import type { Key, Operation, RecordKind, Records, View, Write } from './ports.ts'
import { type AppSessionId, parseAppSessionId, parseRunnerId, type RunnerId } from './records.ts'
import { type Registered, type RegisterRunner, registerRunner } from './register.ts'
import { defaultPairingRules, type PairingRules } from './rules.ts'

/** Records in a map and a hand-cranked clock: enough to follow decisions, nothing of a store. */
export class World {
  now = instant(1_700_000_000_000)
  readonly remembered: HistoryEntry[] = []
  /** how often a decision was shown records */
  looks = 0
  private readonly records: { readonly [K in RecordKind]: Map<string, Records[K]> } = {
    runner: new Map(),
    code: new Map(),
    session: new Map(),
    apps: new Map(),
    budget: new Map(),
    node: new Map(),
    operator: new Map(),
  }

  constructor(readonly rules: PairingRules = defaultPairingRules) {}

  wait(ms: number): void {
    this.now = later(this.now, ms)
  }

  /** Runs one operation as a store would. */
  run<Answer>({ keys, decide }: Operation<Answer>): Answer {
    const named = [...keys]
    for (;;) {
      this.looks++
      const outcome = decide(this.view(named), this.now)
      if ('need' in outcome) {
        named.push(...outcome.need)
        continue
      }
      for (const write of outcome.writes) this.apply(write)
      this.remembered.push(...(outcome.history ?? []))
      return outcome.answer
    }
  }

  /** Reads a record, past all rules. */
  get<K extends RecordKind>(kind: K, id: string): Records[K] | undefined {
    return this.records[kind].get(id)
  }

  /** Registers a runner that the shell believes, with what the test says differently. */
  register(differently: Partial<RegisterRunner> = {}) {
    const runnerId = differently.runnerId ?? runnerNamed('r')
    return this.run(
      registerRunner(
        {
          runnerId,
          proposedCode: codeNamed('AAA-AAA-AAA'),
          incarnation: 'process-1',
          publicKey: null,
          label: 'desk',
          routeTickets: [],
          proof: { secret: true, signature: false },
          subjects: runnerSubjects(runnerId, '192.0.2.1'),
          node: null,
          ...differently,
        },
        this.rules,
      ),
    )
  }

  /** The same, for tests that go on from there. */
  registered(differently: Partial<RegisterRunner> = {}): Registered {
    const answer = this.register(differently)
    invariant(answer.ok, 'the registration was refused')
    return answer.value
  }

  /** An app types a code. */
  type(code: string, app = 'a', differently: Partial<Pair> = {}) {
    const appSessionId = appNamed(app)
    const by = { via: 'code' as const, candidates: [codeNamed(code)] }
    const subjects = appSubjects(app, '192.0.2.9')
    return this.run(
      pair({ appSessionId, by, pid: `pid-${app}`, maskedCode: '***', subjects, ...differently }, this.rules),
    )
  }

  /** The same in one word: who it was paired with, or why not. */
  typed(code: string, app = 'a', differently: Partial<Pair> = {}): string {
    const answer = this.type(code, app, differently)
    return answer.ok ? `paired with ${answer.value.runnerId}` : answer.refusal.code
  }

  private view(named: readonly Key[]): View {
    return {
      has: (kind, id) => named.some((key) => key.kind === kind && key.id === id),
      get: (kind, id) => {
        invariant(
          named.some((key) => key.kind === kind && key.id === id),
          `unnamed: ${kind} ${id}`,
        )
        return this.get(kind, id)
      },
    }
  }

  private apply(write: Write): void {
    if ('drop' in write) {
      this.records[write.drop].delete(write.id)
      return
    }
    switch (write.put) {
      case 'runner':
        return void this.records.runner.set(write.id, write.value)
      case 'code':
        return void this.records.code.set(write.id, write.value)
      case 'session':
        return void this.records.session.set(write.id, write.value)
      case 'apps':
        return void this.records.apps.set(write.id, write.value)
      case 'budget':
        return void this.records.budget.set(write.id, write.value)
      case 'node':
        return void this.records.node.set(write.id, write.value)
      case 'operator':
        return void this.records.operator.set(write.id, write.value)
      default:
        return assertNever(write)
    }
  }
}

export const runnerNamed = (text: string): RunnerId => named(parseRunnerId(text))
export const appNamed = (text: string): AppSessionId => named(parseAppSessionId(text))
export const codeNamed = (text: string): PairingCode => named(parsePairingCode(text))

function named<T>(parsed: T | null): T {
  invariant(parsed !== null, 'a test used a name that is none')
  return parsed
}
