/**
 * What must hold, derived from the acknowledged answers alone: it never looks into a record. All times in milliseconds
 * of the store’s clock.
 */

/** The settings a schedule runs under. */
export interface Deadlines {
  readonly leaseMs: number
  readonly instanceLeaseMs: number
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
  /** null when it went to somebody else long after this life seemed over */
  code: string | null
  codeExpiresAt: number
  used: boolean
  /** the broker that holds it; null for one that its own heartbeats hold */
  node: string | null
  /** acknowledged facts of its connection */
  connection: 'there' | 'silent' | 'lost'
  /** by its own heartbeats; means nothing for one that a broker holds */
  ownLeaseUntil: number
  /** its end, once something fixed it */
  endsAt: number | null
}

interface Failures {
  times: number[]
  bannedUntil: number
}

export class Oracle {
  now = 1_700_000_000_000
  readonly lives = new Map<string, KnownLife>()
  /** until when each broker's own lease holds */
  readonly nodes = new Map<string, number>()
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
    return life && this.now < this.endOf(life) ? life : undefined
  }

  isOnline(runner: string): boolean {
    const life = this.life(runner)
    return life?.connection === 'there' && this.now < this.leaseOf(life)
  }

  isInstanceAlive(node: string): boolean {
    return this.now < (this.nodes.get(node) ?? 0)
  }

  renewed(node: string): void {
    this.nodes.set(node, this.now + this.deadlines.instanceLeaseMs)
  }

  isCurrent(runner: string, epoch: number): boolean {
    return this.life(runner)?.epoch === epoch
  }

  codeLives(life: KnownLife): boolean {
    return life.code !== null && (life.used || this.now < life.codeExpiresAt)
  }

  registered(
    runner: string,
    process: string,
    said: { code: string; epoch: number; gen: number; resumed: boolean; expiresAt: number },
    node: string | null,
  ): void {
    const { code, epoch, gen, resumed } = said
    const { leaseMs, codeLifeMs } = this.deadlines
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
      node,
      connection: 'there',
      ownLeaseUntil: this.now + leaseMs,
      endsAt: null,
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
    must(life !== undefined && life.connection !== 'lost', 'I9', `a heartbeat revived ${runner}`)
    if (!life) return
    life.ownLeaseUntil = this.now + this.deadlines.leaseMs
    life.connection = 'there'
    life.endsAt = null
  }

  fellSilent(runner: string): void {
    const life = this.life(runner)
    must(life?.connection === 'there', 'I9', `${runner} fell silent twice`)
    if (!life) return
    life.connection = 'silent'
    life.endsAt = this.now + this.deadlines.graceMs
  }

  lost(runner: string): void {
    const life = this.life(runner)
    must(life !== undefined && life.connection !== 'lost', 'I9', `${runner} was lost twice`)
    if (!life) return
    life.endsAt ??= Math.min(this.now, this.leaseOf(life)) + this.deadlines.graceMs
    life.connection = 'lost'
  }

  ended(runner: string): void {
    const life = this.lives.get(runner)
    if (life) life.endsAt = Math.min(this.endOf(life), this.now)
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

  /** The runner that a code was given to last. */
  hadLast(code: string): string | undefined {
    return this.acked.get(code)?.runner
  }

  /** When something is about to happen, for steps of time that land on it. */
  edges(): number[] {
    const lives = [...this.lives.values()].flatMap((life) => [
      this.endOf(life),
      life.connection === 'there' ? this.leaseOf(life) : this.endOf(life),
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

  private leaseOf({ node, ownLeaseUntil }: KnownLife): number {
    return node === null ? ownLeaseUntil : (this.nodes.get(node) ?? 0)
  }

  private endOf(life: KnownLife): number {
    return life.endsAt ?? this.leaseOf(life) + this.deadlines.graceMs
  }

  private stillHeld(runner: string): void {
    const life = this.life(runner)
    if (life?.code) this.acked.set(life.code, { runner, gen: life.gen, at: this.now })
  }

  private codeGiven(runner: string, gen: number, code: string): void {
    const before = this.acked.get(code)
    must(
      !before || this.now >= before.at + this.deadlines.tombstoneMs,
      'I1',
      `${code} was given to ${runner} while ${before?.runner} had it`,
    )
    this.acked.set(code, { runner, gen, at: this.now })
    // A holder from so long ago has lost it, even if its broker comes back after all.
    for (const [other, life] of this.lives) if (other !== runner && life.code === code) life.code = null
  }
}
