import { appSubjects, runnerSubjects } from '@latchkey/domain/limits/subjects'
import { renewInstance } from '@latchkey/domain/runner-pairing/instance-lease'
import type { Operation } from '@latchkey/domain/runner-pairing/ports'
import { defaultPairingRules, type PairingRules } from '@latchkey/domain/runner-pairing/rules'
import { appNamed, codeNamed, codeOf, instanceNamed, runnerNamed } from '../contract/commands.ts'
import { type MemoryPairingStore, memoryPairingStore } from '../memory/pairing.store.ts'
import { generator } from './generator.ts'
import { checkAtRest, checkRecords } from './invariants.ts'
import { must, Oracle, Violation } from './oracle.ts'
import type { Protocol } from './protocol.ts'

declare global {
  /** How far the clock of the broker that is speaking is off: what no decision may look at. Milliseconds. */
  var brokerSkewMs: number
}

/** Many steps find more per schedule, few find the short ones sooner: measured, this finds the seeded faults soonest. */
const STEPS = 40
const RUNNERS = ['r0', 'r1'] as const
const APPS = ['a0', 'a1', 'a2'] as const
const INSTANCES = ['a', 'b'] as const
const ADDRESS = '192.0.2.7'
const SKEWS_MS = [-600_000, 600_000] as const
const { session, address, runner: proposals } = defaultPairingRules.limits

/** The default, one without a grace (the founding documents' letter), and one whose codes age while their runner lives. */
const PROFILES: readonly [PairingRules, ...PairingRules[]] = [
  defaultPairingRules,
  { ...defaultPairingRules, graceMs: 0 },
  { ...defaultPairingRules, codeLifeMs: 20_000, tombstoneMs: 40_000 },
]

interface Connection {
  readonly runner: string
  readonly process: string
  /** the broker it is to; null where runners live by their own heartbeats */
  readonly node: (typeof INSTANCES)[number] | null
  epoch: number | null
}
type Message = () => Promise<void>

/** Explores schedules `first` to `first + count - 1`. Throws a Violation that names the seed to run again. */
export async function explore(protocol: Protocol, first: number, count: number): Promise<void> {
  for (let seed = first; seed < first + count; seed++) {
    try {
      await new Schedule(protocol, seed).run()
    } catch (error) {
      if (error instanceof Violation) error.message += ` (schedule seed ${seed})`
      throw error
    }
  }
}

/** Two runners and three apps at two brokers whose clocks are off; messages arrive in any order, or very late. */
class Schedule {
  private readonly rules: PairingRules
  private readonly oracle: Oracle
  private readonly store: MemoryPairingStore
  /** whether brokers hold runners by leases of their own */
  private readonly byInstances: boolean
  private readonly connections: Connection[] = []
  private readonly inFlight: Message[] = []
  private readonly draw: (below: number) => number
  private processes = 0
  private codes = 0

  constructor(
    private readonly protocol: Protocol,
    seed: number,
  ) {
    this.draw = generator(seed)
    this.rules = this.one(PROFILES)
    this.byInstances = this.draw(2) === 0
    const oracle = new Oracle(this.rules)
    this.oracle = oracle
    this.store = memoryPairingStore({ clock: () => oracle.now })
  }

  async run(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      if (this.inFlight.length === 0 || this.draw(3) === 0) this.act()
      if (this.draw(4) === 0) this.wait()
      if (this.byInstances && this.draw(3) > 0) this.inFlight.push(() => this.renew(this.one(INSTANCES)))
      const [message] = this.inFlight.splice(this.draw(this.inFlight.length), 1)
      await message?.()
      checkRecords(this.store, this.oracle)
      await this.checkAuthority(this.one(APPS))
    }
    await checkAtRest(this.store, this.oracle, RUNNERS, (runner) =>
      this.ask(this.protocol.endIfDue({ runnerId: runnerNamed(runner) }, this.rules)),
    )
  }

  /** Somebody does something; what they send is on its way from now on. */
  private act(): void {
    const runner = this.one(RUNNERS)
    const app = this.one(APPS)
    const connection = this.one(this.connections)
    switch (this.draw(10)) {
      case 0:
        return this.connect(
          runner,
          connection?.runner === runner && this.draw(3) > 0 ? connection.process : `p${this.processes++}`,
        )
      case 1:
        // A process whose link was cut comes back, and the cut is noticed whenever.
        if (!connection) return
        this.inFlight.push(() => this.lose(connection))
        return this.connect(connection.runner, connection.process)
      case 2:
        if (connection?.node && this.draw(2) === 0) {
          this.inFlight.push(() => this.fallSilent(connection))
        } else if (connection) this.inFlight.push(() => this.beat(connection))
        return
      case 3:
        return void (connection && this.inFlight.push(() => this.lose(connection)))
      case 4:
        if (!connection || this.draw(2) > 0) return void this.inFlight.push(() => this.unpair(app))
        return void this.inFlight.push(() => this.goodbye(connection))
      case 5:
        return void (connection && this.inFlight.push(() => this.rotate(connection, this.proposal())))
      case 6:
        return void this.inFlight.push(() => this.endIfDue(runner))
      case 7: {
        const guesses = 3 + this.draw(6)
        for (let guess = 0; guess < guesses; guess++) this.inFlight.push(() => this.pair(app, codeOf(9, 9)))
        return
      }
      default: {
        // What the person reads now may be old by the time it arrives; half of the time it is read at the last moment.
        const read = this.oracle.lives.get(runner)?.code
        const late = this.draw(2) === 0
        return void this.inFlight.push(() =>
          this.pair(app, late ? this.oracle.lives.get(runner)?.code : read),
        )
      }
    }
  }

  private connect(runner: string, process: string): void {
    const node = this.byInstances ? this.one(INSTANCES) : null
    const connection: Connection = { runner, process, node, epoch: null }
    const code = this.proposal()
    this.connections.push(connection)
    this.inFlight.push(() => this.register(connection, code))
  }

  /** Mostly a new code; sometimes one that somebody has or had. */
  private proposal(): ReturnType<typeof codeOf> {
    return codeOf(1, this.draw(4) === 0 && this.codes > 0 ? this.draw(this.codes) : this.codes++)
  }

  private async register(connection: Connection, proposedCode: ReturnType<typeof codeOf>): Promise<void> {
    const { runner, process, node } = connection
    const runnerId = runnerNamed(runner)
    const subjects = runnerSubjects(runner, ADDRESS)
    const limited = this.oracle.banLeft([subjects.self, subjects.address]) > 0
    const before = this.others(runner)
    const answer = await this.ask(
      this.protocol.registerRunner(
        {
          runnerId,
          proposedCode,
          incarnation: process,
          publicKey: null,
          label: runner,
          routeTickets: [],
          proof: { secret: true, signature: false },
          subjects,
          node: node === null ? null : instanceNamed(node),
        },
        this.rules,
      ),
    )
    if (answer.ok) {
      connection.epoch = answer.value.epoch
      this.oracle.registered(runner, process, answer.value, node)
    } else if (answer.refusal.reason === 'duplicate-code') {
      must(!limited, 'I21', `${runner} was evaluated during a ban`)
      this.refusedCode(runner, proposedCode, answer.refusal.isGuess)
    }
    const lapsed = node !== null && !this.oracle.isInstanceAlive(node)
    must(
      lapsed === (!answer.ok && answer.refusal.reason === 'node-lapsed'),
      'I11',
      `broker ${node}, whose lease ${lapsed ? 'is over' : 'holds'}, answered ${runner} otherwise`,
    )
    must(before === this.others(runner), 'I16', `registering ${runner} changed somebody else’s pairings`)
  }

  private async beat({ runner, epoch }: Connection): Promise<void> {
    await this.fenced(runner, epoch, async (command) => {
      const answer = await this.ask(this.protocol.heartbeat(command, this.rules))
      if (answer.ok) this.oracle.beaten(runner)
      return answer.ok
    })
  }

  private async lose({ runner, epoch }: Connection): Promise<void> {
    await this.fenced(runner, epoch, async (command) => {
      const answer = await this.ask(this.protocol.lose(command, this.rules))
      if (answer.ok) this.oracle.lost(runner)
      return answer.ok
    })
  }

  private async fallSilent({ runner, epoch }: Connection): Promise<void> {
    await this.fenced(runner, epoch, async (command) => {
      const answer = await this.ask(this.protocol.fallSilent(command, this.rules))
      if (answer.ok) this.oracle.fellSilent(runner)
      return answer.ok
    })
  }

  private async renew(node: (typeof INSTANCES)[number]): Promise<void> {
    const summary = { host: '', version: '', runners: 0, apps: 0, terminals: 0 }
    const facts = { nodeId: instanceNamed(node), address: null, publicUrl: null, summary }
    await this.ask(renewInstance({ facts }, this.rules))
    this.oracle.renewed(node)
  }

  private async goodbye({ runner, epoch }: Connection): Promise<void> {
    await this.fenced(runner, epoch, async (command) => {
      const answer = await this.ask(this.protocol.sayGoodbye(command, this.rules))
      if (answer.ok) this.oracle.ended(runner)
      return answer.ok
    })
  }

  private async rotate(
    { runner, epoch }: Connection,
    proposedCode: ReturnType<typeof codeOf>,
  ): Promise<void> {
    const subjects = runnerSubjects(runner, ADDRESS)
    await this.fenced(runner, epoch, async (command) => {
      const answer = await this.ask(
        this.protocol.rotateCode({ ...command, proposedCode, subjects }, this.rules),
      )
      if (answer.ok) this.oracle.rotated(runner, answer.value.code)
      else if (answer.refusal.reason === 'duplicate-code')
        this.refusedCode(runner, proposedCode, answer.refusal.isGuess)
      return answer.ok || answer.refusal.reason !== 'stale'
    })
  }

  /** A runner's own code, living or dead, is no guess; another one's is charged. */
  private refusedCode(runner: string, code: string, isGuess: boolean): void {
    must(
      isGuess === (this.oracle.hadLast(code) !== runner),
      'I21',
      `${runner} was charged for ${code}: ${isGuess}`,
    )
    if (!isGuess) return
    const subjects = runnerSubjects(runner, ADDRESS)
    this.oracle.failed([
      [subjects.self, proposals.bansAtFailure, proposals.windowMs, proposals.banMs],
      [subjects.address, address.bansAtFailure, address.windowMs, address.banMs],
    ])
  }

  /** What every event of a connection must keep to: an old one changes nothing, none touches another runner's pairings. */
  private async fenced(
    runner: string,
    epoch: number | null,
    deliver: (command: { runnerId: ReturnType<typeof runnerNamed>; epoch: number }) => Promise<boolean>,
  ): Promise<void> {
    // Its registration was not answered yet: the broker holds the event back until it knows the epoch.
    if (epoch === null) return
    const current = this.oracle.isCurrent(runner, epoch)
    const writes = this.store.writeCount()
    const before = this.others(runner)
    const heard = await deliver({ runnerId: runnerNamed(runner), epoch })
    must(current || !heard, 'I9', `epoch ${epoch} of ${runner} was heard`)
    must(heard || this.store.writeCount() === writes, 'I9', `a stale event of ${runner} wrote something`)
    must(before === this.others(runner), 'I16', `an event of ${runner} changed somebody else’s pairings`)
  }

  private async endIfDue(runner: string): Promise<void> {
    const due = this.oracle.lives.has(runner) && !this.oracle.life(runner)
    const answer = await this.ask(this.protocol.endIfDue({ runnerId: runnerNamed(runner) }, this.rules))
    must(due || answer.status === 'not-due', 'I5', `${runner} was ended before its time`)
    // From now on not even its broker's return brings it back.
    if (answer.status === 'gone') this.oracle.ended(runner)
  }

  private async pair(app: string, code: string | null | undefined): Promise<void> {
    if (!code) return
    const { oracle } = this
    const subjects = appSubjects(app, ADDRESS)
    const banLeft = oracle.banLeft([subjects.self, subjects.address])
    const by = { via: 'code' as const, candidates: [codeNamed(code)] }
    const command = { appSessionId: appNamed(app), by, pid: 'pid', maskedCode: '***', subjects }
    const answer = await this.ask(this.protocol.pair(command, this.rules))
    const refused = answer.ok ? null : answer.refusal
    const limited = refused?.code === 'RATE_LIMITED'
    must(
      limited === banLeft > 0,
      'I21',
      `${app} heard ${refused?.code ?? 'success'} with ${banLeft} ms of its ban left`,
    )
    if (refused?.code === 'RATE_LIMITED') {
      must(
        refused.retryAfterMs === banLeft,
        'I21',
        `${app} was told ${refused.retryAfterMs} ms instead of ${banLeft}`,
      )
      return
    }
    // An aged code may have been given on, while its old holder still shows it.
    const holder = RUNNERS.find((runner) => {
      const held = oracle.life(runner)
      return held?.code === code && oracle.codeLives(held)
    })
    const life = holder === undefined ? undefined : oracle.life(holder)
    const good = holder !== undefined && life !== undefined
    if (answer.ok) {
      must(good && answer.value.runnerId === holder, 'I4', `${code} led ${app} to ${answer.value.runnerId}`)
      must(good && oracle.isOnline(holder), 'I3', `${app} paired with ${holder} while it was away`)
      must(answer.value.gen === life?.gen, 'I12', `${app} was paired with generation ${answer.value.gen}`)
      if (life) life.used = true
      oracle.pairings.set(app, { runner: answer.value.runnerId, gen: answer.value.gen })
      return
    }
    const offline = refused?.code === 'RUNNER_OFFLINE'
    must(
      good === offline && !(good && oracle.isOnline(holder)),
      'I5',
      `${app} heard ${refused?.code} for ${code} of ${holder}`,
    )
    const isKnown = offline || refused?.code === 'CODE_EXPIRED'
    const isOwn = isKnown && oracle.pairings.get(app)?.runner === oracle.hadLast(code)
    must(
      refused === null || !('isGuess' in refused) || refused.isGuess !== isOwn,
      'I21',
      `${app} was charged: ${!isOwn}`,
    )
    if (isOwn) return
    oracle.failed([
      [subjects.self, session.bansAtFailure, session.windowMs, session.banMs],
      [subjects.address, address.bansAtFailure, address.windowMs, address.banMs],
    ])
  }

  private async unpair(app: string): Promise<void> {
    const paired = this.oracle.pairedWith(app)
    const answer = await this.ask(this.protocol.unpair({ appSessionId: appNamed(app) }, this.rules))
    must(answer.runnerId === paired, 'I13', `${app} left ${answer.runnerId} instead of ${paired}`)
    this.oracle.pairings.delete(app)
  }

  private async checkAuthority(app: string): Promise<void> {
    const paired = this.oracle.pairedWith(app)
    const appSessionId = appNamed(app)
    const answer = await this.ask(this.protocol.authorise({ appSessionId }, this.rules))
    const reached = answer.ok ? answer.value.runnerId : null
    const expected = paired !== null && this.oracle.isOnline(paired) ? paired : null
    must(reached === expected, 'I12', `${app} may reach ${reached} instead of ${expected}`)
    const status = await this.ask(this.protocol.pairingStatus({ appSessionId }, this.rules))
    must(
      (status.paired ? status.runnerId : null) === paired,
      'I13',
      `${app} is told of ${JSON.stringify(status)}, not ${paired}`,
    )
  }

  /** One transaction by one of the brokers, whose own clock is off. */
  private async ask<Answer>(operation: Operation<Answer>): Promise<Answer> {
    globalThis.brokerSkewMs = this.one(SKEWS_MS)
    return this.store.run(operation)
  }

  /** Every pairing that is not this runner's, as text. Two registrations of one code may move a dead code, never a pairing. */
  private others(runner: string): string {
    let told = ''
    for (const [app, kept] of this.store.entries('session')) {
      if (kept.runnerId !== runner) told += `${app}:${kept.runnerId}:${kept.gen};`
    }
    for (const [other, kept] of this.store.entries('runner'))
      if (other !== runner) told += `${other}:${kept.gen};`
    return told
  }

  /** Time passes: to the edge of something, just before or just after it, or by any amount. */
  private wait(): void {
    const edges = this.oracle.edges()
    const near = edges[this.draw(edges.length * 2)]
    const by =
      near === undefined ? WAITS_MS[this.draw(WAITS_MS.length)] : near - this.oracle.now + this.draw(3) - 1
    this.oracle.now += Math.max(0, by ?? 0)
  }

  private one<T>(from: readonly [T, ...T[]]): T
  private one<T>(from: readonly T[]): T | undefined
  private one<T>(from: readonly T[]): T | undefined {
    return from[this.draw(from.length)]
  }
}

const WAITS_MS = [0, 1, 1_000, 10_000, 29_999, 30_000, 45_000, 59_999, 60_000, 60_001, 86_400_000] as const
