import { subject } from '@latchkey/connection/observable'
import { entriesIn, keep, kept } from '../../kept.ts'

/** How a person writes in a terminal: at the keys, each of which is sent at once, or line by line in the compose field. */
export type InputMode = 'keys' | 'line'
type Modes = ReadonlyMap<string, InputMode>

const KEPT_AS = 'input-modes'
/** More terminals than a person comes back to. */
const MODES_MAX = 100

/** The mode of each terminal for which one was chosen, the newest last. Remembered by this browser. */
export const modes = subject<Modes>(readModes(kept(KEPT_AS)))

/** The modes in a kept text; an entry that is none is passed over. */
export function readModes(text: string | null): Modes {
  const entries = [...(entriesIn(text) ?? [])]
  return new Map(
    entries.flatMap(([terminal, mode]) =>
      mode === 'keys' || mode === 'line' ? [[terminal, mode] as const] : [],
    ),
  )
}

/** The same with the mode of one terminal, and without the oldest that are too many. */
export function withMode(all: Modes, terminal: string, mode: InputMode): Modes {
  const others = [...all].filter(([name]) => name !== terminal)
  return new Map([...others.slice(1 - MODES_MAX), [terminal, mode]])
}

/** Names a terminal of a machine; in front of an agent it is remembered for itself, since a shell starts the agent. */
export const modeName = (runnerId: string, terminal: number, forAgent: boolean): string =>
  `${runnerId}.${terminal}${forAgent ? '.agent' : ''}`

/** A person chose this mode for this terminal. */
export function rememberMode(name: string, mode: InputMode): void {
  if (modes.current.get(name) === mode) return
  modes.set(withMode(modes.current, name, mode))
  keep(KEPT_AS, JSON.stringify(Object.fromEntries(modes.current)))
}
