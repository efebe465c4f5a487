import type { AppFiles } from '@latchkey/connection/app/app-files'
import type { AppLink } from '@latchkey/connection/app/link'
import { printable } from '@latchkey/protocol/printable'
import type { CommandOption, Invocation } from '../command.ts'
import { dataDirOption } from '../data-dir.ts'

/** Of both `send` and `get`. */
export const fileOptions: Readonly<Record<string, CommandOption>> = {
  machine: {
    type: 'string',
    value: 'CODE|LINK|MACHINE',
    help: 'which machine, as for attach; by default the one used last',
  },
  broker: {
    type: 'string',
    value: 'URL',
    help: 'the broker of the machine; by default the one on this machine',
  },
  'allow-unsealed': {
    type: 'boolean',
    help: 'allow a machine that does not seal; the broker can read such a file',
  },
  'data-dir': dataDirOption('where known machines are kept'),
}

/** A terminal of the machine by its name or number; null: of none. A sentence when there is no such terminal. */
export function terminalOf(link: AppLink, wanted: string | undefined): number | null | string {
  const living = link.terminals.current.filter(({ exit }) => exit === null)
  if (wanted === undefined) return living[0]?.terminal ?? null
  const found = living.find(({ name, terminal }) => name === wanted || String(terminal) === wanted)
  if (found !== undefined) return found.terminal
  const names = living.map(({ name }) => printable(name)).join(', ')
  return `There is no terminal "${wanted}" there. ${names === '' ? 'None is open.' : `Open are: ${names}.`}`
}

/** Null when the machine exchanges files with this app. */
export function noFiles(link: AppLink, files: AppFiles): string | null {
  const machine = printable(link.machine.current?.name ?? 'The machine')
  if (!files.isOffered.current)
    return `${machine} exchanges no files: its Latchkey is older, or its owner switched it off.`
  return null
}

/** Shows how far a file has come: a line that is redrawn for a person, an event each second for a program. */
export class Progress {
  readonly #call: Invocation
  readonly #bytes: number
  #toldMs = 0
  #drawn = false

  constructor(call: Invocation, bytes: number) {
    this.#call = call
    this.#bytes = bytes
  }

  at(have: number, waits: boolean): void {
    const nowMs = performance.now()
    if (nowMs - this.#toldMs < 1_000 && !waits) return
    this.#toldMs = nowMs
    this.#call.emit({ event: 'progress', have, bytes: this.#bytes, waits })
    if (!this.#call.manner.live || this.#call.manner.quiet) return
    const percent = this.#bytes === 0 ? 100 : Math.floor((have / this.#bytes) * 100)
    this.#call.pass(
      `\r${percent} %, ${amount(have)} of ${amount(this.#bytes)}${waits ? ', waits for the link' : ''}\u001b[K`,
    )
    this.#drawn = true
  }

  end(): void {
    if (this.#drawn) this.#call.pass('\r\u001b[K')
  }
}

/** "412 KB", "2.4 MB": thousands, as a file manager says it. */
export function amount(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const units = ['KB', 'MB', 'GB', 'TB'] as const
  let value = bytes / 1_000
  let at = 0
  while (value >= 1_000 && at < units.length - 1) {
    value /= 1_000
    at += 1
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[at]}`
}
