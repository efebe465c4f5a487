/**
 * What must be true, from what was acknowledged alone: it never looks into a record. All times in milliseconds of the
 * store's clock.
 */

/** The settings a schedule runs under. */
export interface Deadlines {
  readonly leaseMs: number
  readonly graceMs: number
  readonly codeLifeMs: number
  readonly tombstoneMs: number
}

/** A violated invariant of RELIABILITY.md 3, by its number. */
export class Violation extends Error {}

export function must(holds: boolean, invariant: string, told: string): void {
  if (!holds) throw new Violation(`${invariant}: ${told}`)
}

export interface KnownLife {
  process: string
  epoch: number
  gen: number
  code: string
  codeExpiresAt: number
  used: boolean
  /** the lease, or null once its loss was acknowledged */
  leaseUntil: number | null
  endsAt: number
}

interface Failures {
  times: number[]
  bannedUntil: number
}

export class Oracle {
  now = 1_700_000_000_000
  readonly lives = new Map<string, KnownLife>()
  readonly pairings = new Map<string, { readonly runner: string; readonly gen: number }>()
  private readonly epochs = new Map<string, number>()
  private readonly gens = new Map<string, number>()
  private readonly acked = new Map<
    string,
    { readonly runner: string; readonly gen: number; readonly at: number }
  >()
  private readonly failures = new Map<string, Failures>()

  constructor(readonly deadlines: Deadlines) {}

  /** Its life as it stands now; undefined when it never was or is over. */
  life(runner: string): KnownLife | undefined {
    const life = this.lives.get(runner)
    return life && this.now < life.endsAt ? life : undefined
  }

  isOnline(runner: string): boolean {
    const leaseUntil = this.life(runner)?.leaseUntil ?? null
    return leaseUntil !== null && this.now < leaseUntil
  }

  isCurrent(runner: string, epoch: number): boolean {
    return this.life(runner)?.epoch === epoch
  }

  codeLives(life: KnownLife): boolean {
    return life.used || this.now < life.codeExpiresAt
  }

  registered(
    runner: string,
    process: string,
    said: { code: string; epoch: number; gen: number; resumed: boolean; expiresAt: number },
  ): void {
    const { code, epoch, gen, resumed } = said
    const { leaseMs, graceMs, codeLifeMs } = this.deadlines
    const before = this.life(runner)
    must(epoch > (this.epochs.get(runner) ?? -1), 'I8', `epoch ${epoch} of ${runner} did not grow`)
    must(
      resumed === (before?.process === process),
      'I7',
      `${runner} resumed: ${resumed}, as ${process} after ${before?.process}`,
    )
    must(
      resumed ? gen === before?.gen : gen > (this.gens.get(runner) ?? -1),
      'I7',
      `${runner} came with generation ${gen}`,
    )
    const kept = resumed && before !== undefined && this.codeLives(before)
    must(!kept || code === before.code, 'I7', `${runner} lost its code on return`)
    this.epochs.set(runner, epoch)
    this.gens.set(runner, gen)
    this.lives.set(runner, {
      process,
      epoch,
      gen,
      code,
      codeExpiresAt: kept ? before.codeExpiresAt : this.now + codeLifeMs,
      used: kept ? before.used : false,
      leaseUntil: this.now + leaseMs,
      endsAt: this.now + leaseMs + graceMs,
    })
    if (kept) this.stillHeld(runner)
    else this.codeGiven(runner, gen, code)
  }

  rotated(runner: string, code: string): void {
    const life = this.life(runner)
    must(life !== undefined, 'I9', `${runner} rotated the code of a life that is over`)
    if (!life) return
    life.code = code
    life.codeExpiresAt = this.now + this.deadlines.codeLifeMs
    life.used = false
    this.codeGiven(runner, life.gen, code)
  }

  beaten(runner: string): void {
    const life = this.life(runner)
    must(life?.leaseUntil != null, 'I9', `a heartbeat revived ${runner}`)
    if (!life) return
    life.leaseUntil = this.now + this.deadlines.leaseMs
    life.endsAt = life.leaseUntil + this.deadlines.graceMs
  }

  lost(runner: string): void {
    const life = this.life(runner)
    must(life?.leaseUntil != null, 'I9', `${runner} was lost twice`)
    if (!life) return
    life.endsAt = Math.min(this.now, life.leaseUntil ?? this.now) + this.deadlines.graceMs
    life.leaseUntil = null
  }

  ended(runner: string): void {
    const life = this.lives.get(runner)
    if (life) life.endsAt = Math.min(life.endsAt, this.now)
  }

  /** Milliseconds that the app must still wait, by the failures that were answered. */
  banLeft(subjects: readonly string[]): number {
    return Math.max(
      0,
      ...subjects.map((subject) => (this.failures.get(subject)?.bannedUntil ?? 0) - this.now),
    )
  }

  failed(
    limits: ReadonlyArray<readonly [subject: string, bansAt: number, windowMs: number, banMs: number]>,
  ): void {
    for (const [subject, bansAt, windowMs, banMs] of limits) {
      const known = this.failures.get(subject) ?? { times: [], bannedUntil: 0 }
      known.times = [...known.times.filter((at) => at > this.now - windowMs), this.now]
      if (known.times.length >= bansAt) {
        known.times = []
        known.bannedUntil = this.now + banMs
      }
      this.failures.set(subject, known)
    }
  }

  /** When something is about to happen, for steps of time that land on it. */
  edges(): number[] {
    const lives = [...this.lives.values()].flatMap((life) => [
      life.endsAt,
      life.leaseUntil ?? life.endsAt,
      life.codeExpiresAt,
    ])
    return [...lives, ...[...this.failures.values()].map(({ bannedUntil }) => bannedUntil)].filter(
      (at) => at > this.now,
    )
  }

  /** The runner this app may reach, online or not. */
  pairedWith(app: string): string | null {
    const pairing = this.pairings.get(app)
    return pairing && this.life(pairing.runner)?.gen === pairing.gen ? pairing.runner : null
  }

  private stillHeld(runner: string): void {
    const life = this.life(runner)
    if (life) this.acked.set(life.code, { runner, gen: life.gen, at: this.now })
  }

  private codeGiven(runner: string, gen: number, code: string): void {
    const before = this.acked.get(code)
    must(
      !before || this.now >= before.at + this.deadlines.tombstoneMs,
      'I1',
      `${code} was given to ${runner} while ${before?.runner} had it`,
    )
    this.acked.set(code, { runner, gen, at: this.now })
  }
}
