/**
 * What the pairing store must answer, written a second time as a reader of RELIABILITY 2.9 would: plain tables, no
 * generations of claims, everything looked up afresh. It shares no code with the domain on purpose.
 */

const LEASE = 30_000
const GRACE = 60_000
const DAY = 86_400_000
const IDLE = 30 * DAY

interface Life {
  epoch: number
  gen: number
  process: string | null
  state: 'unseen' | 'on' | 'away' | 'over'
  deadline: number
  code: string | null
}
interface Code {
  owner: string
  bornAt: number
  uses: number
  /** when it stopped working for good */
  diedAt: number | null
}
interface Fails {
  times: number[]
  bannedUntil: number
}

export class ReferenceModel {
  now = 0
  private readonly lives = new Map<string, Life>()
  private readonly codes = new Map<string, Code>()
  private readonly pairs = new Map<string, { runner: string; gen: number; usedAt: number }>()
  private readonly lists = new Map<string, string[]>()
  private readonly fails = new Map<string, Fails>()
  /** lives whose end somebody has heard of */
  private readonly recorded = new Set<Life>()

  register(runner: string, code: string, process: string | null, who: string): unknown {
    this.settle()
    const life = this.lives.get(runner)
    const same =
      life !== undefined &&
      life.state !== 'over' &&
      (process === null
        ? life.process === null && life.code === code && this.codes.get(code)?.diedAt === null
        : life.process === process)
    const next: Life = life ?? { epoch: 0, gen: 0, process, state: 'unseen', deadline: 0, code: null }
    const apps = this.lists.get(runner) ?? []
    const comesOnline = () => {
      next.epoch = Math.max(next.epoch + 1, this.now * 256)
      next.process = process
      next.state = 'on'
      next.deadline = this.now + LEASE
      this.lives.set(runner, next)
    }
    if (same && next.code !== null && this.codes.get(next.code)?.diedAt === null) {
      comesOnline()
      return { code: next.code, epoch: next.epoch, gen: next.gen, resumed: true, formerApps: [] }
    }
    if (this.bannedFor([`runner:${runner}`, `address:${who}`]) > 0) return 'rate-limited'
    if (this.taken(code)) {
      this.proposed(runner, code, who)
      return 'duplicate-code'
    }
    if (!same) {
      if (life && life.state !== 'over') next.gen++
      next.gen++
      this.lists.delete(runner)
    }
    this.takeCode(runner, next, code)
    comesOnline()
    return { code, epoch: next.epoch, gen: next.gen, resumed: same, formerApps: same ? [] : apps }
  }

  beat(runner: string, epoch: number): unknown {
    this.settle()
    const life = this.lives.get(runner)
    if (life?.epoch !== epoch || life.state !== 'on') return 'stale'
    life.deadline = this.now + LEASE
    return life.deadline
  }

  lose(runner: string, epoch: number): unknown {
    this.settle()
    const life = this.lives.get(runner)
    if (life?.epoch !== epoch || life.state !== 'on') return 'stale'
    life.state = 'away'
    life.deadline = Math.min(this.now, life.deadline) + GRACE
    return life.deadline
  }

  goodbye(runner: string, epoch: number): unknown {
    this.settle()
    const life = this.lives.get(runner)
    if (life?.epoch !== epoch || life.state === 'over') return 'stale'
    const apps = this.lists.get(runner) ?? []
    this.end(life, this.now)
    this.recorded.add(life)
    this.lists.delete(runner)
    return apps
  }

  rotate(runner: string, epoch: number, code: string, who: string): unknown {
    this.settle()
    const life = this.lives.get(runner)
    if (life?.epoch !== epoch || life.state !== 'on') return 'stale'
    if (this.bannedFor([`runner:${runner}`]) > 0) return 'rate-limited'
    if (this.taken(code)) {
      this.proposed(runner, code, who)
      return 'duplicate-code'
    }
    this.takeCode(runner, life, code)
    return code
  }

  pair(app: string, code: string, address: string): unknown {
    this.settle()
    const subjects = [`session:${app}`, `address:${address}`]
    const wait = this.bannedFor(subjects)
    if (wait > 0) return ['RATE_LIMITED', wait]
    const found = this.codes.get(code)
    const life = found && this.lives.get(found.owner)
    if (!found || !life || found.diedAt !== null || life.state !== 'on' || this.now >= life.deadline) {
      const isOwn = found !== undefined && this.pairs.get(app)?.runner === found.owner
      if (!isOwn)
        this.fail([
          [`session:${app}`, 6, 60_000],
          [`address:${address}`, 20, 3_600_000],
        ])
      if (!found) return 'CODE_NOT_FOUND'
      return found.diedAt === null ? 'RUNNER_OFFLINE' : 'CODE_EXPIRED'
    }
    found.uses++
    this.join(app, found.owner, life.gen)
    return [found.owner, life.gen]
  }

  unpair(app: string): unknown {
    this.settle()
    const was = this.paired(app)
    const session = this.pairs.get(app)
    if (session) this.leave(app, session.runner)
    this.pairs.delete(app)
    return was
  }

  status(app: string): unknown {
    this.settle()
    const runner = this.paired(app)
    const session = this.pairs.get(app)
    if (runner === null || !session) return null
    if (this.now - session.usedAt >= 3_600_000) session.usedAt = this.now
    return [runner, this.online(runner)]
  }

  online(runner: string): boolean {
    this.settle()
    const life = this.lives.get(runner)
    return life?.state === 'on' && this.now < life.deadline
  }

  /** The apps that have not been told yet that their runner ended; null while nothing is due. */
  endIfDue(runner: string): unknown {
    this.settle()
    const life = this.lives.get(runner)
    if (life?.state !== 'over' || this.recorded.has(life)) return null
    const apps = this.lists.get(runner) ?? []
    this.lists.delete(runner)
    this.recorded.add(life)
    return apps
  }

  // the founding operations

  registerCode(code: string, runner: string): unknown {
    this.settle()
    if (this.taken(code)) return 'DUPLICATE_CODE'
    this.takeCode(runner, this.wake(runner), code)
    return null
  }

  validate(code: string): unknown {
    this.settle()
    const found = this.codes.get(code)
    if (!found) return 'CODE_NOT_FOUND'
    return found.diedAt === null
      ? { runner: found.owner, uses: found.uses, expiresAt: found.bornAt + DAY }
      : 'CODE_EXPIRED'
  }

  invalidate(code: string): void {
    this.settle()
    const found = this.codes.get(code)
    if (!found || found.diedAt !== null) return
    this.codes.delete(code)
    const life = this.lives.get(found.owner)
    if (life) life.code = null
  }

  findCode(runner: string): unknown {
    this.settle()
    const code = this.lives.get(runner)?.code ?? null
    return code !== null && this.codes.get(code)?.diedAt === null ? code : null
  }

  use(code: string): unknown {
    this.settle()
    const found = this.codes.get(code)
    return found?.diedAt === null ? ++found.uses : null
  }

  createSession(app: string, runner: string): void {
    this.settle()
    this.join(app, runner, this.wake(runner).gen)
  }

  session(app: string): unknown {
    this.settle()
    return this.paired(app)
  }

  removeSession(app: string): void {
    this.settle()
    const session = this.pairs.get(app)
    if (session) this.leave(app, session.runner)
    this.pairs.delete(app)
  }

  apps(runner: string): unknown {
    this.settle()
    return this.lives.get(runner)?.state === 'over' ? [] : (this.lists.get(runner) ?? [])
  }

  heartbeat(runner: string): void {
    this.settle()
    const life = this.wake(runner)
    life.state = 'on'
    life.deadline = this.now + LEASE
  }

  removeAll(runner: string): unknown {
    this.settle()
    const life = this.lives.get(runner)
    const apps = this.lists.get(runner) ?? []
    if (life) life.gen++
    this.lists.delete(runner)
    for (const app of apps) this.pairs.delete(app)
    return apps
  }

  /** Everything that time alone has brought about. */
  private settle(): void {
    for (const life of this.lives.values()) {
      const code = life.code === null ? undefined : this.codes.get(life.code)
      if (code?.diedAt === null && code.uses === 0 && this.now >= code.bornAt + DAY)
        code.diedAt = code.bornAt + DAY
      const due = life.state === 'on' ? life.deadline + GRACE : life.state === 'away' ? life.deadline : null
      if (due !== null && this.now >= due) this.end(life, due)
    }
    for (const [text, code] of this.codes) {
      if (code.diedAt === null || this.now < code.diedAt + DAY) continue
      this.codes.delete(text)
      const life = this.lives.get(code.owner)
      if (life?.code === text) life.code = null
    }
  }

  private end(life: Life, at: number): void {
    life.state = 'over'
    this.recorded.delete(life)
    life.gen++
    const code = life.code === null ? undefined : this.codes.get(life.code)
    if (code) code.diedAt = Math.min(code.diedAt ?? at, at)
    life.code = null
  }

  private wake(runner: string): Life {
    const life = this.lives.get(runner) ?? {
      epoch: 0,
      gen: 0,
      process: null,
      state: 'unseen' as const,
      deadline: 0,
      code: null,
    }
    if (life.state === 'over') {
      life.state = 'unseen'
      this.lists.delete(runner)
    }
    this.lives.set(runner, life)
    return life
  }

  /** Another runner's code is a guess, the runner's own is not. */
  private proposed(runner: string, code: string, who: string): void {
    if (this.codes.get(code)?.owner === runner) return
    this.fail([
      [`runner:${runner}`, 4, 3_600_000],
      [`address:${who}`, 20, 3_600_000],
    ])
  }

  private taken = (code: string): boolean => this.codes.has(code)

  private takeCode(runner: string, life: Life, code: string): void {
    const old = life.code === null ? undefined : this.codes.get(life.code)
    if (old) old.diedAt ??= this.now
    this.codes.set(code, { owner: runner, bornAt: this.now, uses: 0, diedAt: null })
    life.code = code
  }

  private paired(app: string): string | null {
    const session = this.pairs.get(app)
    const life = session && this.lives.get(session.runner)
    const good =
      session && life && life.state !== 'over' && life.gen === session.gen && this.now < session.usedAt + IDLE
    return good ? session.runner : null
  }

  private join(app: string, runner: string, gen: number): void {
    const before = this.pairs.get(app)
    if (before) this.leave(app, before.runner)
    this.pairs.set(app, { runner, gen, usedAt: this.now })
    this.lists.set(runner, [...(this.lists.get(runner) ?? []).filter((other) => other !== app), app])
  }

  private leave(app: string, runner: string): void {
    const list = this.lists.get(runner)
    if (list)
      this.lists.set(
        runner,
        list.filter((other) => other !== app),
      )
  }

  private bannedFor(subjects: readonly string[]): number {
    return Math.max(...subjects.map((subject) => (this.fails.get(subject)?.bannedUntil ?? 0) - this.now), 0)
  }

  private fail(charged: ReadonlyArray<readonly [subject: string, last: number, windowMs: number]>): void {
    for (const [subject, last, windowMs] of charged) {
      const fails = this.fails.get(subject) ?? { times: [], bannedUntil: 0 }
      fails.times = [...fails.times.filter((at) => at > this.now - windowMs), this.now]
      if (fails.times.length >= last) {
        fails.times = []
        fails.bannedUntil = this.now + (subject.startsWith('session') ? 300_000 : 3_600_000)
      }
      this.fails.set(subject, fails)
    }
  }
}
