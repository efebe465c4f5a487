import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const PAGE = fileURLToPath(new URL('../../docs/faults.md', import.meta.url))
const TABLE = /(<!-- figures: [^>]*-->\n)[\s\S]*?(\n<!-- end of figures -->)/

/** `LATCHKEY_FAULTS=full`: faults as long and as many as the targets say, and the figures go into docs/faults.md. */
export const isFull = process.env['LATCHKEY_FAULTS'] === 'full'

interface Figure {
  readonly fault: string
  readonly what: string
  readonly figure: string
  readonly target: string
}

/** Measurements taken during faults. */
export class Figures {
  readonly #figures: Figure[] = []

  note(fault: string, what: string, figure: string | number, target: string): void {
    this.#figures.push({ fault, what, figure: String(figure), target })
  }

  /** Writes the document after a full run, else prints the figures. */
  publish(): void {
    const rows = this.#figures.map(
      ({ fault, what, figure, target }) => `| ${fault} | ${what} | ${figure} | ${target} |`,
    )
    const table = ['| fault | measured | figure | target |', '|---|---|---|---|', ...rows].join('\n')
    if (isFull) writeFileSync(PAGE, readFileSync(PAGE, 'utf8').replace(TABLE, `$1\n${table}\n$2`))
    else console.info(table)
  }
}

/** The value that a share of all values do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0
}

export const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
export const inMs = (ms: number): string => `${Math.round(ms)} ms`
