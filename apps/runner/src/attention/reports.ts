import { BoundedMap } from '@latchkey/domain/bounded'
import type { ReportSign } from './signs.ts'

/** So many tasks of one program; one that was not heard of for longest makes room. */
const RECORDS_MAX = 64

/** Which of several tasks says most of what a person wants to know. */
const WEIGHT = { blocked: 4, error: 3, working: 2, done: 1, idle: 0, clear: 0 } as const

/** The records that a program keeps with its terminal by the Program Status Protocol (OSC 7501, revision 0.4). */
export class Reports {
  readonly #records = new BoundedMap<string, ReportSign>(RECORDS_MAX)

  /** A report replaces its record; `clear` removes it, and all below it. */
  note(report: ReportSign): void {
    if (report.state !== 'clear') this.#records.renew(report.id, report)
    else
      for (const id of [...this.#records.keys()])
        if (report.id === '' || id === report.id || id.startsWith(`${report.id}/`)) this.#records.delete(id)
  }

  /** The program has ended: what it had finished stays. */
  programEnded(): void {
    for (const [id, { state }] of [...this.#records])
      if (state !== 'done' && state !== 'error') this.#records.delete(id)
  }

  clear(): void {
    this.#records.clear()
  }

  /** What counts for the terminal: a task that waits for its person, else the program itself, else the weightiest task. */
  get leading(): ReportSign | null {
    const heaviest = [...this.#records.values()].reduce<ReportSign | null>(
      (most, each) => (most === null || WEIGHT[each.state] > WEIGHT[most.state] ? each : most),
      null,
    )
    if (heaviest === null || heaviest.state === 'blocked') return this.#named(heaviest)
    return this.#named(this.#records.get('') ?? heaviest)
  }

  /** A task without a program's name has that of the program. */
  #named(report: ReportSign | null): ReportSign | null {
    if (report === null || report.program !== null) return report
    return { ...report, program: this.#records.get('')?.program ?? null }
  }
}
